/** Every address of the site, asked from the API once, when the whole site is rendered at build time. */
export async function siteRoutes(cmsUrl: string): Promise<string[]> {
  const response = await fetch(new URL('/api/v1/routes', cmsUrl))
  if (!response.ok) throw new Error(`The list of addresses answered ${response.status}`)
  const { items } = await response.json() as { items: string[] }
  return [...new Set([...items, '/404', '/410'])]
}
