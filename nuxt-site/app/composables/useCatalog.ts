import type { ListingPage } from '~/types/api'
import type { CatalogState } from '~/utils/catalog-query'
import { emptyState, parseState, toAddress, toHref, toRequest, withTodaysCodes } from '~/utils/catalog-query'

export type CatalogStatus = 'ready' | 'loading' | 'error'

/**
 * The list and its filters. The page arrives with the first cars in it; only after mounting is the address read,
 * so that the server's HTML and the first render agree.
 */
export function useCatalog(first: ListingPage) {
  const route = useRoute()
  const router = useRouter()
  const cms = useCms()
  const state = shallowRef<CatalogState>(emptyState())
  const results = shallowRef<ListingPage>(first)
  const status = ref<CatalogStatus>('ready')
  /** Names the list that is shown; “show more” keeps the name, so that its cards stay where they are. */
  const listName = ref('')
  let shownRequest = toRequest(state.value)
  let running: AbortController | undefined

  /** A new entry of the history for each decision; `replace` for those that follow one another quickly. */
  const go = (next: CatalogState, how: 'push' | 'replace' = 'push') =>
    router[how]({ path: '/catalog', query: toAddress(next) })

  async function load(): Promise<void> {
    running?.abort()
    const request = toRequest(state.value)
    if (request === shownRequest && status.value === 'ready') return
    const current = running = new AbortController()
    status.value = 'loading'
    try {
      const answer = await cms.listings(request, current.signal)
      if (current.signal.aborted) return
      state.value = withTodaysCodes(state.value, answer.renamed)
      results.value = answer
      listName.value = toHref({ ...state.value, lastPage: state.value.page })
      shownRequest = toRequest(state.value)
      status.value = 'ready'
      // What is shown is right already: only the address gets the codes of today.
      if (Object.keys(answer.renamed).length > 0) await go(state.value, 'replace')
    }
    catch {
      if (!current.signal.aborted) status.value = 'error'
    }
  }

  function readAddress(): void {
    if (route.path !== '/catalog') return
    state.value = parseState(route.query)
    void load()
  }

  onMounted(readAddress)
  watch(() => route.fullPath, readAddress)
  onBeforeUnmount(() => running?.abort())

  return { state, results, listName, status, go, retry: load }
}
