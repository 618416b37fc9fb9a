// The types that an expression writes down

import { namedType } from '../types.js';
import { children, nameOf, textOf } from './tree.js';

export function compileType(node, env) {
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
