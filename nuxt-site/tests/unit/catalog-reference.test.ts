import { describe, expect, it } from 'vitest'
import { ru } from '../../app/locales/ru'
import { catalogChips } from '../../app/utils/catalog-chips'
import { parseState, toAddress } from '../../app/utils/catalog-query'
import { catalogReference, filterOptions, isIncomplete } from '../../app/utils/catalog-reference'
import { pagerNumbers } from '../../app/utils/pager'
import { reference } from '../fixtures/data'

const onlyBmw = { make: { bmw: 3 }, city: { minsk: 3 }, dealer: {} }

describe('the reference inside the page', () => {
  it('holds only what is on sale', () => {
    const small = catalogReference(reference, onlyBmw)
    expect(small.makes).toEqual([{ slug: 'bmw', name: 'BMW' }])
    expect(small.cities.map(city => city.slug)).toEqual(['minsk'])
    expect(small.models).toEqual([])
  })

  it('knows that it misses a make', () => {
    const small = catalogReference(reference, onlyBmw)
    expect(isIncomplete(small, onlyBmw)).toBe(false)
    expect(isIncomplete(small, { make: { bmw: 3, audi: 1 } })).toBe(true)
  })
})

describe('choices', () => {
  const full = catalogReference(reference, null)

  it('leaves out what has no cars, but not what is chosen', () => {
    const { multi } = parseState({ fuel: 'hybrid' })
    expect(filterOptions(full, 'fuel', multi, { fuel: { diesel: 4 } })).toEqual([
      { value: 'diesel', label: 'Дизель', count: 4 },
      { value: 'hybrid', label: 'Гибрид', count: 0 },
    ])
  })

  it('offers models of the chosen makes only', () => {
    const { multi } = parseState({ make: 'geely' })
    expect(filterOptions(full, 'model', multi, null).map(option => option.label)).toEqual(['Coolray', 'Monjaro'])
  })

  it('says chosen filters in words and takes them back one by one', () => {
    const chips = catalogChips(parseState({ make: 'bmw', price_max: '30000', year_min: '2015', q: 'x5' }), full, ru)
    expect(chips.map(chip => chip.label)).toEqual(['«x5»', 'BMW', 'до 30\u00A0000 BYN', 'Год выпуска: от 2015'])
    expect(toAddress(chips[1]!.without)).toEqual({ price_max: '30000', year_min: '2015', q: 'x5' })
  })
})

it.each([[1, 1, [1]], [1, 5, [1, 2, null, 5]], [3, 5, [1, 2, 3, 4, 5]], [10, 20, [1, null, 9, 10, 11, null, 20]]])('numbers page %s of %s', (page, pages, numbers) => {
  expect(pagerNumbers(page, pages)).toEqual(numbers)
})
