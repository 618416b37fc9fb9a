// Range functions (DMN 1.5, 10.3.4.9): where points and ranges lie to each other. null where they have no order.

import { FeelDate, FeelDateTime, FeelTime, parseDuration, parseTemporal } from '../temporal.js';
import { Range, compare } from '../values.js';
import { define } from './define.js';

// Three-valued comparisons of ends; a null anywhere makes the result null
class Incomparable extends Error {}

relation('before', {
  points: (a, b) => less(a, b),
  pointRange: (point, range) => less(point, range.start) || (same(point, range.start) && !range.startIncluded),
  rangePoint: (range, point) => less(range.end, point) || (same(range.end, point) && !range.endIncluded),
  ranges: (a, b) => less(a.end, b.start) || ((!a.endIncluded || !b.startIncluded) && same(a.end, b.start))
});
relation('after', {
  points: (a, b) => less(b, a),
  pointRange: (point, range) => less(range.end, point) || (same(range.end, point) && !range.endIncluded),
  rangePoint: (range, point) => less(point, range.start) || (same(point, range.start) && !range.startIncluded),
  ranges: (a, b) => less(b.end, a.start) || ((!b.endIncluded || !a.startIncluded) && same(b.end, a.start))
});
relation('meets', { ranges: meets });
relation('met by', { ranges: (a, b) => meets(b, a) });
relation('overlaps', {
  ranges: (a, b) => (less(b.start, a.end) || (same(a.end, b.start) && a.endIncluded && b.startIncluded))
    && (less(a.start, b.end) || (same(a.start, b.end) && a.startIncluded && b.endIncluded))
});
relation('overlaps before', { ranges: overlapsBefore });
relation('overlaps after', { ranges: (a, b) => overlapsBefore(b, a) });
relation('finishes', {
  pointRange: (point, range) => range.endIncluded && same(range.end, point),
  ranges: finishes
});
relation('finished by', {
  rangePoint: (range, point) => range.endIncluded && same(range.end, point),
  ranges: (a, b) => finishes(b, a)
});
relation('includes', { rangePoint: includesPoint, ranges: includesRange });
relation('during', {
  pointRange: (point, range) => includesPoint(range, point),
  ranges: (a, b) => includesRange(b, a)
});
relation('starts', {
  pointRange: (point, range) => range.startIncluded && same(range.start, point),
  ranges: starts
});
relation('started by', {
  rangePoint: (range, point) => range.startIncluded && same(range.start, point),
  ranges: (a, b) => starts(b, a)
});
relation('coincides', {
  points: same,
  ranges: (a, b) => same(a.start, b.start) && same(a.end, b.end)
    && a.startIncluded === b.startIncluded && a.endIncluded === b.endIncluded
});

function meets(a, b) {
  return a.endIncluded && b.startIncluded && same(a.end, b.start);
}

function overlapsBefore(a, b) {
  return (less(a.start, b.start) || (same(a.start, b.start) && a.startIncluded && !b.startIncluded))
    && (less(b.start, a.end) || (same(a.end, b.start) && a.endIncluded && b.startIncluded))
    && (less(a.end, b.end) || (same(a.end, b.end) && (!a.endIncluded || b.endIncluded)));
}

function finishes(a, b) {
  return a.endIncluded === b.endIncluded && same(a.end, b.end)
    && (less(b.start, a.start) || (same(a.start, b.start) && (!a.startIncluded || b.startIncluded)));
}

function starts(a, b) {
  return same(a.start, b.start) && a.startIncluded === b.startIncluded
    && (less(a.end, b.end) || (same(a.end, b.end) && (!a.endIncluded || b.endIncluded)));
}

function includesPoint(range, point) {
  return (less(range.start, point) && less(point, range.end))
    || (same(range.start, point) && range.startIncluded) || (same(range.end, point) && range.endIncluded);
}

function includesRange(a, b) {
  return (less(a.start, b.start) || (same(a.start, b.start) && (a.startIncluded || !b.startIncluded)))
    && (less(b.end, a.end) || (same(a.end, b.end) && (a.endIncluded || !b.endIncluded)));
}

function relation(name, { points, pointRange, rangePoint, ranges }) {
  if (ranges) {
    define(`${name}(range1: range, range2: range)`, known(ranges));
  }
  if (rangePoint) {
    define(`${name}(range: range, point: any)`, known(rangePoint));
  }
  if (pointRange) {
    define(`${name}(point: any, range: range)`, known(pointRange));
  }
  if (points) {
    define(`${name}(point1: any, point2: any)`, known(points));
  }
}

function known(test) {
  return (a, b) => {
    try {
      return test(a, b);
    } catch (error) {
      if (error instanceof Incomparable) {
        return null;
      }
      throw error;
    }
  };
}

function less(a, b) {
  return ordered(a, b) < 0;
}

function same(a, b) {
  return ordered(a, b) === 0;
}

function ordered(a, b) {
  const order = compare(a, b);
  if (order === null) {
    throw new Incomparable();
  }
  return order;
}

// The text of a range with literal ends: "[1..10]", "(date("2020-01-01")..date("2021-01-01")]"; null if it is none
export function parseRange(text) {
  const found = /^\s*([[\](])(.*?)\.\.(.*)([\])[])\s*$/s.exec(text);
  if (!found) {
    return null;
  }
  const [ , open, first, last, close ] = found;
  const [ start, end ] = [ first, last ].map(literal);
  if (start === undefined || end === undefined || (start === null && end === null)) {
    return null;
  }
  // An end that is left out belongs to no range.
  if ((start === null && open === '[') || (end === null && close === ']')) {
    return null;
  }
  if (start !== null && end !== null && !(compare(start, end) <= 0 && compare(start, end) !== null)) {
    return null;
  }
  return new Range(start ?? undefined, end ?? undefined, open === '[', close === ']');
}

const CONSTRUCTORS = {
  'date': FeelDate.parse,
  'time': text => FeelTime.parse(text),
  'date and time': FeelDateTime.parse,
  'duration': parseDuration
};

// null for nothing (an open end), undefined for what is no literal
function literal(text) {
  const trimmed = text.trim();
  if (trimmed === '') {
    return null;
  }
  if (/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) {
    return Number(trimmed);
  }
  const string = /^"((?:[^"\\]|\\.)*)"$/s.exec(trimmed);
  if (string) {
    return string[1].replace(/\\(.)/g, '$1');
  }
  const temporal = /^@"([^"]*)"$/.exec(trimmed);
  if (temporal) {
    return parseTemporal(temporal[1]) ?? undefined;
  }
  const call = /^(date|time|date and time|duration)\s*\(\s*"([^"]*)"\s*\)$/.exec(trimmed);
  return call ? CONSTRUCTORS[call[1]](call[2]) ?? undefined : undefined;
}
