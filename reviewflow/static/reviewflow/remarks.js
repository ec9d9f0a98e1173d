/* Answers a remark where it stands. The fields of the answer have no names, so the form of the page does not
   post them; they are sent by themselves. */
(() => {
  const csrfToken = () => document.querySelector('[name=csrfmiddlewaretoken]')?.value ?? '';

  async function answer(button) {
    const remark = button.closest('[data-remark]');
    const error = remark.querySelector('[data-remark-error]');
    const body = new FormData();
    body.append('answer', button.dataset.remarkAnswer);
    body.append('text', remark.querySelector('[data-remark-text]').value);
    button.disabled = true;
    try {
      const response = await fetch(remark.dataset.url, {
        method: 'POST',
        body,
        headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
      });
      const told = await response.json();
      if (!response.ok) throw new Error(told.error);
      const holder = document.createElement('template');
      holder.innerHTML = told.remark.trim();
      const answered = holder.content.firstElementChild;
      remark.replaceWith(answered);
      answered.focus();
      const checklist = document.getElementById('service-item-checklist');
      if (checklist) checklist.innerHTML = told.checklist;
    } catch (failure) {
      error.textContent = failure.message;
      error.hidden = false;
      button.disabled = false;
    }
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-remark-answer]');
    if (button) answer(button);
  });
  // Typing an answer is no change of the page: Wagtail would save a draft and warn of unsaved changes.
  for (const kind of ['input', 'change', 'keyup']) {
    document.addEventListener(
      kind,
      (event) => {
        if (event.target.matches?.('[data-remark-text]')) event.stopImmediatePropagation();
      },
      true,
    );
  }
})();
