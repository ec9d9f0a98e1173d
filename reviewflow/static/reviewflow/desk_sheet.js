/* The review sheet: keeps the reader's claim fresh while it is open, and leads from field to field by
 * keyboard. Everything else on the sheet works without a script. */
(() => {
  const EVERY = 4 * 60 * 1000; // milliseconds; a claim lasts 15 minutes without being renewed
  const sheet = document.getElementById('review-sheet');
  if (!sheet) return;

  if (sheet.dataset.lookUrl) {
    const token = document.querySelector('#review-decision [name=csrfmiddlewaretoken]').value;
    setInterval(() => {
      if (document.hidden) return;
      fetch(sheet.dataset.lookUrl, { method: 'POST', headers: { 'X-CSRFToken': token } }).catch(() => {});
    }, EVERY);
  }

  // What opens by itself only where a word is typed takes the cursor when a person opens it.
  sheet.addEventListener(
    'toggle',
    (event) => {
      if (event.target.matches('.review-remark') && event.target.open && event.target.contains(document.activeElement)) {
        event.target.querySelector('textarea').focus();
      }
    },
    true,
  );

  // The browser asks before it leaves words behind that were typed and not sent.
  let sent = false;
  document.addEventListener('submit', () => {
    sent = true;
  });
  window.addEventListener('beforeunload', (event) => {
    // What was refused comes back as it was typed, and is not sent either.
    const typed = 'unsaved' in sheet.dataset || [...sheet.querySelectorAll('textarea')].some((each) => each.value !== each.defaultValue);
    if (typed && !sent) event.preventDefault();
  });

  const config = document.getElementById('wagtail-config');
  if (config && JSON.parse(config.textContent).KEYBOARD_SHORTCUTS_ENABLED === false) return;
  const isTyping = (element) => element.closest('input, textarea, select, [contenteditable]');
  document.addEventListener('keydown', (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const stops = [...sheet.querySelectorAll('.review-remark__summary')].filter((each) => each.checkVisibility());
    const here = stops.indexOf(document.activeElement);
    const next = stops[here + step] || (here < 0 ? stops[0] : null);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
})();
