// Two versions of a diagram side by side: they move together, and what is different leads to its place on both.
import { show } from './viewer.js';

export async function compare(pair) {
  if (pair.dataset.compare === 'shown') {
    return;
  }
  pair.dataset.compare = 'shown';
  const places = [ ...pair.querySelectorAll('[data-diagram]') ];
  const viewers = (await Promise.all(places.map(show))).filter(Boolean);
  const buttons = [ ...pair.querySelectorAll('[data-shows]') ];
  let following = false;
  viewers.forEach(viewer => viewer.on('canvas.viewbox.changed', () => together(viewer)));
  viewers.forEach(viewer => viewer.on('element.click', ({ element }) => {
    const found = buttons.find(button => ids(button).includes(element.id));
    if (found) {
      choose(found);
      found.scrollIntoView({ block: 'nearest' });
    }
  }));
  buttons.forEach(button => button.addEventListener('click', () => choose(button)));
  pair.classList.add('is-ready');

  // The other one shows the same part at the same size.
  function together(moved) {
    if (following) {
      return;
    }
    following = true;
    const { x, y, scale } = moved.get('canvas').viewbox();
    viewers.filter(each => each !== moved).forEach(each => {
      const canvas = each.get('canvas');
      const { width, height } = canvas.getSize();
      canvas.viewbox({ x, y, width: width / scale, height: height / scale });
    });
    following = false;
  }

  function choose(button) {
    buttons.forEach(each => each.setAttribute('aria-pressed', each === button));
    let looked = false;
    viewers.forEach(viewer => {
      const canvas = viewer.get('canvas');
      const elements = viewer.get('elementRegistry');
      elements.forEach(({ id }) => canvas.removeMarker(id, 'is-chosen'));
      const found = ids(button).filter(id => elements.get(id));
      found.forEach(id => canvas.addMarker(id, 'is-chosen'));
      if (found.length && !looked) {
        looked = true;
        center(canvas, elements.get(found[0]));
      }
    });
  }
}

function ids(button) {
  return button.dataset.shows.split(' ');
}

function center(canvas, element) {
  const { x, y, width = 0, height = 0 } = element.waypoints ? element.waypoints[0] : element;
  const size = canvas.getSize();
  const scale = Math.max(canvas.zoom(), 0.8);
  canvas.viewbox({
    x: x + width / 2 - size.width / scale / 2,
    y: y + height / 2 - size.height / scale / 2,
    width: size.width / scale,
    height: size.height / scale
  });
}
