// FEEL values as JSON, and back

import { FeelDate, FeelDateTime, FeelTime, parseDuration } from './temporal.js';
import { context, typeOf } from './values.js';

// `temporal` writes dates, times and durations: as ISO 8601 unless told otherwise. What has no JSON form is null.
export function plain(value, temporal = (_type, iso) => iso) {
  const type = typeOf(value);
  switch (type) {
    case 'null':
    case 'function':
      return null;
    case 'list':
      return value.map(element => plain(element, temporal));
    case 'context':
      return context(Object.entries(value).map(([ key, entry ]) => [ key, plain(entry, temporal) ]));
    case 'boolean':
    case 'number':
    case 'string':
      return value;
    case 'range':
      return value.toString();
    default:
      return temporal(type, value.iso ?? value.toString());
  }
}

export function tagged(type, iso) {
  return { '@': type, iso };
}

const PARSERS = {
  'date': FeelDate.parse,
  'time': text => FeelTime.parse(text),
  'date and time': FeelDateTime.parse
};

export function untagged(value) {
  return typeOf(value) === 'context' && value['@'] ? (PARSERS[value['@']] ?? parseDuration)(value.iso) : value;
}

// Variables as Python sends them: its dates and times are tagged.
export function parsedVariables(json) {
  return json.includes('"@":') ? JSON.parse(json, (_key, value) => untagged(value)) : JSON.parse(json);
}
