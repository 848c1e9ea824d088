/** The JSON of `/api/v1` as the site reads it: codes and numbers; labels come from `Reference`. */

export interface PhotoSource {
  url: string
  width: number
}

export interface Photo {
  id: number
  alt: string
  width: number
  height: number
  color: string | null
  /** The point that stays in sight where the photo is cropped, as fractions; absent: the middle. */
  focus?: { x: number, y: number } | null
  sources: { avif?: PhotoSource[], webp?: PhotoSource[], jpeg: PhotoSource[] }
}

export interface Named {
  slug: string
  name: string
}

export interface Price {
  /** The seller's price, in `currency`; the others follow from it by the last rate (0: no rate yet). */
  amount: number
  currency: 'BYN' | 'USD' | 'EUR'
  byn: number
  usd: number
  eur: number
  old_byn: number | null
}

export type SaleState = 'due_in' | 'available' | 'reserved' | 'sold'

export interface Card {
  uuid: string
  slug: string
  path: string
  title: string
  make: Named
  model: Named
  generation: Named | null
  trim: string | null
  year: number
  mileage_km: number
  condition: string
  fuel: string
  engine_cc: number | null
  power_hp: number | null
  battery_kwh: number | null
  range_km: number | null
  gearbox: string
  drive: string
  body: string
  color: string
  price: Price
  vat: boolean
  exchange: boolean
  leasing: boolean
  city: Named & { oblast: string }
  dealer: Named
  sale_state: SaleState
  photo: Photo | null
  photos_count: number
  published_at: string
}

export interface DealerContact extends Named {
  phone: string
  address: string
  hours: string
  city: string
  latitude: number | null
  longitude: number | null
}

export interface EquipmentItems {
  group: string
  items: string[]
}

export interface Detail extends Omit<Card, 'dealer'> {
  photos: Photo[]
  vin_masked: string
  owners: number | null
  customs_cleared: boolean
  registration_country: string
  payment_types: string[]
  equipment: EquipmentItems[]
  video: { url: string, embed_url: string } | null
  contact: { name: string, phone: string }
  dealer: DealerContact
  text_html: string
  updated_at: string
}

export type FacetCounts = Record<string, number>
/** Borders of what is on sale; `null` where nothing has the figure. */
export type FacetRanges = Record<string, [number, number] | null>

/** Counts by code or slug, or one number for a yes-or-no filter; models are counted once a make is chosen. */
export interface Facets {
  ranges?: FacetRanges
  [filter: string]: FacetCounts | FacetRanges | number | undefined
}

export interface ListingPage {
  count: number
  limit: number
  offset: number
  version: number
  /** Filters that named something by an earlier code or another name, and the codes of today. */
  renamed: Record<string, string[]>
  items: Card[]
  facets: Facets | null
}

export type Labels = Record<string, string>

export interface ReferenceGeneration extends Named {
  year_from: number
  year_to: number | null
}

export interface ReferenceModel extends Named {
  generations: ReferenceGeneration[]
}

export interface ReferenceMake extends Named {
  name_ru: string
  models: ReferenceModel[]
}

export type LabelGroup
  = | 'fuel' | 'gearbox' | 'drive' | 'body' | 'color' | 'condition' | 'sale_state'
    | 'oblast' | 'country' | 'payment' | 'equipment' | 'equipment_group'

export interface ReferenceDealer extends Named {
  city: string
  phone: string
  address: string
  hours: string
}

/** BYN for one unit on a day, by the National Bank or typed in by the group. */
export interface Rate {
  rate: number
  date: string
  source: 'nbrb' | 'typed'
}

export type Rates = Partial<Record<'USD' | 'EUR', Rate>>

export interface Reference {
  makes: ReferenceMake[]
  cities: (Named & { oblast: string })[]
  dealers: ReferenceDealer[]
  rates: Rates
  labels: Record<LabelGroup, Labels>
}

export interface NavigationItem {
  title: string
  path: string
}

export interface Site {
  name: string
  tagline: string
  phone: string
  email: string
  address: string
  hours: string
  socials: { kind: string, url: string }[]
  navigation: NavigationItem[]
  footer_text: string
  usd_rate: { rate: number, date: string } | null
}

export interface PostCard {
  path: string
  title: string
  intro: string
  published_at: string
  category: Named | null
  image: Photo | null
}

export interface Question {
  question: string
  answer_html: string
}

interface BlockOf<Type extends string, Value> {
  type: Type
  value: Value
  id: string | null
}

export type HeroBlock = BlockOf<'hero', { title: string, text: string, image: Photo | null, cta_text: string, cta_path: string }>
export type CarsBlock = BlockOf<'cars', { title: string, text: string, cards: Card[], link_path: string }>
export type MakesBlock = BlockOf<'makes', { title: string, items: { slug: string, name: string, count: number }[] }>
export type AdvantagesBlock = BlockOf<'advantages', { title: string, items: { icon: string, title: string, text: string }[] }>
export type FiguresBlock = BlockOf<'figures', { items: { value: string, label: string }[] }>
export type RichTextBlock = BlockOf<'rich_text', { html: string }>
export type FaqBlock = BlockOf<'faq', { title: string, items: Question[] }>
export type CallToActionBlock = BlockOf<'call_to_action', { title: string, text: string, button_text: string, button_path: string }>
export type ImageBlock = BlockOf<'image', { photo: Photo | null, caption: string }>
export type PostsBlock = BlockOf<'posts', { title: string, cards: PostCard[] }>

export type Block
  = | HeroBlock | CarsBlock | MakesBlock | AdvantagesBlock | FiguresBlock
    | RichTextBlock | FaqBlock | CallToActionBlock | ImageBlock | PostsBlock

interface PageOf<Type extends string> {
  type: Type
  path: string
  title: string
  seo: { title: string, description: string, image: Photo | null }
  body: Block[]
}

export type HomePage = PageOf<'home'>
export type ContentPage = PageOf<'content'>

export interface BlogIndexPage extends PageOf<'blog_index'> {
  posts: PostCard[]
  page: number
  pages: number
}

export interface BlogPostPage extends PageOf<'blog_post'> {
  intro: string
  published_at: string
  updated_at: string
  author: { name: string, role: string } | null
  category: Named | null
  tags: string[]
  image: Photo | null
  more: PostCard[]
}

export type Page = HomePage | ContentPage | BlogIndexPage | BlogPostPage

export type Preview
  = | { kind: 'listing', document: Detail }
    | { kind: 'page', document: Page }

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  errors?: { field: string, message: string }[]
}
