/** Arrows, keys, the counter and the marked thumbnail for a row that already scrolls. */

function currentIndex(row: HTMLElement): number {
  return Math.round(row.scrollLeft / Math.max(row.clientWidth, 1))
}

function scrollToIndex(row: HTMLElement, index: number): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  row.scrollTo({ left: index * row.clientWidth, behavior: calm ? 'auto' : 'smooth' })
}

function enhanceGallery(gallery: HTMLElement): void {
  const row = gallery.querySelector<HTMLElement>('[data-gallery-row]')
  const counter = gallery.querySelector<HTMLElement>('[data-gallery-counter]')
  if (!row || !counter) return
  const thumbs = [...gallery.querySelectorAll<HTMLAnchorElement>('[data-gallery-thumbs] a')]
  const steps = [...gallery.querySelectorAll<HTMLButtonElement>('[data-gallery-step]')]
  const last = row.children.length - 1
  let shown = -1

  const update = (): void => {
    const index = currentIndex(row)
    if (index === shown) return
    shown = index
    counter.textContent = `${index + 1} / ${last + 1}`
    thumbs.forEach((thumb, position) => thumb.setAttribute('aria-current', String(position === index)))
    const thumb = thumbs[index]?.parentElement
    thumb?.parentElement?.scrollTo({ left: thumb.offsetLeft - thumb.parentElement.clientWidth / 2 })
    steps.forEach((button) => {
      const target = index + Number(button.dataset.galleryStep)
      button.disabled = target < 0 || target > last
    })
  }

  steps.forEach((button) => {
    button.hidden = false
    button.addEventListener('click', () => scrollToIndex(row, currentIndex(row) + Number(button.dataset.galleryStep)))
  })
  thumbs.forEach((thumb, index) => thumb.addEventListener('click', (event) => {
    event.preventDefault()
    scrollToIndex(row, index)
  }))
  row.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -last, End: last }[event.key]
    if (step === undefined) return
    event.preventDefault()
    scrollToIndex(row, Math.min(last, Math.max(0, currentIndex(row) + step)))
  })
  row.addEventListener('scroll', update, { passive: true })
  update()
}

export function enhanceGalleries(root: ParentNode): void {
  root.querySelectorAll<HTMLElement>('[data-gallery]').forEach(enhanceGallery)
}
