// A choice that changes what the page shows sends its form at once; without a script a button does.
document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-submits]')) {
    target.form.requestSubmit();
  }
});
