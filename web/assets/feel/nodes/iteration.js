// for, some, every

import { childScope } from '../access.js';
import { items, quantified } from '../iteration.js';
import { note } from '../notes.js';
import { children, nameOf } from './tree.js';

export const iterationNodes = {
  ForExpression: compileFor,
  QuantifiedExpression: compileQuantified
};

// Yields the scopes of `for a in x, b in y`, the later variables changing faster; null when there is nothing to go over
function compileIteration(node, env) {
  const levels = children(node).filter(part => part.name === 'InExpression').map(part => {
    const [ name, , source ] = children(part);
    const bounds = (source.name === 'IterationContext' ? children(source) : [ source ]).map(each => env.compile(each));
    return [ nameOf(name, env), bounds ];
  });
  return function*(scope, extra) {
    yield* level(0, scope);

    function* level(depth, outer) {
      if (depth === levels.length) {
        yield outer;
        return;
      }
      const [ name, bounds ] = levels[depth];
      const values = items(...bounds.map(bound => bound(outer)));
      if (values === null) {
        throw new NothingToIterate();
      }
      for (const value of values) {
        yield* level(depth + 1, childScope(outer, { [name]: value, ...extra }));
      }
    }
  };
}

class NothingToIterate extends Error {}

function nullWithoutItems(action, node) {
  try {
    return action();
  } catch (error) {
    if (error instanceof NothingToIterate) {
      note('INVALID_TYPE', 'There is no list to go over', node);
      return null;
    }
    throw error;
  }
}

function compileFor(node, env, parts) {
  const scopes = compileIteration(parts[1], env);
  const body = env.compile(parts.at(-1));
  return scope => nullWithoutItems(() => {
    const partial = [];
    for (const inner of scopes(scope, { partial })) {
      partial.push(body(inner));
    }
    return partial;
  }, node);
}

function compileQuantified(node, env, parts) {
  const decisive = parts[0].name === 'some';
  const scopes = compileIteration(parts[1], env);
  const condition = env.compile(parts.at(-1));
  return scope => nullWithoutItems(() => {
    return quantified(scopes(scope), condition, decisive);
  }, node);
}
