// Conversion functions (DMN 1.5, 10.3.4.1) and not()

import { currentEpoch, businessOffset } from '../clock.js';
import { FeelDate, FeelDateTime, FeelTime, monthsBetween, parseDuration } from '../temporal.js';
import { Range, toText } from '../values.js';
import { define } from './define.js';
import { parseRange } from './ranges.js';

define('date(from: string)', FeelDate.parse);
define('date(from: date)', date => date);
define('date(from: date and time)', ({ date }) => date);
define('date(year: number, month: number, day: number)', FeelDate.of);

define('date and time(from: string)', FeelDateTime.parse);
define('date and time(from: date and time)', value => value);
define('date and time(date: date|date and time, time: time)', (date, time) => new FeelDateTime(date.date ?? date, time));
define(
  'date and time(year: number, month: number, day: number, hour: number, minute: number, second: number)',
  (year, month, day, hour, minute, second) => joined(FeelDate.of(year, month, day), FeelTime.of(hour, minute, second))
);
define(
  'date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, '
    + 'offset: days and time duration?)',
  (year, month, day, hour, minute, second, offset) => joined(
    FeelDate.of(year, month, day), FeelTime.of(hour, minute, second, offset?.seconds ?? null)
  )
);

define('time(from: string)', text => FeelTime.parse(text));
define('time(from: time)', time => time);
define('time(from: date and time)', ({ time }) => time);
define('time(hour: number, minute: number, second: number, offset?: days and time duration?)',
  (hour, minute, second, offset) => FeelTime.of(hour, minute, second, offset?.seconds ?? null)
);

define('duration(from: string)', parseDuration);
define('years and months duration(from: date|date and time, to: date|date and time)', monthsBetween);

define('now()', () => FeelDateTime.fromEpoch(currentEpoch(), businessOffset()));
define('today()', () => FeelDateTime.fromEpoch(currentEpoch(), businessOffset()).date);

define('number(from: string, grouping separator?: string?, decimal separator?: string?)', parseNumber);
define('string(from: any)', value => value === null ? null : toText(value, false));
define('range(from: string)', text => {
  const range = parseRange(text);
  return range instanceof Range ? range : null;
});
define('not(negand: any)', value => typeof value === 'boolean' ? !value : null);

function joined(date, time) {
  return date && time && new FeelDateTime(date, time);
}

function parseNumber(text, grouping, decimal) {
  if (![ undefined, null, ' ', ',', '.' ].includes(grouping) || ![ undefined, null, ',', '.' ].includes(decimal)
    || (grouping && grouping === (decimal ?? '.'))) {
    return null;
  }
  const ungrouped = grouping ? text.replaceAll(grouping, '') : text;
  const plain = decimal === ',' ? ungrouped.replace(',', '.') : ungrouped;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain) ? Number(plain) : null;
}
