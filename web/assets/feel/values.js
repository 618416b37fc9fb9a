// What FEEL values are, when they are equal, which comes first, and how they are written.

import { DaysDuration, FeelDate, FeelDateTime, FeelTime, MonthsDuration } from './temporal.js';
import { written } from './numbers.js';

export class Range {

  // undefined for an end that is open: > 5 is Range(5, undefined, false, false). A null end compares with nothing.
  constructor(start, end, startIncluded, endIncluded) {
    this.start = start;
    this.end = end;
    this.startIncluded = startIncluded;
    this.endIncluded = endIncluded;
  }

  // true, false, or null where the value cannot be compared with the ends
  includes(value) {
    const afterStart = this.start === undefined ? 1 : compare(value, this.start);
    const beforeEnd = this.end === undefined ? 1 : compare(this.end, value);
    if (afterStart === null || beforeEnd === null) {
      return null;
    }
    return (afterStart > 0 || (afterStart === 0 && this.startIncluded))
      && (beforeEnd > 0 || (beforeEnd === 0 && this.endIncluded));
  }

  toString() {
    return (this.startIncluded ? '[' : '(') + (this.start === undefined ? '' : toText(this.start))
      + '..' + (this.end === undefined ? '' : toText(this.end)) + (this.endIncluded ? ']' : ')');
  }
}

export class Func {

  // `parameters`: [{name, type, optional, variadic}]; `call` takes the arguments in that order.
  constructor(parameters, call, result = null) {
    this.parameters = parameters;
    this.call = call;
    this.result = result;
  }
}

// A test with an operator that has no ends: `= 5`, `!= 5`
export class Test {
  constructor(operator, operand, passes) {
    this.operator = operator;
    this.operand = operand;
    this.passes = passes;
  }

  toString() {
    return `(${this.operator} ${toText(this.operand)})`;
  }
}

const CLASSES = new Map([
  [ FeelDate, 'date' ],
  [ FeelTime, 'time' ],
  [ FeelDateTime, 'date and time' ],
  [ DaysDuration, 'days and time duration' ],
  [ MonthsDuration, 'years and months duration' ],
  [ Range, 'range' ],
  [ Func, 'function' ],
  [ Test, 'range' ]
]);

export function typeOf(value) {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value;
    case 'undefined':
      return 'null';
    default:
      if (value === null) {
        return 'null';
      }
      return Array.isArray(value) ? 'list' : CLASSES.get(value.constructor) ?? 'context';
  }
}

// Contexts have no prototype, so that no key of one can be anything but an entry.
export function context(entries = []) {
  const result = Object.create(null);
  for (const [ key, value ] of entries) {
    result[key] = value;
  }
  return result;
}

// -1, 0 or 1; null where the two have no order
export function compare(left, right) {
  const type = typeOf(left);
  const other = typeOf(right);
  if (type !== other) {
    return null;
  }
  switch (type) {
    case 'number':
      return order(left, right);
    case 'string':
      return left === right ? 0 : byCodePoint(left, right);
    case 'date':
      return order(left.epochDay, right.epochDay);
    case 'date and time':
      return sameClock(left.time, right.time)
        ? inMilliseconds(left.localEpoch, right.localEpoch) : inMilliseconds(left.epoch, right.epoch);
    case 'time':
      return sameClock(left, right) ? inMilliseconds(left.seconds, right.seconds)
        : inMilliseconds(left.seconds - (left.offset ?? 0), right.seconds - (right.offset ?? 0));
    case 'days and time duration':
      return order(left.seconds, right.seconds);
    case 'years and months duration':
      return order(left.total, right.total);
    default:
      return null;
  }
}

function order(left, right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

// Finer parts of a second do not make two times different.
function inMilliseconds(left, right) {
  return order(Math.floor(left * 1000), Math.floor(right * 1000));
}

// JavaScript orders by UTF-16 units, which puts an emoji before a full-width letter.
function byCodePoint(left, right) {
  const [ a, b ] = [ Array.from(left), Array.from(right) ];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) {
      return order(a[i].codePointAt(0), b[i].codePointAt(0));
    }
  }
  return order(a.length, b.length);
}

function sameClock(left, right) {
  return left.offset === right.offset && left.zone === right.zone;
}

// true or false; null for values of different types (DMN 1.5, table 53)
export function equals(left, right) {
  const type = typeOf(left);
  const other = typeOf(right);
  if (type === 'null' || other === 'null') {
    return type === other;
  }
  if (type !== other) {
    return null;
  }
  switch (type) {
    case 'boolean':
      return left === right;
    case 'list':
      return left.length === right.length && left.every((element, index) => equals(element, right[index]) === true);
    case 'context':
      return sameEntries(left, right);
    case 'range':
      return sameRange(left, right);
    case 'function':
      return left === right;
    default:
      return compare(left, right) === 0;
  }
}

function sameRange(left, right) {
  if (left instanceof Test || right instanceof Test) {
    return left.operator === right.operator && equals(left.operand, right.operand) === true;
  }
  return left.startIncluded === right.startIncluded && left.endIncluded === right.endIncluded
    && sameEnd(left.start, right.start) && sameEnd(left.end, right.end);
}

function sameEnd(left, right) {
  return left === undefined || right === undefined ? left === right : equals(left, right) === true;
}

function sameEntries(left, right) {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length
    && keys.every(key => Object.hasOwn(right, key) && equals(left[key], right[key]) === true);
}

// Whether a value passes what a cell or the right side of `in` says; null where they cannot be compared
export function passes(value, test) {
  if (test instanceof Range) {
    return test.includes(value);
  }
  if (test instanceof Test) {
    return test.passes(value);
  }
  if (Array.isArray(test)) {
    return test.some(each => passes(value, each) === true) || equals(value, test) === true;
  }
  return equals(value, test);
}

// string() of FEEL; strings inside of lists and contexts are quoted
export function toText(value, quoted = true) {
  switch (typeOf(value)) {
    case 'null':
      return 'null';
    case 'string':
      return quoted ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
    case 'number':
      return written(value);
    case 'list':
      return `[${value.map(element => toText(element)).join(', ')}]`;
    case 'context':
      return `{${Object.entries(value).map(([ key, entry ]) => `${keyText(key)}: ${toText(entry)}`).join(', ')}}`;
    case 'function':
      return `function(${value.parameters.map(parameter => parameter.name).join(', ')})`;
    default:
      return String(value);
  }
}

function keyText(key) {
  return /^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(key) ? key : toText(key);
}
