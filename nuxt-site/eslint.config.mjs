import { createConfigForNuxt } from '@nuxt/eslint-config/flat'

export default createConfigForNuxt({
  features: { stylistic: true },
  dirs: { src: ['app'] },
}).append({
  rules: {
    '@typescript-eslint/no-explicit-any': 'error',
    'max-lines': ['error', 300],
    'max-lines-per-function': ['error', 50],
    'vue/max-attributes-per-line': 'off',
    'vue/singleline-html-element-content-newline': 'off',
    'vue/html-self-closing': ['error', { html: { void: 'never', normal: 'any', component: 'always' } }],
    // Pages and single-word error files are named by their addresses.
    'vue/multi-word-component-names': 'off',
  },
}, { ignores: ['.nuxt*/**', '.output*/**'] })
