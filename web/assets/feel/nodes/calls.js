// Calling functions and defining them

import { childScope } from '../access.js';
import { NO_MATCH, callNamed, callPositional } from '../calls.js';
import { builtins } from '../functions/index.js';
import { note } from '../notes.js';
import { FeelSyntaxError } from '../problems.js';
import { ANY } from '../types.js';
import { Func, context, typeOf } from '../values.js';
import { children, nameOf } from './tree.js';
import { compileType } from './types.js';

export const callNodes = {
  FunctionInvocation: compileCall,
  DateTimeLiteral: (node, env, [ first ]) => first.name === 'AtLiteral' ? env.compile(first) : compileCall(node, env),
  DateTimeConstructor: compileBuiltin,
  SpecialFunctionName: compileBuiltin,
  FunctionDefinition: compileFunction,
  FunctionBody: (node, env, [ only ]) => env.compile(only)
};

function compileBuiltin(node, env) {
  const func = builtins[nameOf(node, env)] ?? null;
  return () => func;
}

function compileCall(node, env) {
  const [ target, , parameters ] = children(node);
  const of = env.compile(target);
  const name = nameOf(target, env);
  const named = parameters.name === 'NamedParameters';
  const args = parameters.name === ')' ? [] : children(parameters).map(parameter => {
    const [ key, value ] = named ? children(parameter) : [ null, parameter ];
    return [ key && nameOf(key, env), env.compile(value) ];
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
    if (result === null && func.overloads) {
      note('NO_RESULT', `${name}(${values.map(typeOf).join(', ')}) has no result`, node);
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
    throw new FeelSyntaxError('Functions of other languages are not run', node.from, node.to);
  }
  const body = env.compile(parts.at(-1));
  return scope => new Func(
    parameters, (...args) => body(childScope(scope, Object.fromEntries(parameters.map(({ name }, i) => [ name, args[i] ]))))
  );
}
