// The table of articles and of stories: open one, or turn the page.
const acts = ['read', 'turn'];
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-act]');
  if (!button) return;
  const { act, ...sent } = button.dataset;
  if (!acts.includes(act)) return;
  if (act === 'read') window.datelineOpener = button;
  trigger(act, sent);
});
