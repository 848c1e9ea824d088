import { describe, expect, it } from 'vitest'
import { formatByn, formatCount, formatDate, formatEngine, formatForeign, formatMileage, formatNumber, formatPhone, formatUsd, phoneHref } from '../../app/utils/format'
import { plural } from '../../app/utils/plural'

const CARS = ['автомобиль', 'автомобиля', 'автомобилей'] as const

describe('numbers', () => {
  it.each([[0, '0'], [999, '999'], [1000, '1\u00A0000'], [120_000, '120\u00A0000'], [1_234_567, '1\u00A0234\u00A0567'], [-4500, '−4\u00A0500'], [77.4, '77,4']])('writes %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })

  it('never lets a price or a mileage wrap', () => {
    expect(formatByn(89_900)).toBe('89\u00A0900\u00A0BYN')
    expect(formatUsd(31_250)).toBe('31\u00A0250\u00A0$')
    expect(formatForeign({ amount: 90_000, currency: 'BYN', byn: 90_000, usd: 30_000, eur: 26_000, old_byn: null })).toBe('≈\u00A030\u00A0000\u00A0$')
    expect(formatForeign({ amount: 90_000, currency: 'BYN', byn: 90_000, usd: 0, eur: 0, old_byn: null })).toBe('')
    expect(formatForeign({ amount: 26_000, currency: 'EUR', byn: 90_000, usd: 30_000, eur: 26_000, old_byn: null })).toBe('26\u00A0000\u00A0€')
    expect(formatMileage(120_000)).toBe('120\u00A0000\u00A0км')
  })

  it.each([[1395, '1,4\u00A0л'], [2993, '3,0\u00A0л'], [1998, '2,0\u00A0л']])('writes %s cc as litres', (cc, text) => {
    expect(formatEngine(cc)).toBe(text)
  })
})

describe('Russian forms', () => {
  it.each([[0, 2], [1, 0], [2, 1], [4, 1], [5, 2], [11, 2], [12, 2], [14, 2], [21, 0], [22, 1], [25, 2], [111, 2], [1001, 0]])('counts %s', (count, form) => {
    expect(plural(count, CARS)).toBe(CARS[form])
  })

  it('puts the number before the word', () => {
    expect(formatCount(1202, CARS)).toBe('1\u00A0202\u00A0автомобиля')
  })
})

describe('dates', () => {
  it('uses the clock of Minsk, not of the machine', () => {
    expect(formatDate('2026-03-04T21:30:00Z')).toBe('5\u00A0марта 2026')
    expect(formatDate('2026-03-04T20:30:00Z')).toBe('4\u00A0марта 2026')
  })

  it('shows nothing for what is not a date', () => {
    expect(formatDate('soon')).toBe('')
  })
})

describe('phones', () => {
  it('groups a Belarusian number', () => {
    expect(formatPhone('+375291234567')).toBe('+375\u00A029\u00A0123-45-67')
  })

  it('leaves a foreign number alone', () => {
    expect(formatPhone('+48 22 123 45 67')).toBe('+48 22 123 45 67')
  })

  it('keeps only digits in the link', () => {
    expect(phoneHref('+375 (29) 123-45-67')).toBe('tel:+375291234567')
  })
})
