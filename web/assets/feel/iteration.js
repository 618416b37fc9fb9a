// What `for`, `some` and `every` go over

import { FeelDate } from './temporal.js';
import { Range, typeOf } from './values.js';

// The values of a list, of a range of whole numbers or days, or from one bound to another in either direction;
// null for what cannot be gone over.
export function items(first, last) {
  if (last !== undefined) {
    return between(first, last, true, true);
  }
  if (first instanceof Range) {
    return between(first.start, first.end, first.startIncluded, first.endIncluded);
  }
  return Array.isArray(first) ? first : first === null ? null : [ first ];
}

// Whether the condition is `decisive` for one of the scopes; null when it is neither true nor false for any of them
export function quantified(scopes, condition, decisive) {
  let result = !decisive;
  for (const scope of scopes) {
    const value = condition(scope);
    if (typeof value !== 'boolean' && value !== null) {
      return null;
    }
    if (value === decisive) {
      result = decisive;
    } else if (value === null && result !== decisive) {
      result = null;
    }
  }
  return result;
}

function between(first, last, firstIncluded, lastIncluded) {
  const [ from, to ] = [ first, last ].map(position);
  if (from === null || to === null || typeOf(first) !== typeOf(last)) {
    return null;
  }
  const step = from <= to ? 1 : -1;
  const value = first instanceof FeelDate ? FeelDate.fromEpochDay : number => number;
  return (function*() {
    for (let i = from; step > 0 ? i <= to : i >= to; i += step) {
      if ((i !== from || firstIncluded) && (i !== to || lastIncluded)) {
        yield value(i);
      }
    }
  })();
}

function position(value) {
  if (value instanceof FeelDate) {
    return value.epochDay;
  }
  return Number.isInteger(value) ? value : null;
}
