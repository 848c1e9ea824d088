import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { enhanceLeadForms } from '../../enhance/lead-form'

let server: Server
let received: string[]
let reply: { status: number, body: object }

beforeEach(async () => {
  received = []
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (request.method === 'POST') received.push(text)
    response.writeHead(request.method === 'POST' ? reply.status : 204, { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' })
    response.end(request.method === 'POST' ? JSON.stringify(reply.body) : undefined)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  document.body.innerHTML = `<section><form data-lead data-sending="…" action="http://127.0.0.1:${port}/leads">
    <input name="name" required><p data-error="name">n</p><input name="phone" required><p data-error="phone">p</p>
    <p data-error="form">f</p><button type="submit">Отправить</button></form><div data-lead-done hidden tabindex="-1"></div></section>`
  enhanceLeadForms(document)
})
afterEach(() => new Promise(resolve => server.close(resolve)))

function submit(name: string, phone: string): HTMLFormElement {
  const form = document.querySelector('form')!
  form.querySelector<HTMLInputElement>('[name=name]')!.value = name
  form.querySelector<HTMLInputElement>('[name=phone]')!.value = phone
  form.dispatchEvent(new Event('submit', { cancelable: true }))
  return form
}
const shown = (): string[] => [...document.querySelectorAll<HTMLElement>('[data-shown]')].map(text => text.dataset.error ?? '')

it('sends nothing while a field is empty, and says which', () => {
  submit('', '+375291234567')
  expect(shown()).toEqual(['name'])
  expect(received).toEqual([])
})

it('replaces the form when the lead is taken', async () => {
  reply = { status: 201, body: { id: 1 } }
  const form = submit('Анна', '+375291234567')
  await vi.waitFor(() => expect(form.hidden).toBe(true))
  expect(document.querySelector<HTMLElement>('[data-lead-done]')!.hidden).toBe(false)
  expect(received).toEqual(['name=%D0%90%D0%BD%D0%BD%D0%B0&phone=%2B375291234567'])
})

it('shows the error beside the field that the API refused', async () => {
  reply = { status: 422, body: { errors: [{ field: 'phone', message: 'bad' }] } }
  const form = submit('Анна', '1')
  await vi.waitFor(() => expect(shown()).toEqual(['phone']))
  expect(form.hidden).toBe(false)
  expect(form.querySelector('[name=phone]')!.getAttribute('aria-invalid')).toBe('true')
})

it('keeps the form and says so when the API fails', async () => {
  reply = { status: 500, body: {} }
  const form = submit('Анна', '+375291234567')
  await vi.waitFor(() => expect(shown()).toEqual(['form']))
  expect(form.querySelector('button')!.disabled).toBe(false)
})
