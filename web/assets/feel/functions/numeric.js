// Numeric functions (DMN 1.5, 10.3.4.5)

import { round, tidy } from '../numbers.js';
import { DaysDuration, MonthsDuration } from '../temporal.js';
import { define } from './define.js';

const SMALLEST_SCALE = -6111;
const LARGEST_SCALE = 6176;

rounding('decimal', 'half even');
rounding('round up', 'up');
rounding('round down', 'down');
rounding('round half up', 'half up');
rounding('round half down', 'half down');
define('floor(n: number, scale?: number)', (n, scale = 0) => rounded(n, scale, 'floor'));
define('ceiling(n: number, scale?: number)', (n, scale = 0) => rounded(n, scale, 'ceiling'));
define('abs(n: number)', Math.abs);
define('abs(n: days and time duration)', ({ seconds }) => new DaysDuration(Math.abs(seconds)));
define('abs(n: years and months duration)', ({ total }) => new MonthsDuration(Math.abs(total)));
define('modulo(dividend: number, divisor: number)', (dividend, divisor) => divisor === 0
  ? null : tidy(dividend - divisor * Math.floor(tidy(dividend / divisor))));
define('sqrt(number: number)', number => number < 0 ? null : tidy(Math.sqrt(number)));
define('log(number: number)', number => number <= 0 ? null : tidy(Math.log(number)));
define('exp(number: number)', number => tidy(Math.exp(number)));
define('odd(number: number)', number => Math.abs(number % 2) === 1);
define('even(number: number)', number => number % 2 === 0);

function rounding(name, mode) {
  define(`${name}(n: number, scale: number)`, (n, scale) => rounded(n, scale, mode));
}

function rounded(number, scale, mode) {
  const digits = Math.trunc(scale);
  return digits < SMALLEST_SCALE || digits > LARGEST_SCALE ? null : round(number, digits, mode);
}
