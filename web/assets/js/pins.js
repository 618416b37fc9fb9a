// Frozen columns: each keeps its place behind those before it, whose widths only the browser knows.
const seen = new ResizeObserver(entries => entries.forEach(({ target }) => place(target.closest('table'))));

observe(document);
document.addEventListener('htmx:after:swap', () => observe(document));

function observe(root) {
  root.querySelectorAll('th.pin').forEach(head => seen.observe(head));
}

function place(table) {
  let left = 0;
  table?.querySelectorAll('th.pin').forEach((head, index) => {
    table.style.setProperty(`--pin-${index + 1}`, `${left}px`);
    left += head.offsetWidth;
  });
}
