// Context functions (DMN 1.5, 10.3.4.10) and tests for what is there

import { property } from '../access.js';
import { context, equals, toText, typeOf } from '../values.js';
import { define } from './define.js';

define('get value(m: context, key: string)', (m, key) => property(m, key) ?? null);
define('get value(m: context, keys: list)', (m, keys) => keys.reduce(
  (value, key) => value === null ? null : property(value, key) ?? null, m
));
define('get entries(m: context)', m => Object.entries(m).map(
  ([ key, value ]) => context([ [ 'key', key ], [ 'value', value ] ])
));
define('context(entries: list)', entries => {
  const valid = entries.every(entry => typeOf(entry) === 'context' && typeof entry.key === 'string' && 'value' in entry);
  const keys = new Set(entries.map(entry => entry?.key));
  return valid && keys.size === entries.length ? context(entries.map(({ key, value }) => [ key, value ])) : null;
});
define('context put(context: context, key: string, value: any)', (target, key, value) => put(target, [ key ], value));
define('context put(context: context, keys: list, value: any)', put);
define('context merge(contexts: list)', contexts => contexts.every(each => typeOf(each) === 'context')
  ? context(contexts.flatMap(each => Object.entries(each))) : null);

// Camunda's additions, which its editors offer
define('get or else(value: any, default: any)', (value, otherwise) => value === null ? otherwise : value);
define('is defined(value: any)', value => value !== null);
define('to json(value: any)', value => JSON.stringify(value, (_key, each) => isPlain(each) ? each : toText(each, false)));
define('from json(value: string)', text => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return null;
    }
    throw error;
  }
});

define('is(value1: any, value2: any)', (one, other) => {
  if (typeOf(one) !== typeOf(other)) {
    return false;
  }
  const offsets = [ one, other ].map(value => value?.offset ?? value?.time?.offset ?? null);
  return equals(one, other) === true && (![ 'time', 'date and time' ].includes(typeOf(one)) || offsets[0] === offsets[1]);
});

function put(target, keys, value) {
  const [ key, ...deeper ] = keys;
  if (typeof key !== 'string' || typeOf(target) !== 'context') {
    return null;
  }
  const entry = deeper.length ? put(target[key] ?? null, deeper, value) : value;
  return deeper.length && entry === null ? null : context([ ...Object.entries(target), [ key, entry ] ]);
}

function isPlain(value) {
  return [ 'null', 'boolean', 'number', 'string', 'list', 'context' ].includes(typeOf(value));
}
