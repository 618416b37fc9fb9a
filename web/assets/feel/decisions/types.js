// The item definitions of a decision model as types

import { compileTests } from '../compiler.js';
import { ANY, namedType } from '../types.js';
import { context } from '../values.js';

// `definitions`: {name: {type | fields | parameters, result, collection, allowed: {id, text}, constraint: {id, text}}}.
// `report(cell, error)` is told of tests that are no FEEL.
export function modelTypes(definitions, report) {
  const types = context();
  for (const name of Object.keys(definitions)) {
    // A definition may mention one that comes after it, or itself in a field.
    Object.defineProperty(types, name, { enumerable: true, configurable: true, get: () => {
      const type = {};
      Object.defineProperty(types, name, { enumerable: true, value: type });
      return Object.assign(type, { base: typeOfDefinition(definitions[name]), allowed: () => true });
    } });
  }
  for (const name of Object.keys(types)) {
    types[name];
  }
  return types;

  function typeOfDefinition({ type, fields, parameters, result, collection, allowed, constraint }) {
    let base = ANY;
    if (fields) {
      base = { context: Object.fromEntries(fields.map(field => [ field.name, typeOfDefinition(field) ])) };
    } else if (parameters) {
      base = { function: parameters.map(parameter => referred(types, parameter)), result: referred(types, result) };
    } else if (type) {
      base = referred(types, type);
    }
    base = restricted(base, allowed);
    return restricted(collection ? { list: base } : base, constraint);
  }

  function restricted(base, allowed) {
    if (!allowed) {
      return base;
    }
    const test = tests(allowed, types, report);
    return { base, allowed: value => test(Object.assign(context(), { '?': value })) };
  }
}

// The type that a reference means; one that nothing defines holds no value.
export function referred(types, name) {
  return name === null || name === undefined ? ANY : types[name] ?? namedType(name) ?? 'unknown';
}

function tests(cell, types, report) {
  try {
    return compileTests(cell.text, {}, types).run;
  } catch (error) {
    report(cell, error);
    return () => true;
  }
}

// The names inside of a type, for the parser: it has to know that `unit-price` is one name.
export function shapeOf(type, depth = 0) {
  if (type.base) {
    return shapeOf(type.base, depth);
  }
  if (type.list !== undefined) {
    return shapeOf(type.list, depth);
  }
  if (type.context && depth < 8) {
    return Object.fromEntries(Object.entries(type.context).map(([ name, entry ]) => [ name, shapeOf(entry, depth + 1) ]));
  }
  return type.result !== undefined && type.function ? shapeOf(type.result, depth) : 1;
}
