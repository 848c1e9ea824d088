import tailwindcss from '@tailwindcss/vite'
import { siteRoutes } from './config/site-routes'

// `NUXT_GENERATE=1` renders the whole site at build time: only the bench uses it, to compare with the renderer.
const generate = process.env.NUXT_GENERATE === '1'
const cmsUrl = process.env.NUXT_CMS_URL || 'http://127.0.0.1:8000'

export default defineNuxtConfig({
  components: [{ path: '~/components', pathPrefix: false }],
  devtools: { enabled: false },

  app: {
    head: {
      htmlAttrs: { lang: 'ru' },
      meta: [
        { name: 'viewport', content: 'width=device-width, initial-scale=1, viewport-fit=cover' },
        { name: 'color-scheme', content: 'light dark' },
        { name: 'theme-color', content: '#f5f4f0', media: '(prefers-color-scheme: light)' },
        { name: 'theme-color', content: '#101214', media: '(prefers-color-scheme: dark)' },
        { name: 'format-detection', content: 'telephone=no' },
      ],
      link: [{ rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }],
    },
  },
  css: ['~/assets/css/main.css'],

  runtimeConfig: {
    /** Where the renderer reads the API (NUXT_CMS_URL). Browsers never see it. */
    cmsUrl,
    /** Seconds a site or reference answer is reused unasked (NUXT_CMS_CACHE_SECONDS); 0 asks with If-None-Match each time. */
    cmsCacheSeconds: 0,
    /** Milliseconds before a slow API fails the page (NUXT_CMS_TIMEOUT_MS). */
    cmsTimeoutMs: 10_000,
    /** The public address for canonical links (NUXT_PUBLIC_SITE_URL). */
    public: { siteUrl: 'http://127.0.0.1:8080' },
  },
  // Apart from the renderer's own build, which may be serving meanwhile.
  buildDir: generate ? '.nuxt-generate' : '.nuxt',

  routeRules: {
    '/**': { noScripts: true },
    '/catalog': { noScripts: false },
    '/preview': { noScripts: false, ssr: false },
  },

  features: { inlineStyles: true },
  experimental: { payloadExtraction: false, appManifest: false, checkOutdatedBuildInterval: false },
  compatibilityDate: '2026-11-01',

  nitro: {
    preset: generate ? 'static' : 'node-server',
    output: { dir: generate ? '.output-generate' : '.output' },
    prerender: generate
      ? { crawlLinks: false, failOnError: true, concurrency: 4, routes: await siteRoutes(cmsUrl) }
      : { crawlLinks: false, routes: [] },
    devProxy: { '/api': `${cmsUrl}/api`, '/media': `${cmsUrl}/media` },
  },
  vite: {
    plugins: [tailwindcss()],
    define: { __VUE_OPTIONS_API__: 'false' },
  },

  typescript: { strict: true, tsConfig: { compilerOptions: { noUncheckedIndexedAccess: true } } },
  telemetry: false,
})
