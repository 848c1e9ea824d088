import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readCached, readJson } from '../../app/utils/cms-client'

vi.stubGlobal('createError', (input: object) => Object.assign(new Error('page'), input))

let server: Server
let options: { base: string, timeoutMs: number, cacheSeconds: number }
let handle: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  options = { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 300, cacheSeconds: 0 }
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('a failing API fails the page', () => {
  it.each([[404, 404], [410, 410], [500, 502], [503, 502], [429, 502]])('answers %s with %s', async (answered, status) => {
    handle = (_, response) => response.writeHead(answered).end('{}')
    await expect(readJson('/x', options)).rejects.toMatchObject({ status })
  })

  it('does not wait for ever', async () => {
    handle = () => undefined
    await expect(readJson('/x', options)).rejects.toMatchObject({ status: 502 })
  })

  it('refuses an answer that is not JSON', async () => {
    handle = (_, response) => response.end('<html>')
    await expect(readJson('/x', options)).rejects.toMatchObject({ status: 502 })
  })
})

describe('an answer kept in the process', () => {
  it('is asked about each time and replaced as soon as it changed', async () => {
    let name = 'one'
    const tags: (string | undefined)[] = []
    handle = (request, response) => {
      tags.push(request.headers['if-none-match'])
      if (request.headers['if-none-match'] === `"${name}"`) response.writeHead(304).end()
      else response.writeHead(200, { ETag: `"${name}"` }).end(JSON.stringify({ name }))
    }
    const first = await readCached('/site', options)
    expect(await readCached('/site', options)).toBe(first)
    name = 'two'
    expect(await readCached('/site', options)).toEqual({ name: 'two' })
    expect(tags).toEqual([undefined, '"one"', '"one"'])
  })

  it('is reused unasked only for as long as it was allowed', async () => {
    let asked = 0
    handle = (_, response) => {
      asked += 1
      response.end('{}')
    }
    await readCached('/reference', { ...options, cacheSeconds: 60 })
    await readCached('/reference', { ...options, cacheSeconds: 60 })
    expect(asked).toBe(1)
  })
})
