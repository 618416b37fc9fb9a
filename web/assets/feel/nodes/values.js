// Literals, names, lists, contexts, and what is inside of them

import { childScope, property, variable } from '../access.js';
import { builtins } from '../functions/index.js';
import { note, withoutNotes } from '../notes.js';
import { parseTemporal } from '../temporal.js';
import { parseString } from '../text.js';
import { Range, Test, context, passes, typeOf } from '../values.js';
import { children, nameOf, textOf } from './tree.js';

export const valueNodes = {
  null: () => () => null,
  NumericLiteral: (node, env) => constant(Number(textOf(node, env).replace(/\s/g, ''))),
  StringLiteral: (node, env) => constant(parseString(textOf(node, env))),
  BooleanLiteral: (node, env) => constant(textOf(node, env) === 'true'),
  AtLiteral: compileAt,
  '?': () => scope => scope['?'] ?? null,
  VariableName: compileVariable,
  List: (node, env, parts) => {
    const elements = parts.slice(1, -1).map(part => env.compile(part));
    return scope => elements.map(element => element(scope));
  },
  Context: compileContext,
  PathExpression: compilePath,
  FilterExpression: compileFilter
};

function constant(value) {
  return () => value;
}

// What a named zone means is asked while an expression runs.
function compileAt(node, env, [ literal ]) {
  const text = parseString(textOf(literal, env));
  return text.includes('@') ? () => parseTemporal(text) : constant(parseTemporal(text));
}

function compileVariable(node, env) {
  const name = nameOf(node, env);
  return scope => {
    const value = variable(scope, name) ?? builtins[name];
    if (value === undefined) {
      note('NO_VARIABLE_FOUND', `There is no variable ${name}`, node);
      return null;
    }
    return value;
  };
}

function compileContext(node, env, parts) {
  const entries = parts.slice(1, -1).map(entry => {
    const [ key, value ] = children(entry);
    const [ name ] = children(key);
    return [
      name.name === 'StringLiteral' ? parseString(textOf(name, env)) : nameOf(key, env),
      env.compile(value)
    ];
  });
  const twice = new Set(entries.map(([ key ]) => key)).size !== entries.length;
  return scope => {
    if (twice) {
      note('DUPLICATE_KEY', 'A context has the same key twice', node);
      return null;
    }
    const result = context();
    const inner = Object.create(scope);
    for (const [ key, value ] of entries) {
      result[key] = inner[key] = value(inner);
    }
    return result;
  };
}

function compilePath(node, env, [ target, name ]) {
  const of = env.compile(target);
  const key = nameOf(name, env);
  const read = value => {
    const result = property(value, key);
    if (result === undefined) {
      note('NO_PROPERTY_FOUND', `A ${typeOf(value)} has no ${key}`, name);
      return null;
    }
    return result;
  };
  return scope => {
    const value = of(scope);
    if (value === null) {
      return null;
    }
    return Array.isArray(value) ? value.map(read) : read(value);
  };
}

// A number picks an element, anything else selects: with each element's entries in scope, and the element as `item`.
function compileFilter(node, env, [ target, , filter ]) {
  const of = env.compile(target);
  const test = env.compile(filter);
  const isTest = [ 'Comparison', 'Conjunction', 'Disjunction', 'SimplePositiveUnaryTest', 'QuantifiedExpression' ]
    .includes(filter.name);
  return scope => {
    const value = of(scope);
    if (value === null) {
      return null;
    }
    const list = Array.isArray(value) ? value : [ value ];
    if (!isTest) {
      const index = withoutNotes(() => test(scope));
      if (typeof index === 'number') {
        return list.at(index > 0 ? index - 1 : index === 0 ? list.length : index) ?? null;
      }
    }
    return list.filter(element => {
      const inner = childScope(scope, typeOf(element) === 'context' ? element : {});
      if (!('item' in inner) || !Object.hasOwn(inner, 'item')) {
        inner.item = element;
      }
      const result = test(inner);
      return result instanceof Range || result instanceof Test ? passes(element, result) === true : result === true;
    });
  };
}
