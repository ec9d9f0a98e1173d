/* A form that is submitted while Wagtail is saving it by itself waits for that save to end.
 *
 * Otherwise the server gets the same form twice at once: on a new page that makes two pages, or an
 * error where both take the first place in an empty section. Once the form is on its way, nothing
 * more is saved beside it.
 */
(() => {
  const LONGEST_WAIT = 15000; // milliseconds; a save that never ends must not hold the form for ever
  let saving = false;
  let submitted = false;
  let waiting = null;
  let timer = null;

  const goOn = () => {
    saving = false;
    clearTimeout(timer);
    if (waiting) {
      const { form, submitter } = waiting;
      waiting = null;
      form.requestSubmit(submitter);
    }
  };

  document.addEventListener('w-autosave:save', (event) => {
    if (submitted) {
      event.preventDefault();
      return;
    }
    saving = true;
    clearTimeout(timer);
    timer = setTimeout(goOn, LONGEST_WAIT);
  });
  document.addEventListener('w-autosave:success', goOn);
  document.addEventListener('w-autosave:error', goOn);

  document.addEventListener(
    'submit',
    (event) => {
      if (!event.target.matches('form[data-edit-form]')) return;
      if (saving) {
        event.preventDefault();
        event.stopImmediatePropagation();
        waiting = { form: event.target, submitter: event.submitter };
      } else {
        // known only when every other listener has had its say
        setTimeout(() => {
          submitted = !event.defaultPrevented;
        });
      }
    },
    true,
  );
})();
