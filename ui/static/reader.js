// The reading pane: brings the quoted words into view, and gives the focus back when it closes.
const acts = ['cite', 'whole', 'close'];
const close = () => {
  trigger('close', {});
  const opener = window.datelineOpener;
  if (opener && opener.isConnected) opener.focus();
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-act]');
  if (!button || !acts.includes(button.dataset.act)) return;
  const { act, ...sent } = button.dataset;
  if (act === 'close') close();
  else trigger(act, sent);
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && element.querySelector('.reading')) close();
});
watch('value', () => {
  const words = element.querySelector('mark');
  const place = words || element.querySelector('.reading');
  if (!place) return;
  place.focus({ preventScroll: true });
  if (words) words.scrollIntoView({ block: 'center' });
  else place.scrollIntoView({ block: 'start' });
});
