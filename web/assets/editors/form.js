// The form editor, and the form as staff will see it: drawn by the server, in either language.
import './styles.js';
import { FormEditor } from '@bpmn-io/form-js-editor';

import { addresses, place, post, run, touched } from './page.js';

import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import './page.css';
import './form.css';

const editor = new FormEditor({ container: place('canvas') });
const data = place('preview-data');
const phone = place('preview-phone');
let mode = 'draw';
let timer;

await run({
  read: async () => JSON.stringify(editor.saveSchema(), null, 2) + '\n',
  open: async text => (await editor.importSchema(JSON.parse(text))).warnings ?? [],
  select: id => {
    const field = editor.get('formFieldRegistry').get(id);
    if (field) {
      editor.get('selection').set(field);
    }
    return Boolean(field);
  },
  history: () => {
    const stack = editor.get('commandStack');
    return { undo: () => stack.undo(), redo: () => stack.redo(), canUndo: stack.canUndo(), canRedo: stack.canRedo() };
  }
});
editor.on('commandStack.changed', touched);
// For the browser's console, and for tests.
window.editor = editor;

document.querySelectorAll('input[name="mode"]').forEach(input => input.addEventListener('change', () => {
  mode = input.value;
  place('drawing').hidden = mode !== 'draw';
  place('preview-place').hidden = mode === 'draw';
  place('widths').hidden = mode === 'draw';
  if (mode !== 'draw') {
    preview();
  }
}));
document.querySelectorAll('input[name="width"]').forEach(input => input.addEventListener('change', () => {
  phone.hidden = input.value !== 'phone';
  place('preview-form').hidden = !phone.hidden;
  preview();
}));
data.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(preview, 500);
});

async function preview() {
  const content = JSON.stringify(editor.saveSchema());
  const answer = await post(addresses.preview, { content, language: mode, data: data.value });
  if (!answer.ok) {
    return;
  }
  const body = await answer.text();
  if (phone.hidden) {
    place('preview-form').innerHTML = body;
  } else {
    onPhone(body);
  }
}

// A window of its own as wide as a phone, with the page's styles, so that they do there what they do on one.
function onPhone(body) {
  const { documentElement: page } = phone.contentDocument;
  for (const { name, value } of document.documentElement.attributes) {
    page.setAttribute(name, value);
  }
  if (!phone.contentDocument.head.childElementCount) {
    phone.contentDocument.head.append(...[ ...document.head.querySelectorAll('link[rel="stylesheet"]') ].map(link => link.cloneNode()));
  }
  phone.contentDocument.body.innerHTML = `<main class="page">${body}</main>`;
}
