// A decision model: its decisions, knowledge and services compiled once, evaluated often. engine/dmn reads the XML and
// sends it as JSON; values stay FEEL values between decisions, so that dates, ranges and functions survive.

import { property } from '../access.js';
import { compileExpression, compileTests } from '../compiler.js';
import { builtins } from '../functions/index.js';
import { converted, received } from '../types.js';
import { Func, context, toText } from '../values.js';
import { compileBoxed, compileFunction, typed } from './boxed.js';
import { during, failed } from './evaluation.js';
import { modelTypes, referred, shapeOf } from './types.js';

const NOTHING = { run: () => null, names: [] };

export class Model {

  // `plan` is what engine/dmn/reading.py writes. `problems` lists the texts that are no FEEL, by element.
  constructor(plan, functions) {
    this.problems = [];
    this.plan = plan;
    this.functions = functions;
    this.types = modelTypes(plan.types, ({ id, text }, error) => this.report(id, error, null, text));
    this.shapes = new Map();
    this.inputs = mapped(plan.inputs, input => ({ ...input, type: referred(this.types, input.type) }));
    this.knowledge = mapped(plan.knowledge, item => this.compileKnowledge(item));
    this.decisions = mapped(plan.decisions, item => this.compileDecision(item));
  }

  // The value of a decision, or of a decision service, whose inputs are among the variables
  evaluate(id, variables) {
    const evaluation = { variables, values: new Map(), functions: new Map() };
    return id in this.plan.services
      ? this.serve(this.plan.services[id], evaluation)
      : this.decide(id, evaluation);
  }

  decide(id, evaluation) {
    if (!evaluation.values.has(id)) {
      const { name, type, requires, logic } = this.decisions.get(id);
      const value = during({ id, name }, () => typed(logic.run(this.scopeOf(requires, evaluation)), type, { id, name }));
      evaluation.values.set(id, value);
    }
    return evaluation.values.get(id);
  }

  input(id, evaluation) {
    if (!evaluation.values.has(id)) {
      const { name, type, path } = this.inputs.get(id);
      const given = found(evaluation.variables, path);
      const value = converted(received(given, type), type);
      if (value === undefined) {
        const told = toText(given);
        failed(id, 'input_type', `${name} is ${told}, which is not of its type`, { label: name, value: told });
      }
      evaluation.values.set(id, value ?? null);
    }
    return evaluation.values.get(id);
  }

  // Variables that no requirement names are seen too: Camunda's diagrams often leave the inputs out.
  scopeOf(requires, evaluation) {
    const scope = Object.assign(Object.create(this.functions), evaluation.variables);
    for (const { kind, id, path } of requires) {
      const value = kind === 'input' ? this.input(id, evaluation)
        : kind === 'decision' ? this.decide(id, evaluation)
          : this.knowledgeOf(id, evaluation);
      place(scope, path, value);
    }
    return scope;
  }

  knowledgeOf(id, evaluation) {
    if (!evaluation.functions.has(id)) {
      const service = this.plan.services[id];
      evaluation.functions.set(id, service ? this.serviceFunction(service) : this.knowledge.get(id)(evaluation));
    }
    return evaluation.functions.get(id);
  }

  // Called as a function, a service takes its input data first, then its input decisions.
  serviceFunction(service) {
    const parameters = [
      ...service.inputData.map(id => ({ id, ...this.inputs.get(id) })),
      ...service.inputDecisions.map(id => ({ id, ...this.plan.decisions[id], type: this.typeOf(id) }))
    ];
    return new Func(
      parameters.map(({ name, type }) => ({ name, type, nullable: true })),
      (...args) => this.serve(service, {
        variables: context(), functions: new Map(), values: new Map(parameters.map(({ id }, index) => [ id, args[index] ]))
      })
    );
  }

  serve(service, evaluation) {
    for (const id of service.inputDecisions) {
      if (!evaluation.values.has(id)) {
        const type = this.typeOf(id);
        const given = evaluation.variables[this.plan.decisions[id].name] ?? null;
        evaluation.values.set(id, converted(received(given, type), type) ?? null);
      }
    }
    const results = service.outputs.map(id => [ this.plan.decisions[id].name, this.decide(id, evaluation) ]);
    const value = results.length === 1 ? results[0][1] : context(results);
    return typed(value, resultOf(referred(this.types, service.type)), service);
  }

  typeOf(id) {
    return referred(this.types, this.plan.decisions[id].type);
  }

  compileDecision({ id, name, type, requires, logic }) {
    const wanted = referred(this.types, type);
    return { name, type: wanted, requires, logic: compileBoxed(logic, this, this.namesOf(requires)) };
  }

  compileKnowledge({ id, name, type, requires, function: node }) {
    const result = resultOf(referred(this.types, node.result ?? type));
    const create = compileFunction(node, this, this.namesOf(requires),
      action => during({ id, name }, () => typed(action(), result, { id, name })));
    return evaluation => create(this.scopeOf(requires, { ...evaluation, variables: context() }));
  }

  namesOf(requires) {
    const names = { ...this.functions };
    for (const { kind, id, path } of requires) {
      place(names, path, this.shapeOf(kind, id));
    }
    return names;
  }

  shapeOf(kind, id) {
    if (kind === 'input') {
      return shapeOf(this.inputs.get(id).type);
    }
    if (kind === 'decision') {
      const { type, shape } = this.plan.decisions[id];
      return type ? shapeOf(referred(this.types, type)) : shape ?? 1;
    }
    const body = this.plan.knowledge[id]?.function.body;
    return body?.type ? shapeOf(referred(this.types, body.type)) : 1;
  }

  expression(cell, names) {
    return this.attempt(cell, () => compileExpression(cell.text, names, this.types), NOTHING).run;
  }

  tests(cell, names) {
    return this.attempt(cell, () => compileTests(cell.text, names, this.types), NOTHING).run;
  }

  // What an expression reads from its variables
  freeNames(cell, names) {
    return this.attempt(cell, () => compileExpression(cell.text, names, this.types), NOTHING).names;
  }

  // Output values in their order
  list(cell, names) {
    return this.attempt(cell, () => compileExpression(`[${cell.text}]`, names, this.types), NOTHING).run;
  }

  attempt({ id, text, where }, compile, otherwise) {
    try {
      return compile();
    } catch (error) {
      this.report(id, error, where, text);
      return otherwise;
    }
  }

  // A cell that is nothing but a name which nothing has: most likely a text without its quotes
  reportBareName({ id, text, where }, names) {
    if (/^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(text) && ![ 'null', 'true', 'false' ].includes(text)
      && !(text in names) && !(text in builtins)) {
      this.problems.push({ element: id, where, code: 'unknown_name', text });
    }
  }

  report(id, error, where, text) {
    if (error.from === undefined) {
      throw error;
    }
    this.problems.push({ element: id, where, message: error.message, text, start: error.from, end: error.to });
  }
}

function mapped(items, change) {
  return new Map(Object.entries(items).map(([ id, item ]) => [ id, change({ id, ...item }) ]));
}

// The variable of a function has the type of the function, in older models that of its result.
function resultOf(type) {
  const base = type.base ?? type;
  return base.function === undefined ? type : base.result;
}

// An input of an imported model is given as {import: {name: value}}, as "import.name", or by its name alone.
function found(variables, path) {
  const nested = path.reduce((value, name) => property(value, name) ?? null, variables);
  return nested ?? variables[path.join('.')] ?? variables[path.at(-1)] ?? null;
}

// `path` is [name], or [import, name] for an element of an imported model.
function place(scope, path, value) {
  const [ name, inner ] = path;
  if (inner === undefined) {
    scope[name] = value;
  } else {
    scope[name] = Object.assign(context(Object.entries(Object.hasOwn(scope, name) ? scope[name] : {})), { [inner]: value });
  }
}

