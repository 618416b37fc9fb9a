// Types of values: FEEL's own, those of decision models, `instance of`, and the conversions that DMN makes by itself.

import { businessOffset } from './clock.js';
import { FeelDateTime, parseTemporal } from './temporal.js';
import { Func, context, typeOf } from './values.js';

// A type is one of FEEL's names, or {list}, {context: {name: type}}, {range}, {function: [types], result}; item
// definitions of a model add {base, allowed: (value) => boolean}.
export const ANY = 'any';

const NAMES = {
  'Any': ANY,
  'Null': 'null',
  'string': 'string',
  'number': 'number',
  // Camunda 7 wrote these three.
  'integer': 'number',
  'long': 'number',
  'double': 'number',
  'boolean': 'boolean',
  'date': 'date',
  'time': 'time',
  'date and time': 'date and time',
  'dateTime': 'date and time',
  'days and time duration': 'days and time duration',
  'dayTimeDuration': 'days and time duration',
  'years and months duration': 'years and months duration',
  'yearMonthDuration': 'years and months duration',
  'list': { list: ANY },
  'context': { context: {} },
  'function': { function: null, result: ANY },
  'range': { range: ANY }
};

const TEMPORAL = [
  'date', 'time', 'date and time', 'days and time duration', 'years and months duration'
];

// undefined for a name that no type has
export function namedType(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
}

// Null belongs to no type but Null. The values that a definition allows count only when `strictly`.
export function isInstance(value, type, strictly = false) {
  const actual = typeOf(value);
  if (type === ANY) {
    return actual !== 'null';
  }
  if (typeof type === 'string') {
    return actual === type;
  }
  if (actual === 'null') {
    return false;
  }
  if (type.list !== undefined) {
    return Array.isArray(value) && value.every(element => conforms(element, type.list, strictly));
  }
  if (type.context) {
    return actual === 'context' && Object.entries(type.context).every(
      ([ name, entry ]) => Object.hasOwn(value, name) && conforms(value[name], entry, strictly)
    );
  }
  if (type.range !== undefined) {
    return actual === 'range' && [ value.start, value.end, value.operand ].every(end => conforms(end, type.range));
  }
  if (type.function !== undefined) {
    return value instanceof Func && hasSignature(value, type);
  }
  return isInstance(value, type.base, strictly) && (!strictly || type.allowed(value));
}

function hasSignature(func, type) {
  if (type.function === null) {
    return true;
  }
  return func.parameters.length === type.function.length
    && func.parameters.every((parameter, index) => specialises(type.function[index], parameter.type))
    && specialises(func.result ?? ANY, type.result);
}

// Whether every value of `type` is one of `general`
function specialises(type, general) {
  if (general === ANY || type === general || type === 'null') {
    return true;
  }
  if (typeof type === 'string' || typeof general === 'string') {
    return false;
  }
  if (type.list !== undefined && general.list !== undefined) {
    return specialises(type.list, general.list);
  }
  if (type.context && general.context) {
    return Object.entries(general.context).every(
      ([ name, entry ]) => name in type.context && specialises(type.context[name], entry)
    );
  }
  if (type.range !== undefined && general.range !== undefined) {
    return specialises(type.range, general.range);
  }
  if (type.function && general.function) {
    return type.function.length === general.function.length
      && general.function.every((parameter, index) => specialises(parameter, type.function[index]))
      && specialises(type.result, general.result);
  }
  return false;
}

// Where a value is used as one of a type, null always may be.
function conforms(value, type, strictly) {
  return value === null || value === undefined || type === ANY || isInstance(value, type, strictly);
}

// The value as one of the type (DMN 1.5, 10.3.2.9.4), undefined where it cannot be: a list of one and its element
// stand for each other, a date for its midnight.
export function converted(value, type) {
  if (value === undefined) {
    return null;
  }
  if (type.base) {
    const result = converted(value, type.base);
    return result === undefined || result === null || type.allowed(result) ? result : undefined;
  }
  if (conforms(value, type, true)) {
    return value;
  }
  if (Array.isArray(value) && value.length === 1 && conforms(value[0], type, true)) {
    return value[0];
  }
  if (type.list !== undefined && !Array.isArray(value) && conforms(value, type.list, true)) {
    return [ value ];
  }
  if (type === 'date and time' && typeOf(value) === 'date') {
    return FeelDateTime.ofDate(value);
  }
  return undefined;
}

// JSON that comes from outside: there, a date is a string. A moment that is received as a date is that day in the
// business zone.
export function received(value, type) {
  if (typeof value === 'string' && TEMPORAL.includes(type)) {
    const parsed = parseTemporal(value);
    if (parsed instanceof FeelDateTime && type === 'date') {
      return FeelDateTime.fromEpoch(parsed.epoch, businessOffset()).date;
    }
    return parsed === null ? value : parsed;
  }
  if (Array.isArray(value) && type.list !== undefined) {
    return value.map(element => received(element, type.list));
  }
  if (type.context && typeOf(value) === 'context') {
    return context(Object.entries(value).map(
      ([ name, entry ]) => [ name, received(entry, type.context[name] ?? ANY) ]
    ));
  }
  return type.base ? received(value, type.base) : value;
}
