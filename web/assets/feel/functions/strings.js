// String functions (DMN 1.5, 10.3.4.3). Positions count characters, not UTF-16 units.

import { define } from './define.js';
import { expression, replacement } from './regex.js';

define('substring(string: string, start position: number, length?: number)', (string, start, length) => {
  const characters = Array.from(string);
  const position = Math.trunc(start);
  if (position === 0 || Math.abs(position) > characters.length || length < 1) {
    return null;
  }
  const from = position < 0 ? characters.length + position : position - 1;
  return characters.slice(from, length === undefined ? undefined : from + Math.trunc(length)).join('');
});
define('string length(string: string)', string => Array.from(string).length);
define('upper case(string: string)', string => string.toUpperCase());
define('lower case(string: string)', string => string.toLowerCase());
define('substring before(string: string, match: string)', (string, match) => {
  const index = string.indexOf(match);
  return index < 0 ? '' : string.slice(0, index);
});
define('substring after(string: string, match: string)', (string, match) => {
  const index = string.indexOf(match);
  return index < 0 ? '' : string.slice(index + match.length);
});
define('replace(input: string, pattern: string, replacement: string, flags?: string?)', (input, pattern, by, flags) => {
  const found = expression(pattern, flags ?? '', 'g');
  const text = replacement(by);
  return found && text !== null && !new RegExp(found, '').test('') ? input.replace(found, text) : null;
});
define('contains(string: string, match: string)', (string, match) => string.includes(match));
define('starts with(string: string, match: string)', (string, match) => string.startsWith(match));
define('ends with(string: string, match: string)', (string, match) => string.endsWith(match));
define('matches(input: string, pattern: string, flags?: string?)', (input, pattern, flags) => {
  const found = expression(pattern, flags ?? '');
  return found && found.test(input);
});
define('split(string: string, delimiter: string)', (string, delimiter) => {
  const found = expression(delimiter, '', 'g');
  return found && parts(string, found);
});
define('string join(list: list, delimiter?: string?)', joined);
define('string join(list: list, delimiter: string?, prefix: string, suffix: string)', (list, delimiter, prefix, suffix) => {
  const text = joined(list, delimiter);
  return text === null ? null : prefix + text + suffix;
});

// Camunda's additions, which its editors offer
define('trim(string: string)', string => string.trim());
define('is blank(string: string)', string => string.trim() === '');
define('extract(string: string, pattern: string)', (string, pattern) => {
  const found = expression(pattern, '', 'g');
  return found && Array.from(string.matchAll(found), match => match[0]);
});

// Unlike split of JavaScript, what a group of the delimiter caught is no part.
function parts(string, delimiter) {
  const result = [];
  let from = 0;
  for (const { index, 0: match } of string.matchAll(delimiter)) {
    if (match !== '') {
      result.push(string.slice(from, index));
      from = index + match.length;
    }
  }
  return [ ...result, string.slice(from) ];
}

function joined(list, delimiter) {
  const texts = list.filter(element => element !== null);
  return texts.every(text => typeof text === 'string') ? texts.join(delimiter ?? '') : null;
}
