// Buttons with data-opens="<id>" open a dialog; data-closes and a click on the backdrop close it.
document.addEventListener('click', ({ target }) => {
  const opener = target.closest?.('[data-opens]');
  if (opener) {
    open(opener.dataset.opens);
    return;
  }
  if (target.closest?.('[data-closes]') || target.matches?.('dialog.dialog')) {
    target.closest('dialog').close();
  }
});

export function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) {
    dialog.showModal();
  }
}
