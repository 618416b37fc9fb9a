// Boxed expressions (DMN 1.5, 10.2.2): each kind as a function of the scope. `names` is the shape of that scope.

import { childScope } from '../access.js';
import { NO_MATCH, callNamed } from '../calls.js';
import { items, quantified } from '../iteration.js';
import { note } from '../notes.js';
import { ANY, converted } from '../types.js';
import { Func, context, typeOf } from '../values.js';
import { compileTable } from './tables.js';
import { referred, shapeOf } from './types.js';

// {run, shape}: the logic, and the names inside of its result
export function compileBoxed(node, compiler, names) {
  const { run, shape = 1 } = KINDS[node.kind](node, compiler, names);
  if (!node.type) {
    return { run, shape };
  }
  const type = referred(compiler.types, node.type);
  return { run: scope => typed(run(scope), type, node), shape: shapeOf(type) };
}

// null for a value that is not of the type it should be
export function typed(value, type, element) {
  const result = converted(value, type);
  if (result === undefined) {
    note('INVALID_TYPE', `The result of ${element.name ?? element.id} is a ${typeOf(value)}, which is not of its type`);
    return null;
  }
  return result;
}

const KINDS = {
  literal: (node, compiler, names) => ({ run: compiler.expression(node, names), shape: names[node.text] }),
  table: (node, compiler, names) => ({ run: compileTable(node, compiler, names) }),
  context: compileContext,
  list: (node, compiler, names) => {
    const elements = node.items.map(item => compileBoxed(item, compiler, names));
    return { run: scope => elements.map(({ run }) => run(scope)), shape: merged(elements.map(({ shape }) => shape)) };
  },
  relation: (node, compiler, names) => {
    const rows = node.rows.map(row => row.map(cell => compileBoxed(cell, compiler, names).run));
    return {
      run: scope => rows.map(row => context(row.map((cell, index) => [ node.columns[index], cell(scope) ]))),
      shape: Object.fromEntries(node.columns.map(column => [ column, 1 ]))
    };
  },
  invocation: compileInvocation,
  function: (node, compiler, names) => ({ run: compileFunction(node, compiler, names) }),
  conditional: (node, compiler, names) => {
    const parts = [ node.if, node.then, node.else ];
    const [ condition, then, otherwise ] = parts.map(part => compileBoxed(part, compiler, names));
    return { run: scope => condition.run(scope) === true ? then.run(scope) : otherwise.run(scope), shape: then.shape };
  },
  filter: compileFilter,
  for: (node, compiler, names) => {
    const source = compileBoxed(node.in, compiler, names);
    const body = compileBoxed(node.body, compiler, { ...names, [node.variable]: source.shape, partial: 1 });
    return { run: scope => {
      const values = items(source.run(scope));
      if (values === null) {
        return null;
      }
      const partial = [];
      for (const value of values) {
        partial.push(body.run(childScope(scope, { [node.variable]: value, partial })));
      }
      return partial;
    }, shape: body.shape };
  },
  some: (node, compiler, names) => ({ run: compileQuantified(node, compiler, names, true) }),
  every: (node, compiler, names) => ({ run: compileQuantified(node, compiler, names, false) }),
  empty: () => ({ run: () => null })
};

// Entries see those before them; one without a name is the result of the whole.
function compileContext(node, compiler, names) {
  const known = { ...names };
  const shape = {};
  const entries = node.entries.map(({ name, type, value }) => {
    const compiled = compileBoxed(value, compiler, known);
    const wanted = type ? referred(compiler.types, type) : ANY;
    if (name !== null) {
      known[name] = shape[name] = type ? shapeOf(wanted) : compiled.shape;
    }
    return { name, wanted, value, ...compiled };
  });
  const result = entries.find(({ name }) => name === null);
  return {
    run: scope => {
      const inner = Object.create(scope);
      const value = context();
      for (const entry of entries) {
        const entryValue = typed(entry.run(inner), entry.wanted, entry);
        if (entry.name === null) {
          return entryValue;
        }
        value[entry.name] = inner[entry.name] = entryValue;
      }
      return value;
    },
    shape: result ? result.shape : shape
  };
}

function compileInvocation(node, compiler, names) {
  const target = compileBoxed(node.function, compiler, names);
  const bindings = node.bindings.map(({ name, type, value }) => [
    name, compileBoxed(value, compiler, names).run, referred(compiler.types, type)
  ]);
  return { run: scope => {
    const func = target.run(scope);
    if (!(func instanceof Func)) {
      note('NO_FUNCTION_FOUND', 'The invoked expression is no function');
      return null;
    }
    const args = context(bindings.map(([ name, value, type ]) => [ name, typed(value(scope), type, node) ]));
    const result = callNamed(func, args);
    if (result === NO_MATCH) {
      note('FUNCTION_INVOCATION_FAILURE', 'The function cannot be invoked with these bindings');
      return null;
    }
    return result;
  } };
}

// `around` is what has to happen during a call: the function of a knowledge model is traced under its name.
export function compileFunction(node, compiler, names, around = action => action()) {
  const parameters = node.parameters.map(({ name, type }) => ({
    name, type: referred(compiler.types, type), nullable: true, optional: false
  }));
  const shapes = Object.fromEntries(parameters.map(({ name, type }) => [ name, shapeOf(type) ]));
  const body = compileBoxed(node.body, compiler, { ...names, ...shapes }).run;
  return scope => new Func(parameters, (...args) => around(() => body(
    childScope(scope, Object.fromEntries(parameters.map(({ name }, index) => [ name, args[index] ])))
  )));
}

function compileFilter(node, compiler, names) {
  const source = compileBoxed(node.in, compiler, names);
  const inner = typeof source.shape === 'object' ? source.shape : {};
  const match = compileBoxed(node.match, compiler, { ...names, ...inner, item: source.shape }).run;
  return { run: scope => {
    const value = source.run(scope);
    const list = Array.isArray(value) ? value : value === null ? [] : [ value ];
    const results = list.map(element => match(
      childScope(scope, { ...typeOf(element) === 'context' && element, item: element })
    ));
    if (results.some(result => typeof result !== 'boolean')) {
      note('INVALID_TYPE', 'The match of a filter is neither true nor false');
      return null;
    }
    return list.filter((_element, index) => results[index]);
  }, shape: source.shape };
}

function compileQuantified(node, compiler, names, decisive) {
  const source = compileBoxed(node.in, compiler, names);
  const body = compileBoxed(node.body, compiler, { ...names, [node.variable]: source.shape }).run;
  return scope => {
    const values = items(source.run(scope));
    if (values === null) {
      return null;
    }
    const scopes = Array.from(values, value => childScope(scope, { [node.variable]: value }));
    return quantified(scopes, body, decisive);
  };
}

function merged(shapes) {
  return shapes.reduce((all, shape) => typeof shape === 'object' ? { ...typeof all === 'object' && all, ...shape } : all, 1);
}
