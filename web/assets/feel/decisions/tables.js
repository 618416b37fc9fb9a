// Decision tables (DMN 1.5, chapter 8): which rules match, and what the hit policy makes of them

import { calculate } from '../arithmetic.js';
import { childScope } from '../access.js';
import { converted, received } from '../types.js';
import { compare, context, equals, passes, toText } from '../values.js';
import { failed, traced } from './evaluation.js';
import { referred } from './types.js';

// `compiler` is the model's: expression(cell, names), tests(cell, names), types.
export function compileTable(table, compiler, names) {
  const inputs = table.inputs.map(input => ({
    ...input,
    value: compiler.expression(input.expression, names),
    type: referred(compiler.types, input.type),
    isAllowed: input.values && compiler.tests(input.values, names)
  }));
  const outputs = table.outputs.map(output => ({
    ...output,
    type: referred(compiler.types, output.type),
    otherwise: output.default && compiler.expression(output.default, names),
    isAllowed: output.values && compiler.tests(output.values, names),
    ranks: output.values && compiler.list(output.values, names)
  }));
  checkNames(table, compiler, names);
  const rules = table.rules.map((rule, index) => ({
    id: rule.id,
    index: index + 1,
    tests: rule.tests.map(cell => isEmpty(cell) ? null : compiler.tests(cell, names)),
    results: rule.results.map(cell => isEmpty(cell) ? () => null : compiler.expression(cell, names))
  }));

  return scope => {
    const values = inputs.map(input => inputValue(table, input, scope));
    const entry = {
      tableId: table.id,
      hitPolicy: table.hitPolicy,
      inputs: inputs.map((input, index) => ({ id: input.id, label: input.label, value: values[index] })),
      rules: [],
      output: null
    };
    traced(entry);
    if (values.includes(undefined)) {
      return null;
    }
    const scopes = values.map(value => childScope(scope, { '?': value }));
    const matched = rules.filter(({ tests }) => tests.every((test, index) => test === null || test(scopes[index]) === true));
    entry.rules = matched.map(({ id, index }) => ({ id, index }));
    entry.output = decided(table, outputs, matched, scope);
    return entry.output;
  };
}

function isEmpty({ text }) {
  return text === '' || text === '-';
}

function checkNames(table, compiler, names) {
  const known = { ...names };
  for (const { expression } of table.inputs) {
    for (const name of compiler.freeNames(expression, names)) {
      known[name] = 1;
    }
  }
  for (const { tests, results } of table.rules) {
    for (const cell of [ ...tests, ...results ]) {
      compiler.reportBareName(cell, known);
    }
  }
}

// undefined when the value is not one that the table is for
function inputValue(table, { id, label, value, type, isAllowed }, scope) {
  const given = value(scope);
  const fitting = converted(received(given, type), type);
  if (fitting === undefined) {
    failed(id, 'input_type', `${label} is ${toText(given)}, which is not of its type`, { label, value: toText(given) });
    return undefined;
  }
  if (isAllowed && fitting !== null && isAllowed(childScope(scope, { '?': fitting })) !== true) {
    failed(id, 'input_not_allowed', `${label} is ${toText(fitting)}, which is none of its allowed values`,
      { label, value: toText(fitting) });
    return undefined;
  }
  return fitting;
}

function decided(table, outputs, matched, scope) {
  const policy = table.hitPolicy;
  if (matched.length === 0) {
    return withoutMatch(table, outputs, scope);
  }
  const numbers = matched.map(({ index }) => index).join(', ');
  if (policy === 'UNIQUE' && matched.length > 1) {
    failed(table.id, 'several_rules', `The rules ${numbers} match at once, but only one may`, { rules: numbers });
    return null;
  }

  // Rules before the first are not asked for their results: they might fail where they do not apply.
  const asked = [ 'UNIQUE', 'FIRST' ].includes(policy) ? matched.slice(0, 1) : matched;
  const results = asked.map(rule => resultOf(outputs, rule, scope));
  switch (policy) {
    case 'UNIQUE':
    case 'FIRST':
      return combined(outputs, results[0]);
    case 'ANY':
      if (results.some(result => !result.every((value, index) => equals(value, results[0][index]) === true))) {
        const message = `The rules ${numbers} match at once, with different results`;
        failed(table.id, 'different_results', message, { rules: numbers });
        return null;
      }
      return combined(outputs, results[0]);
    case 'PRIORITY':
      return combined(outputs, byPriority(outputs, results, scope)[0]);
    case 'OUTPUT ORDER':
      return byPriority(outputs, results, scope).map(result => combined(outputs, result));
    case 'RULE ORDER':
      return results.map(result => combined(outputs, result));
    default:
      return aggregated(table, results.map(result => combined(outputs, result)));
  }
}

function withoutMatch(table, outputs, scope) {
  if (outputs.some(({ otherwise }) => otherwise)) {
    const result = combined(outputs, outputs.map(({ otherwise }) => otherwise ? otherwise(scope) : null));
    return isList(table) ? [ result ] : result;
  }
  if (table.aggregation === 'COUNT') {
    return 0;
  }
  return isList(table) ? [] : null;
}

function isList({ hitPolicy, aggregation }) {
  return [ 'COLLECT', 'RULE ORDER', 'OUTPUT ORDER' ].includes(hitPolicy) && !aggregation;
}

function resultOf(outputs, { id, index, results }, scope) {
  return results.map((result, column) => {
    const { name, label, type, isAllowed } = outputs[column];
    const given = result(scope);
    const value = converted(given, type);
    if (value === undefined || (isAllowed && value !== null && isAllowed(childScope(scope, { '?': value })) !== true)) {
      const output = label ?? name ?? 'The result';
      failed(id, 'output_not_allowed', `${output} of rule ${index} is ${toText(given)}, which is none of its allowed values`,
        { label: output, rule: index, value: toText(given) });
      return null;
    }
    return value;
  });
}

function combined(outputs, result) {
  return outputs.length === 1 ? result[0] : context(outputs.map(({ name }, index) => [ name, result[index] ]));
}

// By the order of the allowed output values, the first output deciding first
function byPriority(outputs, results, scope) {
  const values = outputs.map(({ ranks }) => ranks ? ranks(scope) : []);
  const rank = (ranks, value) => {
    const found = ranks.findIndex(each => passes(value, each) === true);
    return found < 0 ? Infinity : found;
  };
  return results.toSorted((a, b) => {
    for (const [ index, ranks ] of values.entries()) {
      const [ one, other ] = [ rank(ranks, a[index]), rank(ranks, b[index]) ];
      if (one !== other) {
        return one - other;
      }
    }
    return 0;
  });
}

function aggregated({ aggregation }, results) {
  switch (aggregation) {
    case 'COUNT':
      return results.length;
    case 'SUM':
      return results.reduce((total, each) => calculate(total, '+', each));
    case 'MIN':
      return results.reduce((best, each) => compare(each, best) < 0 ? each : best);
    case 'MAX':
      return results.reduce((best, each) => compare(each, best) > 0 ? each : best);
    default:
      return results;
  }
}
