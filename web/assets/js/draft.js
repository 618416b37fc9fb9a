// A draft is kept as one types: a moment after the last key, and when the page is left.
import { post } from './requests.js';

const PAUSE = 900;
const form = document.querySelector('form[data-draft]');
let timer;
let changed = false;

form?.addEventListener('input', () => {
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});
form?.addEventListener('submit', () => {
  clearTimeout(timer);
  changed = false;
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden && changed) {
    save();
  }
});

export async function save() {
  if (!form) {
    return;
  }
  clearTimeout(timer);
  changed = false;
  const place = document.querySelector('[data-draft-state]');
  const fields = [ ...new FormData(form) ].filter(([ name, value ]) => typeof value === 'string' && name !== 'csrf');
  try {
    const answer = await post(form.dataset.draft, fields);
    if (place) {
      place.textContent = answer.ok ? await answer.text() : place.dataset.failed;
    }
  } catch {
    changed = true;
    if (place) {
      place.textContent = place.dataset.failed;
    }
  }
}
