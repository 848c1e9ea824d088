import { scriptJson } from '~/utils/json-ld'

/** Puts a schema.org object into the page. */
export function useJsonLd(data: object): void {
  useHead({ script: [{ type: 'application/ld+json', innerHTML: scriptJson(data) }] })
}
