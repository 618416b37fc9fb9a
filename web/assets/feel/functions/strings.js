// String functions (DMN 1.5, 10.3.4.3). Positions count characters, not UTF-16 units.

import { define } from './define.js';
import { expression, replacement } from './regex.js';

define('substring(string: string, start position: number, length?: number)', (string, start, length) => {
  const characters = Array.from(string);
  if (start === 0 || Math.abs(start) > characters.length || length < 1) {
    return null;
  }
  const from = start < 0 ? characters.length + start : start - 1;
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
  return found && !found.test('') ? input.replace(found, replacement(by)) : null;
});
define('contains(string: string, match: string)', (string, match) => string.includes(match));
define('starts with(string: string, match: string)', (string, match) => string.startsWith(match));
define('ends with(string: string, match: string)', (string, match) => string.endsWith(match));
define('matches(input: string, pattern: string, flags?: string?)', (input, pattern, flags) => {
  const found = expression(pattern, flags ?? '');
  return found && found.test(input);
});
define('split(string: string, delimiter: string)', (string, delimiter) => {
  const found = expression(delimiter, '');
  return found && string.split(found);
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

function joined(list, delimiter) {
  const texts = list.filter(element => element !== null);
  return texts.every(text => typeof text === 'string') ? texts.join(delimiter ?? '') : null;
}
