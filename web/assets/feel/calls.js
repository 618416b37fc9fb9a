// Calling functions: finding the signature that fits, converting arguments to it.

import { ANY, converted } from './types.js';

export const NO_MATCH = Symbol('no match');

// A function with several signatures is a list of them in `func.overloads`.
export function callPositional(func, args) {
  for (const { parameters, call } of func.overloads ?? [ func ]) {
    const bound = bindPositional(parameters, args);
    if (bound) {
      return call(...bound) ?? null;
    }
  }
  return NO_MATCH;
}

export function callNamed(func, named) {
  for (const { parameters, call } of func.overloads ?? [ func ]) {
    const bound = bindNamed(parameters, named);
    if (bound) {
      return call(...bound) ?? null;
    }
  }
  return NO_MATCH;
}

function bindPositional(parameters, args) {
  const last = parameters.at(-1);
  if (last?.variadic) {
    const fixed = parameters.slice(0, -1);
    const head = bindFixed(fixed, args.slice(0, fixed.length));
    let rest = args.slice(fixed.length);
    if (fixed.length === 0 && rest.length === 1 && Array.isArray(rest[0])) {
      rest = rest[0];
    } else if (rest.length === 0) {
      return null;
    }
    const tail = bindAll(rest, last.type);
    return head && tail && [ ...head, ...tail ];
  }
  return bindFixed(parameters, args);
}

function bindFixed(parameters, args) {
  if (args.length > parameters.length) {
    return null;
  }
  const bound = [];
  for (const [ index, parameter ] of parameters.entries()) {
    if (index >= args.length) {
      if (!parameter.optional) {
        return null;
      }
      bound.push(undefined);
      continue;
    }
    const value = fitted(args[index], parameter);
    if (value === undefined) {
      return null;
    }
    bound.push(value);
  }
  return bound;
}

function bindAll(args, type) {
  const bound = args.map(arg => fitted(arg, { type }));
  return bound.includes(undefined) ? null : bound;
}

function bindNamed(parameters, named) {
  const names = Object.keys(named);
  if (names.some(name => !parameters.some(parameter => parameter.name === name))) {
    return null;
  }
  const last = parameters.at(-1);
  if (last?.variadic && Object.hasOwn(named, last.name)) {
    const fixed = parameters.slice(0, -1).map(({ name }) => named[name] ?? null);
    const rest = named[last.name];
    return bindPositional(parameters, [ ...fixed, ...Array.isArray(rest) ? rest : [ rest ] ]);
  }
  const bound = [];
  for (const parameter of parameters) {
    if (!Object.hasOwn(named, parameter.name)) {
      if (!parameter.optional) {
        return null;
      }
      bound.push(undefined);
      continue;
    }
    const value = fitted(named[parameter.name], parameter);
    if (value === undefined) {
      return null;
    }
    bound.push(value);
  }
  return bound;
}

// undefined when the argument is not of the parameter's type; null only where the parameter takes it
function fitted(value, { type, nullable }) {
  if (value === null || value === undefined) {
    return nullable || type === ANY ? null : undefined;
  }
  for (const each of Array.isArray(type) ? type : [ type ]) {
    const result = converted(value, each);
    if (result !== undefined) {
      return result;
    }
  }
  return undefined;
}
