/** The state of the catalogue and its three forms: in memory, in the address, in a request. */

export const MULTI_FILTERS = [
  'make', 'model', 'generation', 'body', 'fuel', 'gearbox', 'drive', 'condition', 'color',
  'city', 'oblast', 'dealer', 'payment', 'equipment', 'sale_state',
] as const
export const RANGE_FILTERS = ['price', 'year', 'mileage', 'engine', 'power'] as const
export const FLAG_FILTERS = ['exchange', 'leasing', 'vat', 'customs_cleared', 'has_photo'] as const
export const SORTS = ['-published_at', 'price', '-price', '-year', 'year', 'mileage', '-mileage'] as const
export const CURRENCIES = ['BYN', 'USD'] as const

export type MultiFilter = typeof MULTI_FILTERS[number]
export type RangeFilter = typeof RANGE_FILTERS[number]
export type FlagFilter = typeof FLAG_FILTERS[number]
export type Sort = typeof SORTS[number]
export type Currency = typeof CURRENCIES[number]

export interface Range {
  min: number | null
  max: number | null
}

export interface CatalogState {
  multi: Record<MultiFilter, string[]>
  ranges: Record<RangeFilter, Range>
  flags: Record<FlagFilter, boolean>
  currency: Currency
  ownersMax: number | null
  q: string
  sort: Sort
  /** The first page shown and the last one: “show more” moves only the last. */
  page: number
  lastPage: number
}

export type AddressQuery = Record<string, string | string[]>
type RawQuery = Record<string, string | null | (string | null)[] | undefined>

export const PAGE_SIZE = 24
/** The API answers with 96 cards at most, so four pages are shown together. */
export const MAX_PAGES_TOGETHER = 4
const MAX_QUERY_LENGTH = 100
const MAX_PAGE = 10_000
const DEFAULT_SORT: Sort = '-published_at'

function fromKeys<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map(key => [key, make(key)])) as Record<Key, Value>
}

export function emptyState(): CatalogState {
  return {
    multi: fromKeys(MULTI_FILTERS, () => []),
    ranges: fromKeys(RANGE_FILTERS, () => ({ min: null, max: null })),
    flags: fromKeys(FLAG_FILTERS, () => false),
    currency: 'BYN',
    ownersMax: null,
    q: '',
    sort: DEFAULT_SORT,
    page: 1,
    lastPage: 1,
  }
}

function values(raw: RawQuery[string]): string[] {
  return [...new Set([raw].flat().filter((value): value is string => Boolean(value)))]
}

function wholeNumber(raw: RawQuery[string]): number | null {
  const text = values(raw)[0] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}

function pageNumber(raw: RawQuery[string]): number {
  return Math.min(Math.max(wholeNumber(raw) ?? 1, 1), MAX_PAGE)
}

/** Reads an address that anyone may have written: what makes no sense is left out. */
export function parseState(query: RawQuery): CatalogState {
  const page = pageNumber(query.page)
  const lastPage = Math.min(Math.max(pageNumber(query.to), page), page + MAX_PAGES_TOGETHER - 1)
  return {
    multi: fromKeys(MULTI_FILTERS, key => values(query[key])),
    ranges: fromKeys(RANGE_FILTERS, key => ({ min: wholeNumber(query[`${key}_min`]), max: wholeNumber(query[`${key}_max`]) })),
    flags: fromKeys(FLAG_FILTERS, key => values(query[key])[0] === 'true'),
    currency: values(query.currency)[0] === 'USD' ? 'USD' : 'BYN',
    ownersMax: wholeNumber(query.owners_max),
    q: (values(query.q)[0] ?? '').trim().slice(0, MAX_QUERY_LENGTH),
    sort: SORTS.find(sort => sort === values(query.sort)[0]) ?? DEFAULT_SORT,
    page,
    lastPage,
  }
}

/** The same choice in today's codes: the API says what earlier codes and other names have become. */
export function withTodaysCodes(state: CatalogState, renamed: Record<string, string[]>): CatalogState {
  if (Object.keys(renamed).length === 0) return state
  return { ...state, multi: fromKeys(MULTI_FILTERS, key => renamed[key] ?? state.multi[key]) }
}

function filterPairs(state: CatalogState): [string, string][] {
  const pairs: [string, string][] = []
  for (const key of MULTI_FILTERS) for (const value of state.multi[key]) pairs.push([key, value])
  for (const key of RANGE_FILTERS) {
    const { min, max } = state.ranges[key]
    if (min !== null) pairs.push([`${key}_min`, String(min)])
    if (max !== null) pairs.push([`${key}_max`, String(max)])
  }
  for (const key of FLAG_FILTERS) if (state.flags[key]) pairs.push([key, 'true'])
  if (state.currency !== 'BYN') pairs.push(['currency', state.currency])
  if (state.ownersMax !== null) pairs.push(['owners_max', String(state.ownersMax)])
  if (state.q) pairs.push(['q', state.q])
  if (state.sort !== DEFAULT_SORT) pairs.push(['sort', state.sort])
  return pairs
}

/** The shortest address of a state: what is as usual is not in it. */
export function toAddress(state: CatalogState): AddressQuery {
  const query: AddressQuery = {}
  for (const [key, value] of filterPairs(state)) {
    const known = query[key]
    query[key] = known === undefined ? value : [known, value].flat()
  }
  if (state.page > 1) query.page = String(state.page)
  if (state.lastPage > state.page) query.to = String(state.lastPage)
  return query
}

export function toHref(state: CatalogState): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(toAddress(state))) for (const one of [value].flat()) params.append(key, one)
  const text = params.toString()
  return text ? `/catalog?${text}` : '/catalog'
}

export function toRequest(state: CatalogState): string {
  const params = new URLSearchParams(filterPairs(state))
  params.set('limit', String(PAGE_SIZE * (state.lastPage - state.page + 1)))
  params.set('offset', String(PAGE_SIZE * (state.page - 1)))
  params.set('facets', '1')
  return params.toString()
}

/** How many filters narrow the list; sorting and currency do not. */
export function activeCount(state: CatalogState): number {
  const multi = MULTI_FILTERS.reduce((sum, key) => sum + state.multi[key].length, 0)
  const ranges = RANGE_FILTERS.filter(key => state.ranges[key].min !== null || state.ranges[key].max !== null).length
  const flags = FLAG_FILTERS.filter(key => state.flags[key]).length
  return multi + ranges + flags + (state.ownersMax === null ? 0 : 1) + (state.q ? 1 : 0)
}
