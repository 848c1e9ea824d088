import type { RouterConfig } from '@nuxt/schema'

export default <RouterConfig>{
  // Only the catalogue changes its address without a page load; a new filter must not throw the reader to the top.
  scrollBehavior: () => false,
}
