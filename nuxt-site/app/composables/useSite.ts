import type { Site } from '~/types/api'

/** Name, phone and navigation for every page; on hydrated pages they come with the HTML. */
export async function useSite(): Promise<Site> {
  const cms = useCms()
  const { data, error } = await useAsyncData('site', () => cms.site(), { deep: false })
  if (!data.value) throw error.value ?? createError({ status: 502, statusText: 'No site settings', fatal: true })
  return data.value
}
