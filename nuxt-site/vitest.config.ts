import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], environment: 'node' }, resolve: { alias: { '~': new URL('./app', import.meta.url).pathname } } },
      { test: { name: 'browser', include: ['tests/enhance/**/*.test.ts'], environment: 'happy-dom' } },
      await defineVitestProject({ test: { name: 'components', include: ['tests/components/**/*.test.ts'], environment: 'nuxt' } }),
    ],
  },
})
