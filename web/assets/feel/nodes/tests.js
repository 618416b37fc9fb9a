// Ranges, and the unary tests of decision tables

import { COMPARISONS } from '../comparison.js';
import { note } from '../notes.js';
import { FeelSyntaxError } from '../problems.js';
import { Range, Test, compare, passes, typeOf } from '../values.js';
import { children, textOf } from './tree.js';

export const testNodes = {
  Interval: compileInterval,
  SimplePositiveUnaryTest: compileOperatorTest,
  UnaryTests: compileUnaryTests,
  PositiveUnaryTests: (node, env, parts) => compileAnyOf(parts, env),
  PositiveUnaryTest: compilePositiveTest,
  Wildcard: () => () => true
};

function compileInterval(node, env, [ open, low, high, close ]) {
  const [ start, end ] = [ env.compile(low), env.compile(high) ];
  const [ startIncluded, endIncluded ] = [ textOf(open, env) === '[', textOf(close, env) === ']' ];
  return scope => {
    const [ from, to ] = [ start(scope), end(scope) ];
    if (from !== null && to !== null && compare(from, to) === null) {
      note('NOT_COMPARABLE', `There is no range from a ${typeOf(from)} to a ${typeOf(to)}`, node);
      return null;
    }
    return new Range(from, to, startIncluded, endIncluded);
  };
}

function compileOperatorTest(node, env, parts) {
  if (parts.length === 1) {
    return env.compile(parts[0]);
  }
  if ([ 'Conjunction', 'Disjunction' ].includes(parts[1].name)) {
    // The grammar takes it, as one comparison with a boolean.
    throw new FeelSyntaxError(
      'Tests are not joined by words: write a range such as [1..5], or several tests with commas between them',
      parts[1].from, parts[1].to
    );
  }
  refuseBareTest(parts[1], env);
  const operand = env.compile(parts[1]);
  const operator = textOf(parts[0], env);
  return scope => {
    const value = operand(scope);
    switch (operator) {
      case '<':
        return new Range(undefined, value, false, false);
      case '<=':
        return new Range(undefined, value, false, true);
      case '>':
        return new Range(value, undefined, false, false);
      case '>=':
        return new Range(value, undefined, true, false);
      default:
        return new Test(operator, value, tested => COMPARISONS[operator](tested, value));
    }
  };
}

// The grammar takes `a > = 5` for a comparison with the test `= 5`.
export function refuseBareTest(node, env) {
  const [ operator ] = children(node);
  if (node.name === 'SimplePositiveUnaryTest' && operator.name === 'CompareOp') {
    throw new FeelSyntaxError(`${textOf(operator, env)} is not expected here`, operator.from, operator.to);
  }
}

function compileUnaryTests(node, env, parts) {
  if (parts[0].name === 'not') {
    const test = env.compile(parts[2]);
    return scope => test(scope) !== true;
  }
  const test = env.compile(parts[0]);
  return scope => test(scope) === true;
}

// true when one passes; null when none does and one could not be compared
export function compileAnyOf(nodes, env) {
  const tests = nodes.map(node => env.compile(node));
  return scope => {
    let result = false;
    for (const test of tests) {
      const passed = test(scope);
      if (passed === true) {
        return true;
      }
      result = passed === null ? null : result;
    }
    return result;
  };
}

// An expression about `?` is the test itself; any other gives the value, range or list to compare with.
function compilePositiveTest(node, env, [ only ]) {
  const test = env.compile(only);
  if (mentionsTested(only)) {
    return scope => {
      const result = test(scope);
      return typeof result === 'boolean' ? result : passes(scope['?'] ?? null, result);
    };
  }
  const isLiteral = only.name === 'BooleanLiteral';
  return scope => {
    const value = scope['?'] ?? null;
    const result = test(scope);
    return typeof result === 'boolean' && typeof value !== 'boolean' && !isLiteral ? result : passes(value, result);
  };
}

function mentionsTested(node) {
  return node.name === '?' || children(node).some(mentionsTested);
}
