// How a function is written down: 'substring(string: string, start position: number, length?: number)'.
// A ? after the name makes a parameter optional, after the type it may be null; ... before the name takes the rest.

import { ANY, namedType } from '../types.js';
import { Func } from '../values.js';

export const builtins = Object.create(null);

// Several definitions of one name are tried in their order.
export function define(signature, call) {
  const [ , name, list ] = /^([^(]+)\((.*)\)$/.exec(signature);
  const func = new Func(list ? list.split(', ').map(parameterOf) : [], call);
  if (builtins[name]) {
    builtins[name].overloads.push(func);
  } else {
    builtins[name] = Object.assign(func, { overloads: [ func ] });
  }
}

function parameterOf(text) {
  const [ , variadic, name, optional, types, nullable ] = /^(\.\.\.)?([^?:]+)(\?)?: ([^?]+)(\?)?$/.exec(text);
  const known = types.split('|').map(type => type === 'any' ? ANY : namedType(type));
  return {
    name,
    type: known.length === 1 ? known[0] : known,
    optional: Boolean(optional),
    nullable: Boolean(nullable),
    variadic: Boolean(variadic)
  };
}
