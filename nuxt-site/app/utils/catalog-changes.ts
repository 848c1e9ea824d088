/** Each change of the catalogue gives a new state that starts from the first page. */
import { emptyState } from './catalog-query'
import type { CatalogState, Currency, FlagFilter, MultiFilter, Range, RangeFilter } from './catalog-query'

/** What depends on a filter is dropped with it: no make, no models. */
const DEPENDENTS: Partial<Record<MultiFilter, MultiFilter[]>> = {
  make: ['model', 'generation'],
  model: ['generation'],
  oblast: ['city'],
}

function fromStart(state: CatalogState, part: Partial<CatalogState>): CatalogState {
  return { ...state, ...part, page: 1, lastPage: 1 }
}

export function withToggled(state: CatalogState, filter: MultiFilter, value: string): CatalogState {
  const chosen = state.multi[filter]
  const removed = chosen.includes(value)
  const multi = { ...state.multi, [filter]: removed ? chosen.filter(one => one !== value) : [...chosen, value] }
  if (removed) for (const dependent of DEPENDENTS[filter] ?? []) multi[dependent] = []
  return fromStart(state, { multi })
}

export function withRange(state: CatalogState, filter: RangeFilter, range: Range): CatalogState {
  return fromStart(state, { ranges: { ...state.ranges, [filter]: range } })
}

export function withFlag(state: CatalogState, filter: FlagFilter, on: boolean): CatalogState {
  return fromStart(state, { flags: { ...state.flags, [filter]: on } })
}

/** Another currency makes the old borders of the price meaningless. */
export function withCurrency(state: CatalogState, currency: Currency): CatalogState {
  return fromStart(state, { currency, ranges: { ...state.ranges, price: { min: null, max: null } } })
}

export function withValue(state: CatalogState, part: Partial<Pick<CatalogState, 'q' | 'sort' | 'ownersMax'>>): CatalogState {
  return fromStart(state, part)
}

export function withPage(state: CatalogState, page: number): CatalogState {
  return { ...state, page, lastPage: page }
}

export function withMore(state: CatalogState): CatalogState {
  return { ...state, lastPage: state.lastPage + 1 }
}

/** Removes every filter; the order and the currency that the reader chose stay. */
export function withoutFilters(state: CatalogState): CatalogState {
  return { ...emptyState(), sort: state.sort, currency: state.currency }
}
