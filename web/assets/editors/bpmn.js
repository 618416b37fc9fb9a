// The diagram editor: the modeller of the Camunda 8 dialect with its panel, element templates and minimap.
import './styles.js';
import Modeler from 'camunda-bpmn-js/lib/camunda-cloud/Modeler.js';

import { layout } from './layout.js';
import { addresses, language, place, run, touched } from './page.js';
import { panel } from './panel.js';
import { translation } from './translation.js';
import { variables } from './variables.js';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-element-templates/dist/assets/element-templates.css';
import '@bpmn-io/element-template-chooser/dist/element-template-chooser.css';
import './page.css';
import './bpmn.css';

const catalogue = await fetch(addresses.catalogue).then(answer => answer.json());
const modeler = new Modeler({
  container: place('canvas'),
  // Links of the library to pages elsewhere are of no use here.
  propertiesPanel: { parent: place('panel'), getFeelPopupLinks: () => [] },
  elementTemplates: catalogue.templates,
  // Saving moves nothing: what was opened and not changed is saved as it was.
  alignToOrigin: { alignOnSave: false },
  resources: catalogue.resources,
  bpmnRenderer: {
    defaultFillColor: 'var(--shape-fill)',
    defaultStrokeColor: 'var(--shape-stroke)',
    defaultLabelColor: 'var(--shape-text)'
  },
  additionalModules: [ panel(catalogue), variables(catalogue), layout, await translation(language) ]
});
const canvas = modeler.get('canvas');
const elements = modeler.get('elementRegistry');
const PALETTE = 130;
const MARGIN = 24;
let marked = [];

modeler.on('commandStack.changed', touched);
place('layout').addEventListener('click', () => {
  modeler.get('aftercareLayout').run();
  show();
});

await run({
  read: async () => (await modeler.saveXML({ format: true })).xml,
  open: async text => {
    const { warnings } = await modeler.importXML(text);
    show();
    return warnings;
  },
  select: id => {
    const element = named(id);
    if (!element) {
      return false;
    }
    modeler.get('selection').select(element);
    canvas.scrollToElement(element, 120);
    canvas.focus();
    return true;
  },
  history: () => {
    const stack = modeler.get('commandStack');
    return { undo: () => stack.undo(), redo: () => stack.redo(), canUndo: stack.canUndo(), canRedo: stack.canRedo() };
  },
  problems: found => {
    marked.filter(([ id ]) => elements.get(id)).forEach(([ id, name ]) => canvas.removeMarker(id, name));
    marked = [ ...found ].filter(([ id ]) => named(id)).map(([ id, severity ]) => [ named(id).id, `has-${severity}` ]);
    marked.forEach(([ id, name ]) => canvas.addMarker(id, name));
  }
});
// For the browser's console, and for tests.
window.modeler = modeler;

// An element by its id, or a lane by its name: a lane is known by the role it is named after.
function named(id) {
  return elements.get(id) ?? elements.find(({ type, businessObject }) => type === 'bpmn:Lane' && businessObject.name === id);
}

// The beginning of the diagram beside the palette, as high as the canvas: people read from there.
function show() {
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, Math.max(0.4, outer.height / (inner.height + 2 * MARGIN)));
  const height = outer.height / scale;
  canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - (height - inner.height) / 2, width: outer.width / scale, height });
}
