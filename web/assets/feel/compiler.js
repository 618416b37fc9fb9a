// From a syntax tree to closures. The grammar is that of bpmn.io's feelin, which the editors use too. feelin itself
// parses an expression each time it evaluates it, and answers a fifth of the standard's test cases differently; so
// what an expression means is said here and in the modules beside. A compiled node is a function of the scope: an
// object whose prototypes are the enclosing scopes.

import { parser, trackVariables } from '@bpmn-io/lezer-feel';

import { freeNames } from './names.js';
import { callNodes } from './nodes/calls.js';
import { iterationNodes } from './nodes/iteration.js';
import { operatorNodes } from './nodes/operators.js';
import { testNodes } from './nodes/tests.js';
import { children } from './nodes/tree.js';
import { valueNodes } from './nodes/values.js';
import { syntaxError } from './problems.js';

const COMPILERS = {
  Expression: (node, env, [ only ]) => env.compile(only),
  ParenthesizedExpression: (node, env, [ , inner ]) => env.compile(inner),
  ...valueNodes,
  ...callNodes,
  ...operatorNodes,
  ...iterationNodes,
  ...testNodes
};

const NAMES_WITH_KEYWORDS = { 'get or else': 1 };

// `shape` tells which names exist, for those that could be read as an operation: unit-price. `types` are the named
// types of a decision model. Throws a FeelSyntaxError.
export function compileExpression(text, shape = {}, types = {}) {
  return compiled(text, shape, types, 'Expression');
}

// The compiled tests are a function of a scope with the tested value as `?`; they answer true or false.
export function compileTests(text, shape = {}, types = {}) {
  return compiled(text, shape, types, 'UnaryTests');
}

// {run, names}: the function of the scope, and what it reads from there
function compiled(text, shape, types, top) {
  const { tree, source } = parsed(text, { ...NAMES_WITH_KEYWORDS, ...shape }, top);
  const env = { text, types, compile: node => compile(node, env) };
  return { run: compile(tree.topNode, env), names: freeNames(tree, source) };
}

function compile(node, env) {
  const compiler = COMPILERS[node.name];
  if (!compiler) {
    throw new Error(`no meaning for ${node.name}`);
  }
  return compiler(node, env, children(node));
}

// The grammar does not know range<number>. It knows list<number>: where the text alone is no expression, types of
// ranges are read as types of lists, in a text of the same length.
function parsed(text, shape, top) {
  const grammar = parser.configure({ top, contextTracker: trackVariables(shape), dialect: 'camunda' });
  const tree = grammar.parse(text);
  const error = syntaxError(tree, text);
  if (!error) {
    return { tree, source: text };
  }
  const source = text.replace(/((?:instance\s+of\s|[:<>,])\s*)range(?=\s*<)/g, '$1list ');
  const second = source === text ? null : grammar.parse(source);
  if (!second || syntaxError(second, source)) {
    throw error;
  }
  return { tree: second, source };
}
