import type { Messages } from '~/locales/ru'
import type { CatalogState } from './catalog-query'
import { parseState, toHref } from './catalog-query'

export interface QuickFilter {
  label: string
  href: string
  state: CatalogState
}

/** What people ask for most, one touch away. */
export function quickFilters(t: Messages): QuickFilter[] {
  const words = t.catalog.quickFilters
  const choices: [string, Parameters<typeof parseState>[0]][] = [
    [words.suv, { body: ['suv', 'crossover'] }],
    [words.cheap, { price_max: '30000' }],
    [words.automatic, { gearbox: ['automatic', 'robot', 'cvt'] }],
    [words.fresh, { year_min: '2021' }],
    [words.electric, { fuel: 'electric' }],
    [words.leasing, { leasing: 'true' }],
  ]
  return choices.map(([label, query]) => {
    const state = parseState(query)
    return { label, state, href: toHref(state) }
  })
}
