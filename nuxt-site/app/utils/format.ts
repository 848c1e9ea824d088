/** Numbers, prices and dates by hand: `Intl` differs between Node and browsers and would break hydration. */
import type { Price, Rate, Rates } from '../types/api'
import { plural } from './plural'
import type { PluralForms } from './plural'

export const NO_BREAK_SPACE = '\u00A0'

const MONTHS = [
  'января', 'февраля', 'марта', 'апреля', 'мая', 'июня',
  'июля', 'августа', 'сентября', 'октября', 'ноября', 'декабря',
]
const MINSK_OFFSET_MS = 3 * 60 * 60 * 1000

/** Thousands stand apart by a no-break space: the narrow one (U+202F) is too thin to see in this typeface. */
export function formatNumber(value: number): string {
  const [whole = '0', fraction] = String(Math.abs(value)).split('.')
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, NO_BREAK_SPACE)
  return (value < 0 ? '−' : '') + grouped + (fraction ? `,${fraction}` : '')
}

export function formatByn(value: number): string {
  return `${formatNumber(value)}${NO_BREAK_SPACE}BYN`
}

export function formatUsd(value: number): string {
  return `${formatNumber(value)}${NO_BREAK_SPACE}$`
}

export function formatEur(value: number): string {
  return `${formatNumber(value)}${NO_BREAK_SPACE}€`
}

/** Beside the price in roubles: the seller's own price if it is in another currency, else what it is in dollars. */
export function formatForeign(price: Price): string {
  if (price.currency === 'USD') return formatUsd(price.amount)
  if (price.currency === 'EUR') return formatEur(price.amount)
  return price.usd ? `≈${NO_BREAK_SPACE}${formatUsd(price.usd)}` : ''
}

/** The rate between the two prices that `formatForeign` leads to: both are shown. */
export function rateBetween(price: Price, rates: Rates): Rate | undefined {
  return formatForeign(price) ? rates[price.currency === 'BYN' ? 'USD' : price.currency] : undefined
}

export function formatMileage(km: number): string {
  return `${formatNumber(km)}${NO_BREAK_SPACE}км`
}

/** Cubic centimetres as litres with one digit: 2993 is “3,0 л”. */
export function formatEngine(cc: number): string {
  return `${(Math.round(cc / 100) / 10).toFixed(1).replace('.', ',')}${NO_BREAK_SPACE}л`
}

export function formatPower(hp: number): string {
  return `${formatNumber(hp)}${NO_BREAK_SPACE}л.${NO_BREAK_SPACE}с.`
}

export function formatCount(count: number, forms: PluralForms): string {
  return `${formatNumber(count)}${NO_BREAK_SPACE}${plural(count, forms)}`
}

/** “5 марта 2026” by the clock of Minsk (UTC+3 all the year). */
export function formatDate(iso: string): string {
  const date = new Date(new Date(iso).getTime() + MINSK_OFFSET_MS)
  if (Number.isNaN(date.getTime())) return ''
  return `${date.getUTCDate()}${NO_BREAK_SPACE}${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** “+375 29 123-45-67”; a number of another country stays as it is. */
export function formatPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '')
  const parts = /^375(\d{2})(\d{3})(\d{2})(\d{2})$/.exec(digits)
  if (!parts) return phone
  return `+375${NO_BREAK_SPACE}${parts[1]}${NO_BREAK_SPACE}${parts[2]}-${parts[3]}-${parts[4]}`
}

export function phoneHref(phone: string): string {
  return `tel:${phone.replace(/[^\d+]/g, '')}`
}
