// From feelin's syntax tree to closures. feelin parses an expression each time it evaluates it, and answers many of the
// standard's test cases differently; so its grammar is used, and what an expression means is said here and in the
// modules beside. A compiled node is a function of the scope: an object whose prototypes are the enclosing scopes.

import { parseExpression, parseUnaryTests } from '@bpmn-io/feelin';

import { childScope, property, variable } from './access.js';
import { calculate, negated } from './arithmetic.js';
import { NO_MATCH, callNamed, callPositional } from './calls.js';
import { builtins } from './functions/index.js';
import { items, quantified } from './iteration.js';
import { freeNames } from './names.js';
import { note, withoutNotes } from './notes.js';
import { syntaxError } from './problems.js';
import { parseString } from './text.js';
import { FeelDate, FeelDateTime, FeelTime, parseTemporal } from './temporal.js';
import { ANY, isInstance, namedType } from './types.js';
import { Func, Range, Test, compare, context, equals, passes, typeOf } from './values.js';

// `shape` tells which names exist, for those that could be read as an operation: unit-price. `types` are the named
// types of a decision model. Throws a FeelSyntaxError.
export function compileExpression(text, shape = {}, types = {}) {
  const { tree, source } = parsed(text, shape, parseExpression);
  return { run: compile(tree.topNode, { text, source, types }), names: freeNames(tree, source) };
}

// The compiled tests are a function of a scope with the tested value as `?`; they answer true or false.
export function compileTests(text, shape = {}, types = {}) {
  const { tree, source } = parsed(text, shape, parseUnaryTests);
  return { run: compile(tree.topNode, { text, source, types }), names: freeNames(tree, source) };
}

// The grammar does not know range<number>. It knows list<number>: where the text alone is no expression, types of
// ranges are read as types of lists, in a text of the same length.
function parsed(text, shape, parse) {
  const tree = parse(text, shape, 'camunda');
  const error = syntaxError(tree, text);
  if (!error) {
    return { tree, source: text };
  }
  const source = text.replace(/((?:instance\s+of\s|[:<>,])\s*)range(?=\s*<)/g, '$1list ');
  const second = source === text ? null : parse(source, shape, 'camunda');
  if (!second || syntaxError(second, source)) {
    throw error;
  }
  return { tree: second, source };
}

function compile(node, env) {
  const compiler = COMPILERS[node.name];
  if (!compiler) {
    throw new Error(`no meaning for ${node.name}`);
  }
  return compiler(node, env, children(node));
}

function children(node) {
  const result = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment' && child.name !== 'BlockComment') {
      result.push(child);
    }
  }
  return result;
}

function textOf(node, env) {
  return env.text.slice(node.from, node.to);
}

function nameOf(node, env) {
  return textOf(node, env).replace(/`/g, '').replace(/\s+/g, ' ').trim();
}

const COMPILERS = {
  Expression: (node, env, [ only ]) => compile(only, env),
  ParenthesizedExpression: (node, env, [ , inner ]) => compile(inner, env),
  FunctionBody: (node, env, [ only ]) => compile(only, env),

  null: () => () => null,
  NumericLiteral: (node, env) => constant(Number(textOf(node, env).replace(/\s/g, ''))),
  StringLiteral: (node, env) => constant(parseString(textOf(node, env))),
  BooleanLiteral: (node, env) => constant(textOf(node, env) === 'true'),
  '?': () => scope => scope['?'] ?? null,

  VariableName: compileVariable,
  SpecialFunctionName: (node, env) => constant(builtins[nameOf(node, env)] ?? null),
  DateTimeConstructor: (node, env) => constant(builtins[nameOf(node, env)]),
  DateTimeLiteral: (node, env, [ first ]) => first.name === 'AtLiteral' ? compile(first, env) : compileCall(node, env),
  AtLiteral: compileAt,

  List: (node, env, parts) => {
    const elements = parts.slice(1, -1).map(part => compile(part, env));
    return scope => elements.map(element => element(scope));
  },
  Context: compileContext,
  PathExpression: compilePath,
  FilterExpression: compileFilter,
  FunctionInvocation: compileCall,
  FunctionDefinition: compileFunction,

  ArithmeticExpression: compileArithmetic,
  Comparison: compileComparison,
  Conjunction: (node, env, [ left, , right ]) => compileLogic(compile(left, env), compile(right, env), false),
  Disjunction: (node, env, [ left, , right ]) => compileLogic(compile(left, env), compile(right, env), true),
  InstanceOfExpression: (node, env, [ value, , , type ]) => {
    const of = compile(value, env);
    const wanted = compileType(type, env);
    return scope => isInstance(of(scope), wanted);
  },

  IfExpression: (node, env, [ , condition, , yes, , no ]) => {
    const [ test, then, otherwise ] = [ condition, yes, no ].map(part => compile(part, env));
    return scope => test(scope) === true ? then(scope) : otherwise(scope);
  },
  ForExpression: compileFor,
  QuantifiedExpression: compileQuantified,

  Interval: compileInterval,
  SimplePositiveUnaryTest: compileOperatorTest,
  UnaryTests: compileUnaryTests,
  PositiveUnaryTests: (node, env, parts) => compileAnyOf(parts, env),
  PositiveUnaryTest: compilePositiveTest,
  Wildcard: () => () => true
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
      compile(value, env)
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
  const of = compile(target, env);
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
  const of = compile(target, env);
  const test = compile(filter, env);
  const isTest = [ 'Comparison', 'Conjunction', 'Disjunction', 'SimplePositiveUnaryTest', 'QuantifiedExpression' ]
    .includes(filter.name);
  return scope => {
    const value = of(scope);
    const list = Array.isArray(value) ? value : value === null ? [] : [ value ];
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

function compileCall(node, env) {
  const [ target, , parameters ] = children(node);
  const of = compile(target, env);
  const name = nameOf(target, env);
  const named = parameters.name === 'NamedParameters';
  const args = parameters.name === ')' ? [] : children(parameters).map(parameter => {
    const [ key, value ] = named ? children(parameter) : [ null, parameter ];
    return [ key && nameOf(key, env), compile(value, env) ];
  });
  return scope => {
    const func = of(scope);
    if (!(func instanceof Func)) {
      if (func !== null) {
        note('NO_FUNCTION_FOUND', `${name} is no function but a ${typeOf(func)}`, target);
      }
      return null;
    }
    const values = args.map(([ , value ]) => value(scope));
    const result = named
      ? callNamed(func, context(args.map(([ key ], index) => [ key, values[index] ])))
      : callPositional(func, values);
    if (result === NO_MATCH) {
      note('FUNCTION_INVOCATION_FAILURE', `${name} cannot be called with (${values.map(typeOf).join(', ')})`, node);
      return null;
    }
    return result;
  };
}

function compileFunction(node, env, parts) {
  const parameters = children(parts.find(part => part.name === 'FormalParameters')).map(parameter => {
    const [ name, type ] = children(parameter);
    return { name: nameOf(name, env), type: type ? compileType(type, env) : ANY, nullable: true };
  });
  if (parts.some(part => part.name === 'external')) {
    return () => {
      note('EXTERNAL_FUNCTION', 'Functions of other languages are not run', node);
      return null;
    };
  }
  const body = compile(parts.at(-1), env);
  return scope => new Func(
    parameters, (...args) => body(childScope(scope, Object.fromEntries(parameters.map(({ name }, i) => [ name, args[i] ]))))
  );
}

function compileArithmetic(node, env, parts) {
  if (parts.length === 2) {
    const operand = compile(parts[1], env);
    return scope => negated(operand(scope));
  }
  const [ left, right ] = [ compile(parts[0], env), compile(parts[2], env) ];
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
  const value = compile(parts[0], env);
  switch (parts[1].name) {
    case 'in': {
      const tests = parts[2].name === '(' ? children(parts[3]) : [ parts[2] ];
      const test = compileAnyOf(tests, env);
      return scope => test(childScope(scope, { '?': value(scope) }));
    }
    case 'between': {
      const [ low, high ] = [ compile(parts[2], env), compile(parts[4], env) ];
      return scope => {
        const [ tested, start, end ] = [ value(scope), low(scope), high(scope) ];
        return start === null || end === null ? null : new Range(start, end, true, true).includes(tested);
      };
    }
    default: {
      const other = compile(parts[2], env);
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

const COMPARISONS = {
  '=': equals,
  '!=': (a, b) => {
    const same = equals(a, b);
    return same === null ? null : !same;
  },
  '<': (a, b) => ordered(a, b, order => order < 0),
  '<=': (a, b) => ordered(a, b, order => order <= 0),
  '>': (a, b) => ordered(a, b, order => order > 0),
  '>=': (a, b) => ordered(a, b, order => order >= 0)
};

function ordered(a, b, test) {
  const order = compare(a, b);
  return order === null ? null : test(order);
}

// Yields the scopes of `for a in x, b in y`, the later variables changing faster; null when there is nothing to go over
function compileIteration(node, env) {
  const levels = children(node).filter(part => part.name === 'InExpression').map(part => {
    const [ name, , source ] = children(part);
    const bounds = (source.name === 'IterationContext' ? children(source) : [ source ]).map(each => compile(each, env));
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
  const body = compile(parts.at(-1), env);
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
  const condition = compile(parts.at(-1), env);
  return scope => nullWithoutItems(() => {
    return quantified(scopes(scope), condition, decisive);
  }, node);
}

function compileInterval(node, env, [ open, low, high, close ]) {
  const [ start, end ] = [ compile(low, env), compile(high, env) ];
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
    return compile(parts[0], env);
  }
  const operand = compile(parts[1], env);
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

function compileUnaryTests(node, env, parts) {
  if (parts[0].name === 'not') {
    const test = compile(parts[2], env);
    return scope => test(scope) !== true;
  }
  const test = compile(parts[0], env);
  return scope => test(scope) === true;
}

// true when one passes; null when none does and one could not be compared
function compileAnyOf(nodes, env) {
  const tests = nodes.map(node => compile(node, env));
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
  const test = compile(only, env);
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

function compileType(node, env) {
  const [ type ] = children(node);
  const inner = type ? children(type) : [];
  switch (type?.name) {
    case 'ListType': {
      const element = compileType(inner.find(part => part.name === 'Type'), env);
      return textOf(type, env).startsWith('range') ? { range: element } : { list: element };
    }
    case 'ContextType':
      return {
        context: Object.fromEntries(children(inner.find(part => part.name === 'ContextEntryTypes')).map(entry => {
          const [ name, entryType ] = children(entry);
          return [ nameOf(name, env), compileType(entryType, env) ];
        }))
      };
    case 'FunctionType': {
      const list = inner.find(part => part.name === 'ArgumentTypes');
      return {
        function: list ? children(list).map(argument => compileType(children(argument)[0], env)) : [],
        result: compileType(inner.at(-1), env)
      };
    }
    default: {
      const name = nameOf(type ?? node, env);
      return env.types[name] ?? namedType(name) ?? 'unknown';
    }
  }
}
