import type { Messages } from '~/locales/ru'
import type { CatalogReference } from './catalog-reference'
import type { CatalogState, Range, RangeFilter } from './catalog-query'
import { withFlag, withRange, withToggled, withValue } from './catalog-changes'
import { FLAG_FILTERS, MULTI_FILTERS, RANGE_FILTERS } from './catalog-query'
import { filterLabel } from './catalog-reference'
import { formatNumber } from './format'

export interface Chip {
  key: string
  label: string
  /** The state without this filter. */
  without: CatalogState
}

function rangeText(filter: RangeFilter, range: Range, state: CatalogState, t: Messages): string {
  const number = (value: number): string => filter === 'year' ? String(value) : formatNumber(value)
  const borders = [
    range.min === null ? '' : `${t.catalog.from} ${number(range.min)}`,
    range.max === null ? '' : `${t.catalog.to} ${number(range.max)}`,
  ].filter(Boolean).join(' ')
  return filter === 'price' ? `${borders} ${state.currency}` : `${t.catalog.groups[filter]}: ${borders}`
}

/** The chosen filters as words that can be taken away one by one. */
export function catalogChips(state: CatalogState, reference: CatalogReference, t: Messages): Chip[] {
  const chips: Chip[] = []
  if (state.q) chips.push({ key: 'q', label: `«${state.q}»`, without: withValue(state, { q: '' }) })
  for (const filter of MULTI_FILTERS) {
    for (const value of state.multi[filter]) {
      chips.push({ key: `${filter}:${value}`, label: filterLabel(reference, filter, value), without: withToggled(state, filter, value) })
    }
  }
  for (const filter of RANGE_FILTERS) {
    const range = state.ranges[filter]
    if (range.min === null && range.max === null) continue
    chips.push({ key: filter, label: rangeText(filter, range, state, t), without: withRange(state, filter, { min: null, max: null }) })
  }
  for (const filter of FLAG_FILTERS) {
    if (state.flags[filter]) chips.push({ key: filter, label: t.catalog.options[filter], without: withFlag(state, filter, false) })
  }
  if (state.ownersMax !== null) {
    chips.push({ key: 'owners_max', label: t.catalog.owners(state.ownersMax), without: withValue(state, { ownersMax: null }) })
  }
  return chips
}
