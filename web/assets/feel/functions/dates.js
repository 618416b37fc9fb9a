// Temporal functions (DMN 1.5, 10.3.4.8)

import { lastDayOfMonth } from '../temporal.js';
import { define } from './define.js';

define('day of year(date: date|date and time)', value => dateOf(value).dayOfYear);
define('day of week(date: date|date and time)', value => dateOf(value).weekdayName);
define('month of year(date: date|date and time)', value => dateOf(value).monthName);
define('week of year(date: date|date and time)', value => dateOf(value).weekOfYear);

// Camunda's addition, which its editors offer
define('last day of month(date: date|date and time)', value => lastDayOfMonth(dateOf(value)));

function dateOf(value) {
  return value.date ?? value;
}
