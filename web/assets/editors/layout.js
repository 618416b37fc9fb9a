// Tidies a diagram: steps from left to right in the order of the flow, each in its lane, everything else where it was.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil.js';

const LEFT = 80;
const TOP = 40;
const GAP = 60;
const ROW = 40;

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
      modeling.resizeShape(lane, { x: lane.x, y: lane.y, width: lane.width, height: needed });
    }
    const middle = (lane.y ?? origin.y) + (lane.height ?? needed) / 2;
    inLane.forEach((column, at) => stack(column, lefts[at] + widest(columns[at]) / 2, middle, modeling));
  }
  new Set(nodes.flatMap(node => [ ...node.incoming, ...node.outgoing, ...(node.attachers ?? []).flatMap(each => each.outgoing) ])).forEach(flow => modeling.layoutConnection(flow));
}

// Steps by the longest way from a beginning; a way back to an earlier step moves nothing.
function inColumns(nodes) {
  const level = new Map();
  const open = new Set();
  const visit = (node, at) => {
    if (open.has(node) || !nodes.includes(node) || (level.get(node) ?? -1) >= at) {
      return;
    }
    level.set(node, at);
    open.add(node);
    [ node, ...(node.attachers ?? []) ].flatMap(each => each.outgoing).filter(flow => is(flow, 'bpmn:SequenceFlow')).forEach(flow => visit(flow.target, at + 1));
    open.delete(node);
  };
  const begins = nodes.filter(node => node.incoming.every(flow => !is(flow, 'bpmn:SequenceFlow')));
  [ ...begins, ...nodes ].forEach(node => level.has(node) || visit(node, 0));
  const columns = [];
  [ ...level ].forEach(([ node, at ]) => (columns[at] ??= []).push(node));
  return columns.filter(Boolean).map(column => column.sort((one, other) => one.y - other.y));
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
