/** “Copy the number” and “Share”: shown only where the browser can do it. */

/** How long the button says that it worked. */
const DONE_MS = 2_000

async function copy(button: HTMLButtonElement, text: string): Promise<void> {
  const label = button.querySelector('span')
  if (!label) return
  await navigator.clipboard.writeText(text)
  const before = label.textContent
  label.textContent = button.dataset.done ?? before
  setTimeout(() => label.replaceChildren(before), DONE_MS)
}

async function share(button: HTMLButtonElement): Promise<void> {
  const url = location.origin + location.pathname
  if (!navigator.share) return copy(button, url)
  // Closing the system's sheet rejects; that is a choice, not a failure.
  await navigator.share({ title: document.title, url }).catch(() => undefined)
}

export function enhanceCopying(root: ParentNode): void {
  const canCopy = Boolean(navigator.clipboard)
  root.querySelectorAll<HTMLButtonElement>('[data-copy]').forEach((button) => {
    button.hidden = !canCopy
    button.addEventListener('click', () => copy(button, button.dataset.copyText ?? ''))
  })
  root.querySelectorAll<HTMLButtonElement>('[data-share]').forEach((button) => {
    button.hidden = !canCopy && !('share' in navigator)
    button.addEventListener('click', () => share(button))
  })
}
