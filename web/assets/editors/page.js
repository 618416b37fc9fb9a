// What every editor's page does: save with what was seen, check while one draws, keep and open files, warn before leaving.
const root = document.querySelector('[data-editor]');
const { dataset } = root;
const token = document.querySelector('meta[name="csrf"]').content;
const PAUSE = 700;

let editor;
let changed = false;
let lost = [];
let timer;
let checking;

export const language = dataset.language;
export const addresses = dataset;
export const place = name => root.querySelector(`[data-${name}]`);

// editor: {read() -> Promise<string>, open(text) -> Promise<warnings>, select(id) -> whether there is such an element}
export async function run(given) {
  editor = given;
  const answer = await fetch(dataset.content);
  await open(await answer.text());
  root.classList.add('is-ready');
}

export function touched() {
  changed = true;
  say(dataset.textUnsaved);
  place('save').disabled = lost.length > 0;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

export function post(address, fields) {
  return fetch(address, {
    method: 'POST',
    headers: { 'X-CSRF-Token': token, 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields)
  });
}

async function open(text) {
  try {
    lost = (await editor.open(text)).map(warning => warning.message ?? String(warning));
  } catch (error) {
    lost = [ dataset.textUnreadable.replace('{why}', error.message) ];
  }
  place('lost').hidden = lost.length === 0;
  place('lost-list').replaceChildren(...lost.map(text => Object.assign(document.createElement('li'), { textContent: text })));
}

async function save() {
  if (!changed || lost.length) {
    return;
  }
  const button = place('save');
  button.disabled = true;
  say(dataset.textSaving);
  try {
    const content = await editor.read();
    const answer = await post(dataset.content, { content, seen: dataset.seen });
    if (answer.ok) {
      const { seen, said } = await answer.json();
      dataset.seen = seen;
      changed = false;
      say(said);
      return;
    }
    document.getElementById('answers').insertAdjacentHTML('beforeend', await answer.text());
  } catch { /* The network is away: said below, and the work stays. */ }
  say(dataset.textFailed);
  button.disabled = false;
}

async function check() {
  checking?.abort();
  checking = new AbortController();
  const { signal } = checking;
  try {
    const content = await editor.read();
    const answer = await post(dataset.check, { content });
    if (answer.status === 200 && !signal.aborted) {
      place('problems').innerHTML = await answer.text();
      editor.problems?.(marks());
    }
  } catch { /* Checked again at the next change. */ }
}

// Element id -> worst severity, for an editor that marks its elements.
function marks() {
  const found = new Map();
  for (const button of place('problems').querySelectorAll('[data-element]')) {
    const severity = button.closest('li').className;
    if (found.get(button.dataset.element) !== 'error') {
      found.set(button.dataset.element, severity);
    }
  }
  return found;
}

function say(text) {
  place('state').textContent = text;
}

place('save').addEventListener('click', save);
place('export').addEventListener('click', async () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([ await editor.read() ]));
  link.download = dataset.file;
  link.click();
  URL.revokeObjectURL(link.href);
});
place('import').addEventListener('click', () => place('import-file').click());
place('import-file').addEventListener('change', async ({ target }) => {
  const [ file ] = target.files;
  target.value = '';
  if (file) {
    await open(await file.text());
    touched();
  }
});
place('problems').addEventListener('click', ({ target }) => {
  const id = target.closest('[data-element]')?.dataset.element;
  if (id) {
    editor.select(id);
  }
});

// The page's own keys (g i, /, ?) stay out of an editor, which has keys of its own.
root.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    save();
  }
  event.stopPropagation();
});
addEventListener('beforeunload', event => {
  if (changed) {
    event.preventDefault();
  }
});
