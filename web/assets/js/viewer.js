// A read-only diagram: data-diagram is the address of its XML; data-active and data-done name elements to mark;
// data-taken names flows that were taken, data-missed those nothing passed; data-added, data-removed and data-changed what
// differs from another version; data-counts ("element:3 ...") how often elements were passed, data-standing how many cases
// stand there; data-blocked names elements that keep cases from being moved; data-heat ("element:1" to 4) colours steps by
// their time against its target, data-lasting ("element:3_h") says that time.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer.js';

import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import '../css/viewer.css';

// Below this the names cannot be read any more.
const LEGIBLE = 0.5;
// Around a diagram that is seen whole, and the least height there is to move it in; in pixels.
const MARGIN = 24;
const LOWEST = 240;

export async function show(place) {
  const {
    diagram, active = '', done = '', taken = '', missed = '', blocked = '', counts = '', standing = '',
    added = '', removed = '', changed = '', heat = '', lasting = ''
  } = place.dataset;
  const viewer = new NavigatedViewer({ container: place });
  try {
    const answer = await fetch(diagram);
    await viewer.importXML(await answer.text());
  } catch {
    // A diagram without a drawing: nothing to look at.
    viewer.destroy();
    (place.closest('.panel') ?? place).hidden = true;
    return null;
  }
  const canvas = viewer.get('canvas');
  const elements = viewer.get('elementRegistry');
  mark(done, 'is-done');
  mark(taken, 'is-taken');
  mark(missed, 'is-missed');
  mark(changed, 'is-changed');
  mark(added, 'is-added');
  mark(removed, 'is-removed');
  mark(active, 'is-current');
  mark(blocked, 'is-blocked');
  count(counts, 'count passed', times => `${times}×`);
  count(standing, 'count standing', times => times, { min: 1 });
  count(lasting, 'count lasting', time => time.replaceAll('_', ' '));
  for (const pair of heat.split(' ')) {
    const [ id, level ] = pair.split(':');
    mark(id, `heat-${level}`);
  }
  fit();
  // Anew when there is more or less room to its sides; a phone's bars that come and go change the height alone.
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth !== width) {
      width = place.clientWidth;
      fit();
    }
  }).observe(place);
  place.classList.add('is-ready');
  return viewer;

  function count(pairs, look, text, scale = true) {
    for (const [ id, times ] of pairs.trim().split(/\s+/).map(pair => pair.split(':'))) {
      if (times && elements.get(id)) {
        const badge = document.createElement('span');
        badge.className = look;
        badge.textContent = text(times);
        viewer.get('overlays').add(id, { position: { top: -10, right: 14 }, html: badge, scale });
      }
    }
  }

  function mark(ids, name) {
    for (const id of ids.split(' ')) {
      if (id && elements.get(id)) {
        canvas.addMarker(id, name);
      }
    }
  }

  // The whole diagram where it stays legible or cases stand all over it, else the current step in the middle.
  function fit() {
    place.style.height = '';
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
    const current = elements.get(active.split(' ')[0]);
    if (standing || canvas.zoom() >= LEGIBLE || !current) {
      lower();
      return;
    }
    const { width, height } = canvas.getSize();
    const scale = 0.8;
    canvas.viewbox({
      x: current.x + current.width / 2 - width / scale / 2,
      y: current.y + current.height / 2 - height / scale / 2,
      width: width / scale,
      height: height / scale
    });
  }

  // A wide diagram seen whole leaves no empty room above and below it.
  function lower() {
    const wanted = Math.max(canvas.viewbox().inner.height * canvas.zoom() + 2 * MARGIN, LOWEST);
    if (wanted < place.clientHeight) {
      place.style.height = `${wanted}px`;
      canvas.resized();
      canvas.zoom('fit-viewport', 'auto');
    }
  }
}
