// What every editor's page does: save as one goes and with what was seen, say who else is here, check while one draws,
// keep and open files, warn before leaving.
import { difference } from './difference.js';

const root = document.querySelector('[data-editor]');
const { dataset } = root;
const token = document.querySelector('meta[name="csrf"]').content;
const CHECK = 700;
const SAVE = 1500;
const HERE = 8000;

let editor;
let changed = false;
let lost = [];
let conflict = false;
// The file as it was last loaded or saved here: what somebody else changed is told against it.
let known = '';
let saving = Promise.resolve();
let checkTimer;
let saveTimer;
let checking;

export const language = dataset.language;
export const addresses = dataset;
export const place = name => root.querySelector(`[data-${name}]`);
// A draft that waits for approval stays as it is: nothing is saved until it is withdrawn or returned.
let submitted = !place('submitted').hidden;

// editor: {read() -> Promise<string>, open(text) -> Promise<warnings>, select(id) -> whether there is such an element,
// problems?(marks), history?() -> {undo, redo, canUndo, canRedo}}
export async function run(given) {
  editor = given;
  known = await content();
  await open(known);
  root.classList.add('is-ready');
  steps();
  here();
  setInterval(here, HERE);
}

export function touched() {
  changed = true;
  steps();
  if (!conflict) {
    say(dataset.textUnsaved);
  }
  place('save').disabled = lost.length > 0 || conflict || submitted;
  clearTimeout(checkTimer);
  checkTimer = setTimeout(check, CHECK);
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, SAVE);
}

// Undo and redo follow what the editor can take back now; for editors that say so later than `touched`.
export function steps() {
  const { canUndo = false, canRedo = false } = editor?.history?.() ?? {};
  place('undo').disabled = !canUndo;
  place('redo').disabled = !canRedo;
}

export function post(address, fields) {
  return fetch(address, {
    method: 'POST',
    headers: { 'X-CSRF-Token': token, 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields)
  });
}

async function content() {
  return (await fetch(dataset.content)).text();
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

// One save at a time; what is drawn meanwhile is saved by the next.
export function save() {
  clearTimeout(saveTimer);
  saving = saving.then(saveNow);
  return saving;
}

async function saveNow() {
  if (!changed || lost.length || conflict || submitted) {
    return;
  }
  say(dataset.textSaving);
  changed = false;
  try {
    const text = await editor.read();
    const answer = await post(dataset.content, { content: text, seen: dataset.seen });
    if (answer.ok) {
      const { seen, said } = await answer.json();
      dataset.seen = seen;
      known = text;
      if (!changed) {
        say(said);
      }
      return;
    }
    changed = true;
    if (answer.status === 409) {
      await here();
      if (conflict || submitted) {
        return;
      }
    }
    document.getElementById('answers').insertAdjacentHTML('beforeend', await answer.text());
  } catch { /* The network is away: said below, and the work stays. */
    changed = true;
  }
  say(dataset.textFailed);
}

// Who else is here, and whether this file is still as it was opened.
async function here() {
  if (document.hidden) {
    return;
  }
  try {
    const answer = await post(dataset.here, { seen: dataset.seen });
    if (!answer.ok) {
      return;
    }
    const { others, meanwhile, stamp, submitted: why } = await answer.json();
    place('others').textContent = others.join(' ');
    waits(why);
    if (!meanwhile || conflict) {
      return;
    }
    const theirs = await content();
    if (theirs === known) {
      return;
    }
    const { names, layout } = difference(known, theirs);
    conflict = true;
    place('conflict-text').textContent = meanwhile;
    place('conflict-changes').textContent = dataset.textTheirs.replace('{what}', names.join(', ') || (layout ? dataset.textLayout : '…'));
    place('conflict').hidden = false;
    place('conflict').dataset.stamp = stamp;
    place('save').disabled = true;
    say(dataset.textFailed);
  } catch { /* Asked again in a moment. */ }
}

function waits(why) {
  const before = submitted;
  submitted = why !== '';
  place('submitted').hidden = !submitted;
  place('submitted-text').textContent = why;
  if (before === submitted || !changed) {
    return;
  }
  say(dataset.textUnsaved);
  place('save').disabled = lost.length > 0 || conflict || submitted;
  if (!submitted) {
    save();
  }
}

function settled() {
  conflict = false;
  place('conflict').hidden = true;
  dataset.seen = place('conflict').dataset.stamp;
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

export function say(text) {
  place('state').textContent = text;
}

place('save').addEventListener('click', save);
place('undo').addEventListener('click', () => editor.history().undo());
place('redo').addEventListener('click', () => editor.history().redo());
place('take').addEventListener('click', async () => {
  known = await content();
  settled();
  await open(known);
  changed = false;
  clearTimeout(saveTimer);
  place('save').disabled = true;
  place('state').textContent = '';
  steps();
  check();
});
place('overwrite').addEventListener('click', () => {
  settled();
  touched();
  save();
});
root.querySelectorAll('[data-export]').forEach(button => button.addEventListener('click', async () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([ await editor.read() ]));
  link.download = dataset.file;
  link.click();
  URL.revokeObjectURL(link.href);
}));
place('import').addEventListener('click', () => place('import-file').click());
place('import-file').addEventListener('change', async ({ target }) => {
  const [ file ] = target.files;
  target.value = '';
  if (file) {
    await open(await file.text());
    touched();
    // A whole file in place of the draft is saved when its owner says so.
    clearTimeout(saveTimer);
    if (!lost.length) {
      say(dataset.textOpened);
    }
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
addEventListener('visibilitychange', () => document.hidden ? save() : here());
addEventListener('beforeunload', event => {
  if (changed) {
    event.preventDefault();
  }
});
