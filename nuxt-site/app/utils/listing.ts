import type { Card, Detail, LabelGroup } from '~/types/api'
import type { Messages } from '~/locales/ru'
import { formatEngine, formatMileage, formatNumber, formatPower } from './format'

type LabelOf = (group: LabelGroup, code: string) => string
type Vehicle = Pick<Card, 'year' | 'mileage_km' | 'fuel' | 'engine_cc' | 'power_hp' | 'battery_kwh' | 'range_km' | 'gearbox' | 'drive' | 'body'>

export interface SpecRow {
  name: string
  value: string
}

/** Labels begin with a capital; inside a line they do not. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function motor(car: Vehicle, label: LabelOf): string {
  const fuel = lower(label('fuel', car.fuel))
  return car.engine_cc ? `${formatEngine(car.engine_cc)} ${fuel}` : fuel
}

/** “2018 · 120 000 км · 3,0 л дизель · автомат” */
export function shortFacts(car: Vehicle, label: LabelOf): string[] {
  return [
    String(car.year),
    formatMileage(car.mileage_km),
    motor(car, label),
    lower(label('gearbox', car.gearbox)),
  ]
}

function carRows(car: Detail, label: LabelOf, t: Messages): (SpecRow | null)[] {
  const names = t.listing.spec
  const row = (name: string, value: string | null | undefined): SpecRow | null => value ? { name, value } : null
  return [
    row(names.year, String(car.year)),
    row(names.mileage, formatMileage(car.mileage_km)),
    row(names.condition, label('condition', car.condition)),
    row(names.generation, car.generation?.name),
    row(names.trim, car.trim),
    row(names.body, label('body', car.body)),
    row(names.color, label('color', car.color)),
    row(names.fuel, label('fuel', car.fuel)),
    row(names.engine, car.engine_cc ? formatEngine(car.engine_cc) : null),
    row(names.power, car.power_hp ? formatPower(car.power_hp) : null),
    row(names.battery, car.battery_kwh ? formatNumber(Number(car.battery_kwh)) + t.listing.kwh : null),
    row(names.range, car.range_km ? formatMileage(car.range_km) : null),
    row(names.gearbox, label('gearbox', car.gearbox)),
    row(names.drive, label('drive', car.drive)),
  ]
}

function paperRows(car: Detail, label: LabelOf, t: Messages): (SpecRow | null)[] {
  const names = t.listing.spec
  const row = (name: string, value: string | null | undefined): SpecRow | null => value ? { name, value } : null
  return [
    row(names.owners, car.owners ? t.listing.owners(car.owners) : null),
    row(names.customs, car.customs_cleared ? t.listing.cleared : t.listing.notCleared),
    row(names.country, car.registration_country ? label('country', car.registration_country) : null),
    row(names.vin, car.vin_masked),
    row(names.payment, car.payment_types.map(code => label('payment', code)).join(', ')),
    row(names.city, car.city.name),
  ]
}

/** The whole specification; what a car does not have is not a row. */
export function specRows(car: Detail, label: LabelOf, t: Messages): SpecRow[] {
  return [...carRows(car, label, t), ...paperRows(car, label, t)].filter(row => row !== null)
}

/** Conditions of the deal, as short words beside the price. */
export function dealTerms(car: Pick<Card, 'vat' | 'exchange' | 'leasing'>, t: Messages): string[] {
  return [car.vat && t.listing.vat, car.exchange && t.listing.exchange, car.leasing && t.listing.leasing].filter(term => term !== false)
}
