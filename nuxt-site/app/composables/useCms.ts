import type { Detail, ListingPage, Page, Preview, Reference, Site } from '~/types/api'
import { readCached, readJson } from '~/utils/cms-client'

interface Cms {
  site: () => Promise<Site>
  reference: () => Promise<Reference>
  page: (path: string) => Promise<Page>
  listing: (slug: string) => Promise<Detail>
  preview: (token: string) => Promise<Preview>
  listings: (query: string, signal?: AbortSignal) => Promise<ListingPage>
}

/** The API as the renderer reads it; in a browser the same paths on the site's own address. */
export function useCms(): Cms {
  const config = useRuntimeConfig()
  const options = {
    base: import.meta.server ? config.cmsUrl : '',
    timeoutMs: import.meta.server ? config.cmsTimeoutMs : 10_000,
    cacheSeconds: import.meta.server ? config.cmsCacheSeconds : 0,
  }
  return {
    site: () => readCached<Site>('/api/v1/site', options),
    reference: () => readCached<Reference>('/api/v1/reference?locale=ru', options),
    page: path => readJson<Page>(`/api/v1/pages?path=${encodeURIComponent(path)}`, options),
    listing: slug => readJson<Detail>(`/api/v1/listings/${encodeURIComponent(slug)}`, options),
    preview: token => readJson<Preview>(`/api/v1/preview?token=${encodeURIComponent(token)}`, options),
    listings: (query, signal) => readJson<ListingPage>(`/api/v1/listings?${query}`, { ...options, signal }),
  }
}
