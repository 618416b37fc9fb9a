// Buttons with data-print open the browser's print dialog.
document.addEventListener('click', ({ target }) => {
  if (target.closest?.('[data-print]')) {
    window.print();
  }
});
