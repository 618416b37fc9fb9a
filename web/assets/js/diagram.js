// A place for a diagram loads the viewer only when it comes into view.
const seen = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      seen.unobserve(target);
      const pair = target.closest('[data-compare]');
      if (pair) {
        import('./compare.js').then(({ compare }) => compare(pair));
      } else {
        import('./viewer.js').then(({ show }) => show(target));
      }
    }
  }
}, { rootMargin: '200px' });

watch();
// One that came with a part of a page is empty still.
document.addEventListener('htmx:after:swap', watch);

function watch() {
  document.querySelectorAll('[data-diagram]:empty').forEach(place => seen.observe(place));
}
