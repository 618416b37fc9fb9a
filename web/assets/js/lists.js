// Lists: ticking rows, the row the keyboard is on.
document.addEventListener('change', ({ target }) => {
  if (target.matches('[data-tick-all]')) {
    rows().forEach(row => tick(row, target.checked));
  } else if (target.matches('tbody [type="checkbox"]')) {
    target.closest('tr').classList.toggle('is-selected', target.checked);
  } else {
    return;
  }
  tell();
});

// Where the row the keyboard is on leads to: it is found again by it.
let standing = null;

// A list that looked again keeps its ticks, but not what followed from them, nor the row the keyboard was on.
document.addEventListener('htmx:after:swap', () => {
  rows().forEach(row => {
    row.classList.toggle('is-selected', row.querySelector('.tick :checked') !== null);
    row.classList.toggle('is-active', standing !== null && leads(row) === standing);
  });
  if (document.activeElement === document.body) {
    active()?.querySelector('.open')?.focus({ preventScroll: true });
  }
  tell();
});

function leads(row) {
  return row.querySelector('.open')?.getAttribute('href') ?? null;
}

export function rows() {
  return [ ...document.querySelectorAll('.list tbody tr') ];
}

export function active() {
  return document.querySelector('.list tbody tr.is-active');
}

export function move(by) {
  const all = rows();
  if (!all.length) {
    return;
  }
  const from = all.indexOf(active());
  const to = from < 0 ? 0 : Math.min(Math.max(from + by, 0), all.length - 1);
  all[from]?.classList.remove('is-active');
  all[to].classList.add('is-active');
  standing = leads(all[to]);
  all[to].scrollIntoView({ block: 'nearest' });
  all[to].querySelector('.open')?.focus({ preventScroll: true });
}

export function toggle(row) {
  const box = row?.querySelector('[type="checkbox"]');
  if (box) {
    tick(row, !box.checked);
    tell();
  }
}

function tick(row, on) {
  const box = row.querySelector('[type="checkbox"]');
  if (box) {
    box.checked = on;
    row.classList.toggle('is-selected', on);
  }
}

export function ticked() {
  return document.querySelectorAll('.list tbody [type="checkbox"]:checked').length;
}

function tell() {
  const n = ticked();
  document.querySelectorAll('[data-ticked]').forEach(place => { place.textContent = n; });
}
