// A read-only diagram: data-diagram is the address of its XML; data-active and data-done name elements to mark;
// data-taken names flows that were taken.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer.js';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../css/viewer.css';

export async function show(place) {
  const { diagram, active = '', done = '', taken = '' } = place.dataset;
  const xml = await fetch(diagram).then(answer => answer.ok ? answer.text() : Promise.reject(answer.status));
  const viewer = new NavigatedViewer({ container: place });
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  mark(done, 'is-done');
  mark(taken, 'is-taken');
  mark(active, 'is-current');
  fit();
  place.classList.add('is-ready');
  return viewer;

  function mark(ids, name) {
    for (const id of ids.split(' ')) {
      if (id && elements.get(id)) {
        canvas.addMarker(id, name);
      }
    }
  }

  // The whole diagram where it stays legible, else the current step in the middle.
  function fit() {
    canvas.zoom('fit-viewport', 'auto');
    const current = elements.get(active.split(' ')[0]);
    if (current && canvas.zoom() < 0.55) {
      canvas.zoom(0.7, { x: current.x + (current.width ?? 0) / 2, y: current.y + (current.height ?? 0) / 2 });
      canvas.scrollToElement(current, 80);
    }
  }
}
