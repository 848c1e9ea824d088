import { expect, it } from 'vitest'
import { carJsonLd, scriptJson } from '../../app/utils/json-ld'
import { cards, detail, reference } from '../fixtures/data'

const label = (group: keyof typeof reference.labels, code: string): string => reference.labels[group][code] ?? code
const address = (path: string): string => `https://site.example${path}`
const car = detail(cards[0]!)

it('describes the offer with its public address and its state', () => {
  const data = carJsonLd({ ...car, sale_state: 'sold' }, label, address)
  expect(data).toMatchObject({
    '@type': 'Car',
    'url': `https://site.example${car.path}`,
    'offers': { '@type': 'Offer', 'price': car.price.byn, 'priceCurrency': 'BYN', 'availability': 'https://schema.org/SoldOut' },
  })
})

it('gives search engines the largest pictures', () => {
  expect(carJsonLd(car, label, address)).toMatchObject({ image: car.photos.map(photo => `https://site.example/media/${photo.id}-1600.jpg`) })
})

it('cannot be ended by a text of a dealer', () => {
  const text = scriptJson({ name: '</script><script>alert(1)</script>' })
  expect(text).not.toContain('<')
  expect(JSON.parse(text)).toEqual({ name: '</script><script>alert(1)</script>' })
})
