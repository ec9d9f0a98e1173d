/* An entry chosen from the register of laws fills the name and the number of a citation that has neither.
 *
 * What somebody has typed stays. The server does the same when the item is saved
 * (servicepages.blocks.LegalBasisBlock); this shows it at once.
 */
(() => {
  const { chosen } = document.currentScript.dataset; // ends in "/0/"

  document.addEventListener('change', async (event) => {
    const entry = event.target;
    if (!entry.matches?.('input[name^="legal_bases-"][name$="-entry"]') || !entry.value) return;
    const stem = entry.name.slice(0, -'entry'.length);
    const field = (name) => document.querySelector(`[name="${stem}${name}"]`);
    const law = field('law');
    const number = field('document_number');
    const isEmpty = () => !law.value.trim() && !number.value.trim();
    if (!law || !number || !isEmpty()) return;
    const response = await fetch(chosen.replace(/0\/$/, `${encodeURIComponent(entry.value)}/`), {
      headers: { 'X-Requested-With': 'XMLHttpRequest' },
    });
    if (!response.ok) return;
    const { result } = await response.json();
    if (!isEmpty()) return; // typed in the meantime
    law.value = result.name;
    number.value = result.document_number;
    [law, number].forEach((each) => {
      each.dispatchEvent(new Event('input', { bubbles: true }));
      each.dispatchEvent(new Event('change', { bubbles: true }));
    });
  });
})();
