// Find anything: arrow keys through what was found, Enter opens, Escape leaves.
const input = document.getElementById('find');

input?.addEventListener('keydown', event => {
  const found = [ ...document.querySelectorAll('#find-results a') ];
  const active = found.findIndex(link => link.classList.contains('is-active'));
  if (event.key === 'Escape') {
    input.blur();
  } else if (event.key === 'Enter' && found.length) {
    event.preventDefault();
    found[Math.max(active, 0)].click();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    found[active]?.classList.remove('is-active');
    found[Math.min(Math.max(active + (event.key === 'ArrowDown' ? 1 : -1), 0), found.length - 1)]?.classList.add('is-active');
  }
});
