/** Russian forms for 1, 2 and 5: `['автомобиль', 'автомобиля', 'автомобилей']`. */
export type PluralForms = readonly [one: string, few: string, many: string]

export function plural(count: number, forms: PluralForms): string {
  const tens = Math.abs(count) % 100
  const ones = tens % 10
  if (tens > 10 && tens < 20) return forms[2]
  if (ones === 1) return forms[0]
  if (ones >= 2 && ones <= 4) return forms[1]
  return forms[2]
}
