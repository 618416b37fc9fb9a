// The comparison operators: true, false, or null for values that have no such relation

import { compare, equals } from './values.js';

export const COMPARISONS = {
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
