import { describe, expect, it } from 'vitest'
import { withCurrency, withMore, withPage, withRange, withToggled, withoutFilters } from '../../app/utils/catalog-changes'
import { activeCount, emptyState, parseState, toAddress, toHref, toRequest, withTodaysCodes } from '../../app/utils/catalog-query'

describe('the address', () => {
  it('is empty for the whole catalogue', () => {
    expect(toHref(emptyState())).toBe('/catalog')
  })

  it('survives the way to the address and back', () => {
    const query = { make: ['bmw', 'audi'], body: 'suv', price_min: '5000', price_max: '30000', currency: 'USD', leasing: 'true', owners_max: '2', q: 'дизель', sort: '-year', page: '3', to: '4' }
    expect(toAddress(parseState(query))).toEqual(query)
  })

  it('forgets what makes no sense', () => {
    const state = parseState({ price_min: '-5', year_max: '2020; drop', sort: 'random', page: '0', to: '999', currency: 'EUR', make: [null, '', 'bmw', 'bmw'], leasing: 'maybe' })
    expect(toAddress(state)).toEqual({ make: 'bmw', to: '4' })
  })

  it('cuts a search that is too long', () => {
    expect(parseState({ q: 'x'.repeat(500) }).q).toHaveLength(100)
  })
})

describe('the request', () => {
  it('asks for the first page with counts', () => {
    expect(toRequest(emptyState())).toBe('limit=24&offset=0&facets=1')
  })

  it('asks for all pages shown together at once', () => {
    expect(toRequest(parseState({ page: '2', to: '4' }))).toBe('limit=72&offset=24&facets=1')
  })

  it('never asks for more than the API gives', () => {
    expect(toRequest(parseState({ page: '1', to: '50' }))).toContain('limit=96&')
  })

  it('repeats a parameter for each value', () => {
    expect(toRequest(parseState({ make: ['bmw', 'audi'] }))).toContain('make=bmw&make=audi')
  })
})

describe('the codes of today', () => {
  it('take the place of those that the API has renamed, and of no others', () => {
    const state = withTodaysCodes(parseState({ make: ['bmv', 'audi'], body: 'suv', q: 'дизель' }), { make: ['bmw', 'audi'] })
    expect(toAddress(state)).toEqual({ make: ['bmw', 'audi'], body: 'suv', q: 'дизель' })
  })
})

describe('changes', () => {
  it('begins from the first page again', () => {
    const state = withToggled(parseState({ page: '5' }), 'fuel', 'diesel')
    expect([state.page, state.lastPage]).toEqual([1, 1])
  })

  it('drops the models with their make', () => {
    const state = withToggled(parseState({ make: 'bmw', model: 'bmw-x5', generation: 'bmw-x5-ii' }), 'make', 'bmw')
    expect(toAddress(state)).toEqual({})
  })

  it('drops the borders of the price with the currency', () => {
    expect(toAddress(withCurrency(parseState({ price_min: '9000', year_min: '2015' }), 'USD'))).toEqual({ year_min: '2015', currency: 'USD' })
  })

  it('moves only the last page on “show more”', () => {
    expect(toAddress(withMore(withPage(emptyState(), 2)))).toEqual({ page: '2', to: '3' })
  })

  it('keeps the order and the currency on reset', () => {
    expect(toAddress(withoutFilters(parseState({ make: 'bmw', sort: 'price', currency: 'USD' })))).toEqual({ sort: 'price', currency: 'USD' })
  })

  it('does not change the state it was given', () => {
    const before = emptyState()
    withToggled(before, 'make', 'bmw')
    withRange(before, 'year', { min: 2015, max: null })
    expect(before).toEqual(emptyState())
  })
})

it('counts what narrows the list', () => {
  expect(activeCount(parseState({ make: ['bmw', 'audi'], price_min: '1', price_max: '2', leasing: 'true', owners_max: '1', q: 'x', sort: 'price', currency: 'USD' }))).toBe(6)
})
