// Reading names: variables by scope, properties of values.

import { normalizeContextKey } from '@bpmn-io/lezer-feel';

import { DaysDuration } from './temporal.js';
import { typeOf } from './values.js';

const SPECIAL = /[^\p{L}\p{N}_]/u;

const PROPERTIES = {
  'date': {
    year: date => date.year,
    month: date => date.month,
    day: date => date.day,
    weekday: date => date.weekday
  },
  'time': {
    'hour': time => time.hour,
    'minute': time => time.minute,
    'second': time => time.second,
    'time offset': offsetOf,
    'timezone': time => time.zone
  },
  'date and time': {
    'year': ({ date }) => date.year,
    'month': ({ date }) => date.month,
    'day': ({ date }) => date.day,
    'weekday': ({ date }) => date.weekday,
    'hour': ({ time }) => time.hour,
    'minute': ({ time }) => time.minute,
    'second': ({ time }) => time.second,
    'time offset': ({ time }) => offsetOf(time),
    'timezone': ({ time }) => time.zone
  },
  'days and time duration': {
    days: duration => duration.days,
    hours: duration => duration.hours,
    minutes: duration => duration.minutes,
    seconds: duration => duration.wholeSeconds
  },
  'years and months duration': {
    years: duration => duration.years,
    months: duration => duration.months
  },
  'range': {
    'start': range => range.start,
    'end': range => range.end,
    'start included': range => range.startIncluded,
    'end included': range => range.endIncluded
  }
};

// undefined when no scope has the name
export function variable(scope, name) {
  if (name in scope) {
    return scope[name] ?? null;
  }
  if (SPECIAL.test(name)) {
    const wanted = normalizeContextKey(name);
    for (const key in scope) {
      if (normalizeContextKey(key) === wanted) {
        return scope[key] ?? null;
      }
    }
  }
  return undefined;
}

// undefined when the value has no such entry or property
export function property(value, name) {
  const type = typeOf(value);
  if (type !== 'context') {
    const properties = PROPERTIES[type];
    return properties && Object.hasOwn(properties, name) ? properties[name](value) : undefined;
  }
  if (Object.hasOwn(value, name)) {
    return value[name] ?? null;
  }
  if (SPECIAL.test(name)) {
    const wanted = normalizeContextKey(name);
    const key = Object.keys(value).find(each => normalizeContextKey(each) === wanted);
    return key === undefined ? undefined : value[key] ?? null;
  }
  return undefined;
}

function offsetOf(time) {
  return time.offset === null ? null : new DaysDuration(time.offset);
}

export function childScope(scope, entries) {
  return Object.assign(Object.create(scope), entries);
}
