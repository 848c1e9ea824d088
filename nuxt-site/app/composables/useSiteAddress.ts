/** Makes a full public address of a path; an absolute one (a picture on S3) stays as it is. */
export function useSiteAddress(): (path: string) => string {
  const { siteUrl } = useRuntimeConfig().public
  return path => /^https?:/.test(path) ? path : siteUrl.replace(/\/$/, '') + encodeURI(path)
}
