// A place for a diagram loads the viewer only when it comes into view.
const seen = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      seen.unobserve(target);
      import('./viewer.js').then(({ show }) => show(target));
    }
  }
}, { rootMargin: '200px' });

document.querySelectorAll('[data-diagram]').forEach(place => seen.observe(place));
