/** Sends a lead in place: errors appear beside their fields, success replaces the form. */

interface Problem {
  errors?: { field: string }[]
}

const OK_STATUSES = [200, 201]
/** After this the reader may try again; the form itself is never lost. */
const TIMEOUT_MS = 15_000

function showErrors(form: HTMLFormElement, fields: string[]): void {
  form.querySelectorAll<HTMLElement>('[data-error]').forEach((text) => {
    const wrong = fields.includes(text.dataset.error ?? '')
    text.toggleAttribute('data-shown', wrong)
    if (wrong) text.setAttribute('role', 'alert')
    const input = form.elements.namedItem(text.dataset.error ?? '')
    if (input instanceof HTMLElement) input.setAttribute('aria-invalid', String(wrong))
  })
  const first = fields.length ? form.querySelector<HTMLElement>('[aria-invalid="true"]') : null
  first?.focus()
}

async function wrongFields(form: HTMLFormElement, response: Response): Promise<string[]> {
  const problem = await response.json().catch(() => ({})) as Problem
  const known = (problem.errors ?? []).map(error => error.field).filter(field => form.querySelector(`[data-error="${CSS.escape(field)}"]`))
  return known.length ? known : ['form']
}

/** What the browser itself finds wrong, before anything is sent. */
function invalidFields(form: HTMLFormElement): string[] {
  return [...form.querySelectorAll('input')].filter(input => !input.validity.valid).map(input => input.name)
}

async function send(form: HTMLFormElement): Promise<string[]> {
  const body = new URLSearchParams()
  new FormData(form).forEach((value, name) => body.append(name, String(value)))
  try {
    const response = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) })
    return OK_STATUSES.includes(response.status) ? [] : await wrongFields(form, response)
  }
  catch {
    return ['form']
  }
}

function enhanceForm(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>('[type="submit"]')
  const done = form.parentElement?.querySelector<HTMLElement>('[data-lead-done]')
  if (!button || !done) return
  const label = button.textContent
  // Our words stand beside the field; the browser's own bubbles would speak another language.
  form.noValidate = true

  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button.disabled) return
    const invalid = invalidFields(form)
    showErrors(form, invalid)
    if (invalid.length) return
    button.disabled = true
    button.textContent = form.dataset.sending ?? label
    const wrong = await send(form)
    button.disabled = false
    button.textContent = label
    showErrors(form, wrong)
    if (wrong.length) return
    form.hidden = true
    done.hidden = false
    done.focus()
  })
}

export function enhanceLeadForms(root: ParentNode): void {
  root.querySelectorAll<HTMLFormElement>('[data-lead]').forEach(enhanceForm)
}
