// Tidies a diagram: steps from left to right in the order of the flow, each in its lane, everything else where it was.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil.js';

const LEFT = 80;
const TOP = 100;
const GAP = 60;
const ROW = 40;
const BESIDE = 20;

export const layout = { __init__: [ 'aftercareLayout' ], aftercareLayout: [ 'type', Layout ] };

// Everything it moves is one step to undo.
function Layout(commandStack, injector) {
  commandStack.register('aftercare.layout', { preExecute: () => tidy(injector) });
  this.run = () => commandStack.execute('aftercare.layout', {});
}
Layout.$inject = [ 'commandStack', 'injector' ];

function tidy(injector) {
  const [ registry, modeling, canvas ] = [ 'elementRegistry', 'modeling', 'canvas' ].map(name => injector.get(name));
  for (const pool of pools(registry, canvas)) {
    const nodes = registry.filter(each => !each.labelTarget && is(each, 'bpmn:FlowNode') && !is(each, 'bpmn:BoundaryEvent') && each.parent === pool);
    if (nodes.length) {
      arrange(nodes, pool, registry, modeling);
    }
  }
}

function pools(registry, canvas) {
  const drawn = registry.filter(each => is(each, 'bpmn:Participant') && getBusinessObject(each).processRef);
  return drawn.length ? drawn : [ canvas.getRootElement() ];
}

function arrange(nodes, pool, registry, modeling) {
  const columns = inColumns(nodes);
  const lanes = lanesOf(pool, registry);
  const origin = { x: (pool.x ?? 100) + LEFT, y: (pool.y ?? 100) };
  const lefts = leftsOf(columns, origin.x);
  const right = Math.max(...lefts) + widest(columns.at(-1)) + LEFT;
  if (pool.width && right > pool.x + pool.width) {
    modeling.resizeShape(pool, { x: pool.x, y: pool.y, width: right - pool.x, height: pool.height });
  }
  for (const lane of lanes) {
    const inLane = columns.map(column => column.filter(node => laneOf(node, lanes) === lane));
    const needed = Math.max(...inLane.map(column => column.reduce((sum, node) => sum + node.height + ROW, TOP)));
    if (lane.height && needed > lane.height) {
      modeling.resizeLane(lane, { x: lane.x, y: lane.y, width: lane.width, height: needed });
    }
    const middle = (lane.y ?? origin.y) + (lane.height ?? needed) / 2;
    inLane.forEach((column, at) => stack(column, lefts[at] + widest(columns[at]) / 2, middle, modeling));
  }
  const level = new Map(columns.flatMap((column, at) => column.map(node => [ node, at ])));
  const lane = node => laneOf(node, lanes);
  const flows = new Set(nodes.flatMap(node => [ ...node.outgoing, ...(node.attachers ?? []).flatMap(each => each.outgoing) ]));
  [ ...flows ].filter(flow => is(flow, 'bpmn:SequenceFlow') && level.has(flow.target)).forEach((flow, at) => {
    const [ from, to ] = [ level.get(flow.source.host ?? flow.source), level.get(flow.target) ];
    modeling.updateWaypoints(flow, way(flow, from, to, columns, lane, BESIDE + 8 * (at % 4)));
  });
}

// To the next column straight or with a bend; further on, and back, over or under the steps between.
function way({ source, target }, from, to, columns, lane, offset) {
  const [ s, t ] = [ middleOf(source.host ?? source), middleOf(target) ];
  const border = source.host ? { x: source.x + source.width / 2, y: source.y + source.height } : null;
  const out = border ?? { x: s.right, y: s.y };
  const into = { x: t.left, y: t.y };
  const turn = t.left - GAP / 2;
  if (to === from + 1) {
    return border ? [ out, { x: out.x, y: Math.max(out.y + BESIDE, t.y) }, { x: turn, y: Math.max(out.y + BESIDE, t.y) }, { x: turn, y: t.y }, into ] : out.y === into.y ? [ out, into ] : [ out, { x: turn, y: out.y }, { x: turn, y: into.y }, into ];
  }
  const home = lane(source.host ?? source);
  const between = columns.slice(Math.min(from, to), Math.max(from, to) + 1).flat().filter(node => lane(node) === home);
  const y = to > from && lane(target) === home && !border
    ? Math.min(...between.map(node => node.y)) - offset
    : t.y < s.y && lane(target) !== home
      ? Math.min(...between.map(node => node.y)) - offset
      : Math.max(...between.map(node => node.y + node.height)) + offset;
  const leave = border ? [ out, { x: out.x, y } ] : y < s.y ? [ { x: s.x, y: s.top }, { x: s.x, y } ] : [ { x: s.x, y: s.bottom }, { x: s.x, y } ];
  if (lane(target) === home && to <= from) {
    return [ ...leave, { x: t.x, y }, { x: t.x, y: y < t.y ? t.top : t.bottom } ];
  }
  return [ ...leave, { x: turn, y }, { x: turn, y: into.y }, into ];
}

function middleOf({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2, left: x, right: x + width, top: y, bottom: y + height };
}

// Steps by the longest way from a beginning; ways back to an earlier step are left out first.
function inColumns(nodes) {
  const onward = new Map();
  const [ open, done ] = [ new Set(), [] ];
  const visit = node => {
    open.add(node);
    onward.set(node, []);
    for (const next of nextOf(node, nodes)) {
      if (!open.has(next)) {
        onward.get(node).push(next);
        onward.has(next) || visit(next);
      }
    }
    open.delete(node);
    done.unshift(node);
  };
  const begins = nodes.filter(node => node.incoming.every(flow => !is(flow, 'bpmn:SequenceFlow')));
  [ ...begins, ...nodes ].forEach(node => onward.has(node) || visit(node));
  const level = new Map(done.map(node => [ node, 0 ]));
  done.forEach(node => onward.get(node).forEach(next => level.set(next, Math.max(level.get(next), level.get(node) + 1))));
  const columns = [];
  [ ...level ].forEach(([ node, at ]) => (columns[at] ??= []).push(node));
  return columns.map(column => column.sort((one, other) => one.y - other.y));
}

// The steps that follow, the ordinary ways before those of events on the border.
function nextOf(node, nodes) {
  return [ node, ...(node.attachers ?? []) ].flatMap(each => each.outgoing).filter(flow => is(flow, 'bpmn:SequenceFlow')).map(({ target }) => target).filter(target => nodes.includes(target));
}

function lanesOf(pool, registry) {
  const lanes = registry.filter(each => is(each, 'bpmn:Lane') && within(each, pool) && !registry.find(other => is(other, 'bpmn:Lane') && other.parent === each));
  return lanes.length ? lanes.sort((one, other) => one.y - other.y) : [ pool ];
}

function within(element, pool) {
  return element === pool || (element.parent ? within(element.parent, pool) : false);
}

function laneOf(node, lanes) {
  const middle = node.y + node.height / 2;
  return lanes.find(lane => getBusinessObject(lane).flowNodeRef?.includes(getBusinessObject(node))) ?? lanes.find(lane => middle >= lane.y && middle <= lane.y + lane.height) ?? lanes[0];
}

function leftsOf(columns, left) {
  const lefts = [];
  for (const column of columns) {
    lefts.push(left);
    left += widest(column) + GAP;
  }
  return lefts;
}

function widest(column) {
  return Math.max(...column.map(({ width }) => width));
}

function stack(column, centre, middle, modeling) {
  const height = column.reduce((sum, node) => sum + node.height, 0) + ROW * (column.length - 1);
  let top = middle - height / 2;
  for (const node of column) {
    const delta = { x: Math.round(centre - node.width / 2 - node.x), y: Math.round(top - node.y) };
    top += node.height + ROW;
    if (delta.x || delta.y) {
      // Without a target: dropped on a flow it would be put into it.
      modeling.moveElements([ node ], delta);
    }
  }
}
