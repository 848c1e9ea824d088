import type { BlogPostPage, Detail, LabelGroup, SaleState, Site } from '~/types/api'
import { largestJpeg } from './photo'

type LabelOf = (group: LabelGroup, code: string) => string
type Address = (path: string) => string

const AVAILABILITY: Record<SaleState, string> = {
  due_in: 'https://schema.org/PreOrder',
  available: 'https://schema.org/InStock',
  reserved: 'https://schema.org/LimitedAvailability',
  sold: 'https://schema.org/SoldOut',
}
const DRIVE: Record<string, string> = {
  front: 'https://schema.org/FrontWheelDriveConfiguration',
  rear: 'https://schema.org/RearWheelDriveConfiguration',
  all: 'https://schema.org/AllWheelDriveConfiguration',
}

function quantity(value: number | null, unitCode: string): object | undefined {
  return value === null ? undefined : { '@type': 'QuantitativeValue', value, unitCode }
}

function engine(car: Detail, label: LabelOf): object {
  return {
    '@type': 'EngineSpecification',
    'fuelType': label('fuel', car.fuel),
    'engineDisplacement': quantity(car.engine_cc, 'CMQ'),
    'enginePower': quantity(car.power_hp, 'BHP'),
  }
}

function offer(car: Detail, address: Address): object {
  return {
    '@type': 'Offer',
    'url': address(car.path),
    'price': car.price.byn,
    'priceCurrency': 'BYN',
    'availability': AVAILABILITY[car.sale_state],
    'itemCondition': car.condition === 'new' ? 'https://schema.org/NewCondition' : 'https://schema.org/UsedCondition',
    'seller': { '@type': 'AutoDealer', 'name': car.dealer.name, 'telephone': car.dealer.phone, 'address': [car.dealer.city, car.dealer.address].filter(Boolean).join(', ') },
  }
}

export function carJsonLd(car: Detail, label: LabelOf, address: Address): object {
  return {
    '@context': 'https://schema.org',
    '@type': 'Car',
    'name': `${car.title}, ${car.year}`,
    'url': address(car.path),
    'sku': car.uuid,
    'image': car.photos.map(largestJpeg).filter(url => url !== undefined).map(address),
    'brand': { '@type': 'Brand', 'name': car.make.name },
    'model': car.model.name,
    'vehicleModelDate': String(car.year),
    'mileageFromOdometer': quantity(car.mileage_km, 'KMT'),
    'bodyType': label('body', car.body),
    'color': label('color', car.color),
    'vehicleTransmission': label('gearbox', car.gearbox),
    'driveWheelConfiguration': DRIVE[car.drive],
    'vehicleEngine': engine(car, label),
    'numberOfPreviousOwners': car.owners ?? undefined,
    'offers': offer(car, address),
  }
}

export function postJsonLd(page: BlogPostPage, site: Site, address: Address): object {
  const jpeg = page.image ? largestJpeg(page.image) : undefined
  return {
    '@context': 'https://schema.org',
    '@type': 'BlogPosting',
    'headline': page.title,
    'url': address(page.path),
    'datePublished': page.published_at,
    'dateModified': page.updated_at,
    'image': jpeg ? address(jpeg) : undefined,
    'author': page.author ? { '@type': 'Person', 'name': page.author.name } : { '@type': 'Organization', 'name': site.name },
    'publisher': { '@type': 'Organization', 'name': site.name },
  }
}

/** JSON for the inside of a script: “<” is written as an escape, so that no text can end it. */
export function scriptJson(data: object): string {
  return JSON.stringify(data).replace(/</g, '\\u003c')
}
