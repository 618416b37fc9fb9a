// + - * / ** over numbers, strings, dates, times and durations (DMN 1.5, table 54 to 57)

import { round, sum, tidy } from './numbers.js';
import { DaysDuration, FeelDateTime, MonthsDuration } from './temporal.js';
import { typeOf } from './values.js';

const DAYS = 'days and time duration';
const MONTHS = 'years and months duration';

// Keys are "left type operator right type".
const OPERATIONS = {
  'number + number': sum,
  'number - number': (a, b) => sum(a, -b),
  'number * number': (a, b) => tidy(a * b),
  'number / number': (a, b) => b === 0 ? null : tidy(a / b),
  'number ** number': (a, b) => tidy(Math.pow(a, b)),
  'string + string': (a, b) => a + b,

  [`${DAYS} + ${DAYS}`]: (a, b) => days(a.seconds + b.seconds),
  [`${DAYS} - ${DAYS}`]: (a, b) => days(a.seconds - b.seconds),
  [`${DAYS} * number`]: (a, b) => days(a.seconds * b),
  [`number * ${DAYS}`]: (a, b) => days(a * b.seconds),
  [`${DAYS} / number`]: (a, b) => b === 0 ? null : days(a.seconds / b),
  [`${DAYS} / ${DAYS}`]: (a, b) => b.seconds === 0 ? null : tidy(a.seconds / b.seconds),

  [`${MONTHS} + ${MONTHS}`]: (a, b) => months(a.total + b.total),
  [`${MONTHS} - ${MONTHS}`]: (a, b) => months(a.total - b.total),
  [`${MONTHS} * number`]: (a, b) => months(a.total * b),
  [`number * ${MONTHS}`]: (a, b) => months(a * b.total),
  [`${MONTHS} / number`]: (a, b) => b === 0 ? null : months(a.total / b),
  [`${MONTHS} / ${MONTHS}`]: (a, b) => b.total === 0 ? null : tidy(a.total / b.total),

  'date - date': (a, b) => days((a.epochDay - b.epochDay) * 86400),
  'date - date and time': (a, b) => between(FeelDateTime.ofDate(a), b),
  'date and time - date': (a, b) => between(a, FeelDateTime.ofDate(b)),
  'date and time - date and time': between,
  'time - time': (a, b) => (a.offset === null) === (b.offset === null)
    ? days(a.seconds - (a.offset ?? 0) - b.seconds + (b.offset ?? 0)) : null,

  [`date + ${MONTHS}`]: (a, b) => a.plusMonths(b.total),
  [`${MONTHS} + date`]: (a, b) => b.plusMonths(a.total),
  [`date - ${MONTHS}`]: (a, b) => a.plusMonths(-b.total),
  [`date + ${DAYS}`]: (a, b) => a.plusSeconds(b.seconds),
  [`${DAYS} + date`]: (a, b) => b.plusSeconds(a.seconds),
  [`date - ${DAYS}`]: (a, b) => a.plusSeconds(-b.seconds),
  [`date and time + ${MONTHS}`]: (a, b) => a.plusMonths(b.total),
  [`${MONTHS} + date and time`]: (a, b) => b.plusMonths(a.total),
  [`date and time - ${MONTHS}`]: (a, b) => a.plusMonths(-b.total),
  [`date and time + ${DAYS}`]: (a, b) => a.plusSeconds(b.seconds),
  [`${DAYS} + date and time`]: (a, b) => b.plusSeconds(a.seconds),
  [`date and time - ${DAYS}`]: (a, b) => a.plusSeconds(-b.seconds),
  [`time + ${DAYS}`]: (a, b) => a.plusSeconds(b.seconds),
  [`${DAYS} + time`]: (a, b) => b.plusSeconds(a.seconds),
  [`time - ${DAYS}`]: (a, b) => a.plusSeconds(-b.seconds)
};

// null where the operator is not for these types, or the result is out of range
export function calculate(left, operator, right) {
  if (typeof left === 'number' && typeof right === 'number') {
    return OPERATIONS[`number ${operator} number`](left, right);
  }
  const operation = OPERATIONS[`${typeOf(left)} ${operator} ${typeOf(right)}`];
  return operation ? operation(left, right) : null;
}

export function negated(value) {
  if (typeof value === 'number') {
    return -value || 0;
  }
  if (value instanceof DaysDuration) {
    return days(-value.seconds || 0);
  }
  return value instanceof MonthsDuration ? months(-value.total || 0) : null;
}

// A local time has no distance to one with an offset.
function between(a, b) {
  if ((a.time.offset === null) !== (b.time.offset === null)) {
    return null;
  }
  return a.time.offset === null ? days(a.localEpoch - b.localEpoch) : days(a.epoch - b.epoch);
}

function days(seconds) {
  return Number.isFinite(seconds) ? new DaysDuration(seconds) : null;
}

function months(total) {
  return Number.isFinite(total) ? new MonthsDuration(round(total, 0, 'down') || 0) : null;
}

