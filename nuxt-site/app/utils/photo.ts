import type { Photo, PhotoSource } from '~/types/api'

export function srcset(sources: PhotoSource[] | undefined): string {
  return (sources ?? []).map(source => `${source.url} ${source.width}w`).join(', ')
}

/** The largest JPEG: for link previews and search engines, which choose no size. */
export function largestJpeg(photo: Photo): string | undefined {
  return [...photo.sources.jpeg].sort((a, b) => b.width - a.width)[0]?.url
}

/** What a browser without `srcset` shows. */
export function fallbackJpeg(photo: Photo): string | undefined {
  const byWidth = [...photo.sources.jpeg].sort((a, b) => a.width - b.width)
  return (byWidth[1] ?? byWidth[0])?.url
}

/** What the browser does with the photo until it has loaded, and where it is cropped. */
export function photoStyle(photo: Photo): Record<string, string> {
  return {
    ...(photo.color && { backgroundColor: photo.color }),
    ...(photo.focus && { objectPosition: `${photo.focus.x * 100}% ${photo.focus.y * 100}%` }),
  }
}
