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

// An address can end in the dialog to open: /user-tasks/7#assign
if (location.hash && document.getElementById(location.hash.slice(1))?.matches('dialog')) {
  open(location.hash.slice(1));
}

export function open(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) {
    dialog.showModal();
  }
}
