// FEEL for the server: the functions that engine/feel/machine.py calls. Expressions are compiled once and run often.

import { Asked, ask, setClock } from './clock.js';
import { compileExpression, compileTests } from './compiler.js';
import { evaluated, startEvaluation } from './decisions/evaluation.js';
import { Model } from './decisions/models.js';
import { builtins } from './functions/index.js';
import { parsedVariables, plain, tagged, untagged } from './json.js';
import { startNotes, takenNotes } from './notes.js';
import { ANY } from './types.js';
import { Func, context } from './values.js';

const compiled = [];
const models = [];
let functions = context();

// {"add working time": ["from", "duration"]}: functions that Python answers
export function declareFunctions(json) {
  functions = context(Object.entries(JSON.parse(json)).map(([ name, parameters ]) => [ name, new Func(
    parameters.map(parameter => ({ name: parameter, type: ANY })),
    (...args) => untagged(ask([ name, ...args.map(arg => plain(arg, tagged)) ]))
  ) ]));
}

// JSON: {id, names}, or {message, start, end} of what is no FEEL
export function compile(kind, expression, shape) {
  try {
    const { run, names } = (kind === 'tests' ? compileTests : compileExpression)(
      expression, { ...functions, ...shape && JSON.parse(shape) }
    );
    return JSON.stringify({
      id: compiled.push(run) - 1,
      names,
      functions: names.filter(name => name in builtins || name in functions)
    });
  } catch (error) {
    if (error.from === undefined) {
      throw error;
    }
    return JSON.stringify({ message: error.message, start: error.from, end: error.to });
  }
}

// Null, a boolean or a number as it is; s and a string; j and JSON; or a and what Python is asked.
export function run(id, variables, now, offset, known) {
  setClock(now, offset, known ? JSON.parse(known) : {});
  startNotes();
  try {
    const scope = Object.assign(Object.create(functions), parsedVariables(variables));
    return packed(compiled[id](scope));
  } catch (error) {
    if (error instanceof Asked) {
      return flat('a', error.question);
    }
    throw error;
  }
}

// JSON: {id, problems} with {element, where, message, start, end} of what is no FEEL
export function load(plan) {
  const model = new Model(JSON.parse(plan), functions);
  return JSON.stringify({ id: models.push(model) - 1, problems: model.problems });
}

// Evaluates a decision or decision service: j and JSON {value, trace, errors}, or a and what Python is asked.
export function decide(id, decision, variables, now, offset, known) {
  setClock(now, offset, known ? JSON.parse(known) : {});
  startNotes();
  startEvaluation();
  try {
    const value = models[id].evaluate(decision, Object.assign(context(), parsedVariables(variables)));
    return packed(context(Object.entries({ value, ...evaluated() })));
  } catch (error) {
    if (error instanceof Asked) {
      return flat('a', error.question);
    }
    throw error;
  }
}

// What the last run found odd, as JSON
export function notes() {
  return JSON.stringify(takenNotes());
}

function packed(value) {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === 'boolean' || typeof value === 'number') {
    return value;
  }
  return typeof value === 'string' ? flat('s', value) : flat('j', JSON.stringify(plain(value)));
}

// A string added up with + may stay a rope inside QuickJS, which its Python module cannot take.
function flat(tag, text) {
  return [ tag, text ].join('');
}
