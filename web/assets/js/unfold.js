// What unfolds over the page folds again: a click elsewhere or Escape closes <details data-unfold>.
document.addEventListener('pointerdown', ({ target }) => {
  open().filter(details => !details.contains(target)).forEach(details => { details.open = false; });
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    open().forEach(details => {
      details.open = false;
      details.querySelector('summary').focus();
    });
  }
});

function open() {
  return [ ...document.querySelectorAll('details[data-unfold][open]') ];
}
