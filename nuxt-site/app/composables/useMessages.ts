import { ru } from '~/locales/ru'
import type { Messages } from '~/locales/ru'

/** Every word of the site. The one language now is Russian; another is another file of the same type. */
export function useMessages(): Messages {
  return ru
}
