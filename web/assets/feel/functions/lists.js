// List functions (DMN 1.5, 10.3.4.4) and sort

import { calculate } from '../arithmetic.js';
import { callPositional } from '../calls.js';
import { sum, tidy } from '../numbers.js';
import { DaysDuration, MonthsDuration } from '../temporal.js';
import { compare, equals, typeOf } from '../values.js';
import { define } from './define.js';

define('list contains(list: list, element: any)', (list, element) => list.some(each => equals(each, element) === true));
define('count(list: list)', list => list.length);
define('min(...list: any?)', (...list) => extreme(list, -1));
define('max(...list: any?)', (...list) => extreme(list, 1));
define('sum(...list: any?)', (...list) => total(list));
define('mean(...list: any?)', (...list) => {
  const all = total(list);
  return all === null ? null : calculate(all, '/', list.length);
});
define('all(...list: any?)', (...list) => quantified(list, false));
define('any(...list: any?)', (...list) => quantified(list, true));
define('sublist(list: list, start position: number, length?: number)', (list, start, length) => {
  if (start === 0 || Math.abs(start) > list.length || length < 0) {
    return null;
  }
  const from = start < 0 ? list.length + start : start - 1;
  return from + (length ?? 0) > list.length ? null : list.slice(from, length === undefined ? undefined : from + length);
});
define('append(list: list, ...item: any?)', (list, ...items) => [ ...list, ...items ]);
define('concatenate(...list: list)', (...lists) => lists.flat(1));
define('insert before(list: list, position: number, newItem: any)', (list, position, item) => {
  const index = position > 0 ? position - 1 : list.length + position;
  return position === 0 || index < 0 || index > list.length ? null : list.toSpliced(index, 0, item);
});
define('remove(list: list, position: number)', (list, position) => {
  const index = at(list, position);
  return index === null ? null : list.toSpliced(index, 1);
});
define('list replace(list: list, position: number, newItem: any)', (list, position, item) => {
  const index = at(list, position);
  return index === null ? null : list.with(index, item);
});
define('list replace(list: list, match: function, newItem: any)', (list, match, item) => {
  const results = list.map(each => callPositional(match, [ each, item ]));
  return results.every(result => typeof result === 'boolean')
    ? list.map((each, index) => results[index] ? item : each) : null;
});
define('reverse(list: list)', list => list.toReversed());
define('index of(list: list, match: any)', (list, match) => list.flatMap(
  (each, index) => equals(each, match) === true ? [ index + 1 ] : []
));
define('union(...list: list)', (...lists) => distinct(lists.flat(1)));
define('distinct values(list: list)', distinct);
define('flatten(list: list)', list => list.flat(Infinity));
define('product(...list: number)', (...list) => list.length ? list.reduce((product, each) => tidy(product * each)) : null);
define('median(...list: number)', (...list) => {
  if (list.length === 0) {
    return null;
  }
  const sorted = list.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : tidy((sorted[middle - 1] + sorted[middle]) / 2);
});
define('stddev(...list: number)', (...list) => {
  if (list.length < 2) {
    return null;
  }
  const mean = list.reduce((a, b) => a + b) / list.length;
  return tidy(Math.sqrt(list.reduce((all, each) => all + (each - mean) ** 2, 0) / (list.length - 1)));
});
define('mode(...list: number)', (...list) => {
  const counts = new Map();
  for (const each of list) {
    counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  return [ ...counts ].filter(([ , count ]) => count === most).map(([ each ]) => each).sort((a, b) => a - b);
});
define('sort(list: list, precedes?: function)', (list, precedes) => {
  const first = precedes ? (a, b) => callPositional(precedes, [ a, b ]) === true : (a, b) => compare(a, b) < 0;
  return list.toSorted((a, b) => first(a, b) ? -1 : first(b, a) ? 1 : 0);
});

// Camunda's additions, which its editors offer
define('is empty(list: list)', list => list.length === 0);
define('duplicate values(list: list)', list => distinct(
  list.filter((each, index) => list.some((other, position) => position !== index && equals(each, other) === true))
));
define('partition(list: list, size: number)', (list, size) => size < 1 ? null
  : Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size)));

function extreme(list, direction) {
  let best = list[0] ?? null;
  for (const each of list.slice(1)) {
    const order = compare(each, best);
    if (order === null) {
      return null;
    }
    best = order === direction ? each : best;
  }
  return compare(best, best) === null ? null : best;
}

function total(list) {
  if (list.length === 0 || list.some(each => typeOf(each) !== typeOf(list[0]))) {
    return null;
  }
  switch (typeOf(list[0])) {
    case 'number':
      return list.reduce((all, each) => sum(all, each));
    case 'days and time duration':
      return new DaysDuration(list.reduce((all, each) => all + each.seconds, 0));
    case 'years and months duration':
      return new MonthsDuration(list.reduce((all, each) => all + each.total, 0));
    default:
      return null;
  }
}

// true and false over three values: one `decisive` decides, else anything that is not boolean leaves it open
function quantified(list, decisive) {
  if (list.includes(decisive)) {
    return decisive;
  }
  return list.every(each => typeof each === 'boolean') ? !decisive : null;
}

function distinct(list) {
  const result = [];
  for (const each of list) {
    if (!result.some(known => equals(known, each) === true)) {
      result.push(each);
    }
  }
  return result;
}

// The index of a position that counts from 1, or from the end when negative; null outside of the list
function at(list, position) {
  const whole = Math.trunc(position);
  const index = whole > 0 ? whole - 1 : list.length + whole;
  return whole !== 0 && index >= 0 && index < list.length ? index : null;
}
