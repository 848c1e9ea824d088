import type { FacetCounts, Facets, Labels, LabelGroup, Named, Reference } from '~/types/api'
import type { MultiFilter } from './catalog-query'

/** The part of the reference that the catalogue shows: it travels inside the page, so it is kept small. */
export interface CatalogReference {
  makes: Named[]
  models: (Named & { make: string })[]
  generations: (Named & { model: string })[]
  cities: Named[]
  dealers: Named[]
  labels: Partial<Record<LabelGroup, Labels>>
}

const LABEL_GROUPS: LabelGroup[] = [
  'fuel', 'gearbox', 'drive', 'body', 'color', 'condition', 'sale_state', 'oblast', 'payment', 'equipment',
]
/** Filters whose names are not labels but rows of the reference. */
const NAMED_FILTERS = { make: 'makes', model: 'models', generation: 'generations', city: 'cities', dealer: 'dealers' } as const

function named({ slug, name }: Named): Named {
  return { slug, name }
}

/** Counts of a filter by code; nothing when the API did not count it. */
function countsOf(facets: Facets | null, filter: string): FacetCounts | undefined {
  const counts = facets?.[filter]
  return typeof counts === 'object' ? counts as FacetCounts : undefined
}

/** With `facets`, only what they count; without, everything. Models come when a make is chosen. */
export function catalogReference(reference: Reference, facets: Facets | null): CatalogReference {
  const onSale = (filter: MultiFilter) => {
    const counts = countsOf(facets, filter) ?? {}
    return (row: Named): boolean => !facets || row.slug in counts
  }
  const models = reference.makes.flatMap(make => make.models.map(model => ({ ...model, make: make.slug }))).filter(onSale('model'))
  return {
    makes: reference.makes.filter(onSale('make')).map(named),
    models: models.map(model => ({ ...named(model), make: model.make })),
    generations: models.flatMap(model => model.generations.map(row => ({ ...named(row), model: model.slug }))).filter(onSale('generation')),
    cities: reference.cities.filter(onSale('city')).map(named),
    dealers: reference.dealers.filter(onSale('dealer')).map(named),
    labels: Object.fromEntries(LABEL_GROUPS.map(group => [group, reference.labels[group]])),
  }
}

export interface FilterOption {
  value: string
  label: string
  /** `null`: the API did not count it. */
  count: number | null
}

function rows(reference: CatalogReference, filter: MultiFilter, chosen: Record<MultiFilter, string[]>): Named[] {
  if (filter === 'model') return reference.models.filter(model => chosen.make.includes(model.make))
  if (filter === 'generation') return reference.generations.filter(row => chosen.model.includes(row.model))
  if (filter in NAMED_FILTERS) return reference[NAMED_FILTERS[filter as keyof typeof NAMED_FILTERS]]
  return Object.entries(reference.labels[filter as LabelGroup] ?? {}).map(([slug, name]) => ({ slug, name }))
}

/** The choices of a filter: those with cars, and those already chosen so that they can be taken back. */
export function filterOptions(
  reference: CatalogReference, filter: MultiFilter, chosen: Record<MultiFilter, string[]>, facets: Facets | null,
): FilterOption[] {
  const counts = countsOf(facets, filter)
  return rows(reference, filter, chosen)
    .map(row => ({ value: row.slug, label: row.name, count: counts ? counts[row.slug] ?? 0 : null }))
    .filter(option => option.count !== 0 || chosen[filter].includes(option.value))
}

export function filterLabel(reference: CatalogReference, filter: MultiFilter, value: string): string {
  if (filter in NAMED_FILTERS) {
    const list: Named[] = reference[NAMED_FILTERS[filter as keyof typeof NAMED_FILTERS]]
    return list.find(row => row.slug === value)?.name ?? value
  }
  return reference.labels[filter as LabelGroup]?.[value] ?? value
}

/** Whether the API speaks of something that this page was not written with (a make added since). */
export function isIncomplete(reference: CatalogReference, facets: Facets | null): boolean {
  return Object.entries(NAMED_FILTERS).some(([filter, list]) =>
    Object.keys(countsOf(facets, filter) ?? {}).some(slug => !reference[list].some(row => row.slug === slug)))
}
