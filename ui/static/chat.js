// Buttons inside what we render name their act; the server is told the act and what it is about.
const acts = ['cite', 'passage', 'export', 'vote', 'example'];
element.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-act]');
  if (!button) return;
  const { act, ...sent } = button.dataset;
  if (act === 'copy') {
    const text = button.closest('.exchange').querySelector('template.plain').content.textContent;
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'The browser refused';
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  } else if (acts.includes(act)) {
    if (act === 'cite' || act === 'passage') window.datelineOpener = button;
    trigger(act, sent);
  }
});
// A question that was just asked comes into view; what is written then does not move the page.
let asked = null;
watch('value', () => {
  const exchange = element.querySelector('.exchange');
  const heading = exchange && exchange.getAttribute('aria-label');
  if (element.closest('#latest') && heading !== asked && exchange && exchange.ariaBusy === 'true') {
    exchange.scrollIntoView({ block: 'start' });
  }
  asked = heading;
});
