// Live: the server says when there is other work. Counts follow at once. A list refreshes by itself, but never
// under somebody's pointer, keyboard or ticks: then a button offers the news.
const counts = 'aftercare-counts';

show(JSON.parse(sessionStorage.getItem(counts) ?? '{}'));

document.addEventListener('work', ({ detail }) => {
  const found = JSON.parse(detail.data);
  sessionStorage.setItem(counts, detail.data);
  show(found);
  // The list may have been made of this very news.
  if (document.querySelector('[data-live]')?.dataset.live !== detail.id) {
    refresh();
  }
});

// Deadlines pass without anybody doing anything.
setInterval(refresh, 60_000);

document.addEventListener('click', ({ target }) => {
  if (target.closest?.('[data-show-news]')) {
    load();
  }
});

document.addEventListener('htmx:sse:error', () => document.body.classList.add('is-offline'));
document.addEventListener('htmx:sse:after:connection', () => document.body.classList.remove('is-offline'));

function show(found) {
  for (const [ name, { n, late } ] of Object.entries(found)) {
    document.querySelectorAll(`[data-count="${name}"]`).forEach(place => {
      place.textContent = n ? (n > 999 ? '999+' : n) : '';
      place.classList.toggle('late', late > 0);
    });
  }
}

function refresh() {
  const list = document.querySelector('[data-live]');
  if (!list || document.hidden) {
    return;
  }
  if (inUse(list)) {
    offer(list);
  } else {
    unasked = true;
    load();
    unasked = false;
  }
}

function offer(list) {
  list.querySelector('[data-show-news]')?.removeAttribute('hidden');
  list.addEventListener('pointerleave', () => inUse(list) || load(), { once: true });
}

// Somebody may have begun with the list while its news was on the way.
let unasked = false;
const uncalled = new WeakSet();

document.addEventListener('htmx:config:request', ({ target, detail }) => {
  if (unasked && target.matches('[data-live]')) {
    uncalled.add(detail.ctx);
  }
});
document.addEventListener('htmx:before:swap', event => {
  const { target, detail } = event;
  if (uncalled.has(detail.ctx) && inUse(target)) {
    event.preventDefault();
    offer(target);
  }
});

function inUse(list) {
  return list.matches(':hover') || list.contains(document.activeElement) ||
    list.querySelector('tbody :checked') !== null || document.querySelector('dialog[open]') !== null;
}

function load() {
  const list = document.querySelector('[data-live]');
  if (list) {
    window.htmx.trigger(list, 'refresh');
  }
}
