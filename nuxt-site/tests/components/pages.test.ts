import { mountSuspended } from '@nuxt/test-utils/runtime'
import axe from 'axe-core'
import { describe, expect, it } from 'vitest'
import { BlogPostView, ListingCard, ListingPrice, ListingView, PageView, UiPicture } from '#components'
import type { Block } from '~/types/api'
import { about, blogPost, cards, detail, home, photo, reference } from '../fixtures/data'

/** Colours and landmarks are looked at in a real browser; here only the structure is. */
async function violations(html: string): Promise<string[]> {
  document.body.innerHTML = `<main>${html}</main>`
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, 'region': { enabled: false } } })
  return found.violations.map(one => `${one.id}: ${one.nodes[0]?.html}`)
}

describe('a card', () => {
  it('is one link to the car', async () => {
    const card = await mountSuspended(ListingCard, { props: { card: cards[0]! } })
    expect(card.findAll('a').map(link => link.attributes('href'))).toEqual([cards[0]!.path])
  })

  it('says that the car is sold', async () => {
    const card = await mountSuspended(ListingCard, { props: { card: { ...cards[0]!, sale_state: 'sold' } } })
    expect(card.text()).toContain('Продан')
  })

  it('draws a car where there is no photo', async () => {
    const card = await mountSuspended(ListingCard, { props: { card: { ...cards[0]!, photo: null, photos_count: 0 } } })
    expect(card.find('img').exists()).toBe(false)
    expect(card.text()).toContain('Фотографии скоро появятся')
  })
})

describe('a price', () => {
  it('shows the old one only when it was higher', async () => {
    const lower = await mountSuspended(ListingPrice, { props: { price: { amount: 100, currency: 'BYN', byn: 100, usd: 33, eur: 30, old_byn: 120 } } })
    expect(lower.find('s').text()).toContain('120\u00A0BYN')
    const higher = await mountSuspended(ListingPrice, { props: { price: { amount: 100, currency: 'BYN', byn: 100, usd: 33, eur: 30, old_byn: 90 } } })
    expect(higher.find('s').exists()).toBe(false)
  })
})

describe('a picture', () => {
  it('offers only the formats that exist, and its size', async () => {
    const picture = await mountSuspended(UiPicture, { props: { photo: photo(1, 'Вид спереди'), sizes: '100vw', eager: true } })
    expect(picture.findAll('source')).toHaveLength(0)
    const image = picture.find('img').attributes()
    expect(image).toMatchObject({ alt: 'Вид спереди', width: '1600', height: '1067', loading: 'eager', fetchpriority: 'high' })
    expect(image.srcset).toBe('/media/1-480.jpg 480w, /media/1-960.jpg 960w, /media/1-1600.jpg 1600w')
  })
})

describe('a car page', () => {
  it('says by which rate the price was converted, and nothing where it was not', async () => {
    const car = detail(cards[0]!)
    const text = async (price: typeof car.price): Promise<string> => (await mountSuspended(ListingView, { props: { car: { ...car, price }, rates: reference.rates } })).text()
    expect(await text({ ...car.price, currency: 'BYN' })).toContain('По курсу НБ\u00A0РБ на 20\u00A0ноября 2026')
    expect(await text({ ...car.price, currency: 'EUR' })).toContain('По курсу на 20\u00A0ноября 2026')
    expect(await text({ ...car.price, currency: 'BYN', usd: 0 })).not.toContain('По курсу')
  })

  it('posts the enquiry without a script', async () => {
    const car = detail(cards[0]!)
    const page = await mountSuspended(ListingView, { props: { car } })
    const form = page.find('form')
    expect(form.attributes()).toMatchObject({ method: 'post', action: '/api/v1/leads' })
    expect(Object.fromEntries(form.findAll('input[type=hidden]').map(input => [input.attributes('name'), input.attributes('value')]))).toEqual({ listing: car.uuid, page: car.path })
    expect(form.findAll('[name]').map(field => field.attributes('name'))).toEqual(['listing', 'page', 'website', 'name', 'phone', 'message', 'consent'])
    expect(['error-name', 'error-phone', 'error-consent', 'error-form'].map(id => page.find(`#${id}`).exists())).toEqual([true, true, true, true])
  })

  it('asks nobody to call about a sold car', async () => {
    const page = await mountSuspended(ListingView, { props: { car: { ...detail(cards[0]!), sale_state: 'sold' } } })
    expect(page.find('form').exists()).toBe(false)
    expect(page.find('a[href="tel:+375291234567"]').exists()).toBe(false)
  })

  it('is accessible', async () => {
    const page = await mountSuspended(ListingView, { props: { car: detail(cards[0]!) } })
    expect(await violations(page.html())).toEqual([])
  })
})

describe('pages of the CMS', () => {
  it.each([['home', home], ['content', about], ['post', blogPost]])('%s has one heading and is accessible', async (_, page) => {
    const view = await mountSuspended(PageView, { props: { page } })
    expect(view.findAll('h1')).toHaveLength(1)
    expect(await violations(view.html())).toEqual([])
  })

  it('leaves out a block that this build does not know', async () => {
    const unknown = { type: 'hologram', id: 'x', value: {} } as unknown as Block
    const view = await mountSuspended(PageView, { props: { page: { ...about, body: [unknown, ...about.body] } } })
    expect(view.text()).toContain('Мы начали с одного салона')
  })

  it('shows the author of a post', async () => {
    const view = await mountSuspended(BlogPostView, { props: { page: blogPost } })
    expect(view.text()).toContain('Ирина Лукашевич')
  })
})
