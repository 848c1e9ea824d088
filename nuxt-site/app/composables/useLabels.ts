import type { LabelGroup, Labels, Reference } from '~/types/api'

export type SiteLabels = Record<LabelGroup, Labels>

/** Labels that cards and filters show; equipment and countries stay on the server. */
const CARD_GROUPS: LabelGroup[] = ['fuel', 'gearbox', 'drive', 'body', 'sale_state']

const KEY = 'labels'

export async function useReference(): Promise<Reference> {
  return useCms().reference()
}

/** Makes labels readable by every component below. On pages that do not hydrate, give all of them. */
export function provideLabels(labels: Partial<SiteLabels>): void {
  provide(KEY, labels)
}

export type LabelOf = (group: LabelGroup, code: string) => string

/** The label of a code; an unknown code is shown as it is, because a hole says less. */
export function useLabels(): LabelOf {
  const labels = inject<Partial<SiteLabels>>(KEY, {})
  return (group, code) => labels[group]?.[code] ?? code
}

export function cardLabels(reference: Reference): Partial<SiteLabels> {
  return Object.fromEntries(CARD_GROUPS.map(group => [group, reference.labels[group]]))
}
