// The moderators' pages: reasons fill the comment, letters press the buttons, filters apply at once.
document.querySelectorAll('[data-moderation-filter]').forEach((select) => {
  select.addEventListener('change', () => select.form.submit())
})
document.querySelectorAll('[data-reason]').forEach((button) => {
  button.addEventListener('click', () => {
    const comment = document.getElementById('comment')
    comment.value = [comment.value.trim(), button.dataset.reason].filter(Boolean).join('\n')
    comment.focus()
  })
})
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return
  if (event.target.closest('input, textarea, select, [contenteditable]')) return
  // By place on the keyboard: with a Russian layout "A" is "Ф".
  const letter = event.code.replace('Key', '').toLowerCase()
  const button = document.querySelector(`[data-shortcut="${letter}"]`)
  if (!button) return
  event.preventDefault()
  if (letter === 'r' && !document.getElementById('comment').value.trim()) document.getElementById('comment').focus()
  else button.click()
})
