// Arithmetic, comparisons, logic, if

import { childScope } from '../access.js';
import { calculate, negated } from '../arithmetic.js';
import { COMPARISONS } from '../comparison.js';
import { note } from '../notes.js';
import { isInstance } from '../types.js';
import { Range, typeOf } from '../values.js';
import { compileAnyOf, refuseBareTest } from './tests.js';
import { children, textOf } from './tree.js';
import { compileType } from './types.js';

export const operatorNodes = {
  ArithmeticExpression: compileArithmetic,
  Comparison: compileComparison,
  Conjunction: (node, env, [ left, , right ]) => compileLogic(env.compile(left), env.compile(right), false),
  Disjunction: (node, env, [ left, , right ]) => compileLogic(env.compile(left), env.compile(right), true),
  InstanceOfExpression: (node, env, [ value, , , type ]) => {
    const of = env.compile(value);
    const wanted = compileType(type, env);
    return scope => isInstance(of(scope), wanted);
  },
  IfExpression: (node, env, [ , condition, , yes, , no ]) => {
    const [ test, then, otherwise ] = [ condition, yes, no ].map(part => env.compile(part));
    return scope => test(scope) === true ? then(scope) : otherwise(scope);
  }
};

function compileArithmetic(node, env, parts) {
  if (parts.length === 2) {
    const operand = env.compile(parts[1]);
    return scope => negated(operand(scope));
  }
  const [ left, right ] = [ env.compile(parts[0]), env.compile(parts[2]) ];
  const sign = textOf(parts[1], env);
  const operator = sign === '^' ? '**' : sign;
  return scope => {
    const [ a, b ] = [ left(scope), right(scope) ];
    const result = calculate(a, operator, b);
    if (result === null) {
      note('INVALID_TYPE', `There is no ${typeOf(a)} ${operator} ${typeOf(b)}`, node);
    }
    return result;
  };
}

function compileLogic(left, right, decisive) {
  return scope => {
    const a = left(scope);
    if (a === decisive) {
      return decisive;
    }
    const b = right(scope);
    if (b === decisive) {
      return decisive;
    }
    return typeof a === 'boolean' && typeof b === 'boolean' ? !decisive : null;
  };
}

function compileComparison(node, env, parts) {
  const value = env.compile(parts[0]);
  switch (parts[1].name) {
    case 'in': {
      const tests = parts[2].name === '(' ? children(parts[3]) : [ parts[2] ];
      const test = compileAnyOf(tests, env);
      return scope => test(childScope(scope, { '?': value(scope) }));
    }
    case 'between': {
      const [ low, high ] = [ env.compile(parts[2]), env.compile(parts[4]) ];
      return scope => {
        const [ tested, start, end ] = [ value(scope), low(scope), high(scope) ];
        return start === null || end === null ? null : new Range(start, end, true, true).includes(tested);
      };
    }
    default: {
      refuseBareTest(parts[0], env);
      refuseBareTest(parts[2], env);
      const other = env.compile(parts[2]);
      const operator = textOf(parts[1], env);
      const comparison = COMPARISONS[operator];
      return scope => {
        const [ a, b ] = [ value(scope), other(scope) ];
        const result = comparison(a, b);
        if (result === null) {
          note('NOT_COMPARABLE', `There is no ${typeOf(a)} ${operator} ${typeOf(b)}`, node);
        }
        return result;
      };
    }
  }
}
