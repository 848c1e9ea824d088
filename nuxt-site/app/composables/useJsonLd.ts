/** Puts a schema.org object into the page; “<” is written as an escape so that no text can end the script. */
export function useJsonLd(data: object): void {
  const innerHTML = JSON.stringify(data).replace(/</g, '\\u003c')
  useHead({ script: [{ type: 'application/ld+json', innerHTML }] })
}
