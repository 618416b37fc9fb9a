// The decision-table editor: one view a decision of the file, as tabs of the page.
import './styles.js';
import Modeler from 'dmn-js/lib/Modeler.js';

import { addresses, language, place, post, run, touched } from './page.js';

import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn-embedded.css';
import './page.css';
import './dmn.css';
import { decisionWords } from './translation.js';

const tabs = place('views');
const words = await decisionWords(language);
const common = { additionalModules: words ? [ words ] : [] };
const modeler = new Modeler({ container: place('canvas'), drd: common, decisionTable: common, literalExpression: common });
let opened = false;
let tryTimer;
let trying;

modeler.on('views.changed', ({ views, activeView }) => {
  tryLater();
  tabs.replaceChildren(...views.filter(({ type }) => type !== 'drd').map(view => tab(view, view === activeView || view.element === activeView?.element)));
});
modeler.on('viewer.created', ({ viewer }) => {
  viewer.on('elements.changed', changedByHand);
  viewer.on('commandStack.changed', changedByHand);
});

await run({
  read: async () => (await modeler.saveXML({ format: true })).xml,
  open: async text => {
    opened = false;
    const { warnings } = await modeler.importXML(text, { open: false });
    const wanted = decodeURIComponent(location.hash.slice(1));
    const tables = modeler.getViews().filter(({ type }) => type !== 'drd');
    await modeler.open(tables.find(({ id, element }) => id === wanted || element.id === wanted) ?? tables[0] ?? modeler.getViews()[0]);
    opened = true;
    return warnings;
  },
  select: id => {
    const view = modeler.getViews().find(({ element }) => holds(element, id));
    if (view) {
      modeler.open(view);
    }
    return Boolean(view);
  },
  history: () => {
    const stack = modeler.getActiveViewer()?.get('commandStack', false);
    return stack ? { undo: () => stack.undo(), redo: () => stack.redo(), canUndo: stack.canUndo(), canRedo: stack.canRedo() } : {};
  }
});
// For the browser's console, and for tests.
window.modeler = modeler;

function changedByHand() {
  if (opened) {
    touched();
    tryLater();
  }
}

place('try-place').addEventListener('input', tryLater);

function tryLater() {
  clearTimeout(tryTimer);
  tryTimer = setTimeout(tryNow, 350);
}

// The server evaluates the table as it stands here, with the values typed below it; the rules that match are lit.
async function tryNow() {
  const view = modeler.getActiveView();
  if (!opened || !view || view.type === 'drd') {
    return;
  }
  trying?.abort();
  const { signal } = trying = new AbortController();
  const typed = [ ...place('try-place').querySelectorAll('input') ].map(({ name, value }) => [ `in:${name}`, value ]);
  const { xml } = await modeler.saveXML();
  const answer = await post(addresses.try, { content: xml, decision: view.element.id, ...Object.fromEntries(typed) });
  if (!answer.ok || signal.aborted) {
    return;
  }
  const given = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [ old, now ] = [ place('try-place'), given ].map(within => within.querySelector('[data-try-fields]'));
  // The fields stay, with the cursor in them, while they are the same.
  if (old && now && old.dataset.tryFields === now.dataset.tryFields) {
    now.replaceWith(old);
  }
  const focused = document.activeElement;
  place('try-place').replaceChildren(...given.body.childNodes);
  focused?.isConnected && focused !== document.body && focused.focus();
  const matched = place('try-result').dataset.rules.split(' ');
  for (const cell of place('canvas').querySelectorAll('td[data-row-id]')) {
    cell.classList.toggle('is-matched', matched.includes(cell.dataset.rowId));
  }
}

function tab(view, current) {
  const link = Object.assign(document.createElement('a'), { href: `#${view.element.id}`, textContent: view.name ?? view.element.id });
  if (current) {
    link.setAttribute('aria-current', 'page');
  }
  link.addEventListener('click', event => {
    event.preventDefault();
    history.replaceState(null, '', link.href);
    modeler.open(view);
  });
  return link;
}

// Whether an element is, or has somewhere inside, the one of that id.
function holds(element, id) {
  return element.id === id || Boolean(element.$descriptor?.properties.some(({ name, isReference, isMany }) => {
    const value = isReference ? null : element.get(name);
    return value && typeof value === 'object' && !name.includes('parent') && [].concat(isMany ? value : [ value ]).some(each => each?.$type && holds(each, id));
  }));
}
