/** Reads the API and turns every failure into an error that the page must not swallow. */

export interface ReadOptions {
  base: string
  timeoutMs: number
  cacheSeconds: number
  /** Ends the request early: the reader has chosen something else. */
  signal?: AbortSignal
}

interface CachedAnswer {
  etag: string | null
  checkedAt: number
  body: unknown
}

/** One entry per address; only the two fixed addresses of `useCms` come here, so it cannot grow. */
const answers = new Map<string, CachedAnswer>()

const MISSING_STATUSES = [404, 410]

async function request(path: string, options: ReadOptions, headers: Record<string, string>): Promise<Response> {
  let response: Response
  try {
    response = await fetch(options.base + path, {
      headers: { Accept: 'application/json', ...headers },
      signal: AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.signal].filter(signal => signal !== undefined)),
    })
  }
  catch (cause) {
    throw createError({ status: 502, statusText: 'API unavailable', cause, fatal: true })
  }
  if (response.ok || response.status === 304) return response
  const status = MISSING_STATUSES.includes(response.status) ? response.status : 502
  throw createError({ status, statusText: `API answered ${response.status}`, fatal: true })
}

async function parse<Body>(response: Response): Promise<Body> {
  try {
    return await response.json() as Body
  }
  catch (cause) {
    throw createError({ status: 502, statusText: 'API answer is not JSON', cause, fatal: true })
  }
}

export async function readJson<Body>(path: string, options: ReadOptions): Promise<Body> {
  return parse<Body>(await request(path, options, {}))
}

/** Keeps the parsed answer in the process and asks the API whether it still holds: a page is never older than its data. */
export async function readCached<Body>(path: string, options: ReadOptions): Promise<Body> {
  const key = options.base + path
  const known = answers.get(key)
  if (known && Date.now() - known.checkedAt < options.cacheSeconds * 1000) return known.body as Body
  const response = await request(path, options, known?.etag ? { 'If-None-Match': known.etag } : {})
  if (response.status === 304 && known) {
    known.checkedAt = Date.now()
    return known.body as Body
  }
  const body = await parse<Body>(response)
  answers.set(key, { etag: response.headers.get('etag'), checkedAt: Date.now(), body })
  return body
}
