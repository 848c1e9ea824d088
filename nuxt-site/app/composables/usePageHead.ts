import type { Photo } from '~/types/api'
import { largestJpeg } from '~/utils/photo'

interface PageHead {
  title: string
  description?: string
  path: string
  photo?: Photo | null
  type?: 'website' | 'article' | 'product'
  /** A page that search engines must not list has no address of its own either. */
  hidden?: boolean
  siteName: string
}

/** Title, description, canonical address and link preview of a page. */
export function usePageHead(page: PageHead): void {
  const base = useSiteAddress()
  const url = base(page.path)
  const title = page.path === '/' || page.title.includes(page.siteName) ? page.title : `${page.title} | ${page.siteName}`
  const jpeg = page.photo ? largestJpeg(page.photo) : undefined
  useSeoMeta({
    title,
    description: page.description || undefined,
    robots: page.hidden ? 'noindex' : undefined,
    ogTitle: page.title,
    ogDescription: page.description || undefined,
    ogType: page.type === 'article' ? 'article' : 'website',
    ogUrl: url,
    ogSiteName: page.siteName,
    ogLocale: 'ru_BY',
    ogImage: jpeg ? base(jpeg) : undefined,
    twitterCard: jpeg ? 'summary_large_image' : 'summary',
  })
  if (!page.hidden) useHead({ link: [{ rel: 'canonical', href: url }] })
}
