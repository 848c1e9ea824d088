import { escapeHtml } from '@vue/shared'

/** Says in the page which address it was rendered for: the publisher refuses a file without it (the /preview shell has no other place for it). */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('render:html', (html, { event }) => {
    const path = decodeURI(event.path.split('?')[0] ?? '')
    if (path.startsWith('/__nuxt')) return
    html.head.push(`<meta name="avtofamily-page" content="${escapeHtml(path)}">`)
    if (path === '/preview') {
      html.head.push('<meta name="robots" content="noindex,nofollow"><meta name="referrer" content="no-referrer"><title>Предпросмотр</title>')
    }
  })
})
