// Every request htmx makes carries the form token; empty filters stay out of addresses; a slow one shows.
const token = document.querySelector('meta[name="csrf"]')?.content ?? '';
let running = 0;

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  const { request } = ctx;
  if (request.method === 'GET') {
    for (const [ name, value ] of [ ...request.body.entries() ]) {
      if (value === '') {
        request.body.delete(name);
      }
    }
    return;
  }
  request.headers['X-CSRF-Token'] = token;
});

document.addEventListener('htmx:before:request', ({ target }) => {
  if (target.id !== 'live') {
    count(1);
  }
});
document.addEventListener('htmx:finally:request', ({ target }) => {
  if (target.id !== 'live') {
    count(-1);
  }
});

function count(by) {
  running = Math.max(0, running + by);
  document.body.classList.toggle('is-busy', running > 0);
}

// A form sent twice by an impatient hand is sent once.
document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'true';
  document.body.classList.add('is-busy');
});
addEventListener('pageshow', () => {
  document.body.classList.remove('is-busy');
  document.querySelectorAll('form[data-sent]').forEach(form => delete form.dataset.sent);
});

export function post(address, fields = {}) {
  return fetch(address, {
    method: 'POST',
    headers: { 'X-CSRF-Token': token, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields)
  });
}
