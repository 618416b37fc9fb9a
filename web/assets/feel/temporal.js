// FEEL's dates, times and durations (DMN 1.5, 10.3.2.3). Years reach from -999,999,999 to 999,999,999, which no Date
// of JavaScript does. An offset is in seconds; null means a local time, which belongs to no zone.

import { businessOffset, zoneOffsetAtLocal, zoneOffsetAtUtc } from './clock.js';

const DAY = 86400;
const LAST_YEAR = 999999999;
const LARGEST_OFFSET = 18 * 3600;
const WEEKDAYS = [ 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday' ];
const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December'
];

export class FeelDate {
  constructor(year, month, day) {
    this.year = year;
    this.month = month;
    this.day = day;
  }

  // null when there is no such day
  static of(year, month, day) {
    const valid = [ year, month, day ].every(Number.isInteger) && Math.abs(year) <= LAST_YEAR
      && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
    return valid ? new FeelDate(year, month, day) : null;
  }

  static parse(text) {
    const found = /^(-?(?:\d{4}|[1-9]\d{4,8}))-(\d\d)-(\d\d)$/.exec(text);
    return found && FeelDate.of(Number(found[1]), Number(found[2]), Number(found[3]));
  }

  // https://howardhinnant.github.io/date_algorithms.html, civil_from_days
  static fromEpochDay(epochDay) {
    const shifted = epochDay + 719468;
    const era = Math.floor(shifted / 146097);
    const dayOfEra = shifted - era * 146097;
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
    const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
    const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    return FeelDate.of(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
  }

  // days_from_civil of the same source
  get epochDay() {
    const year = this.month <= 2 ? this.year - 1 : this.year;
    const era = Math.floor(year / 400);
    const yearOfEra = year - era * 400;
    const dayOfYear = Math.floor((153 * (this.month > 2 ? this.month - 3 : this.month + 9) + 2) / 5) + this.day - 1;
    const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
  }

  // Monday is 1 (ISO 8601)
  get weekday() {
    return modulo(this.epochDay + 3, 7) + 1;
  }

  get weekdayName() {
    return WEEKDAYS[this.weekday - 1];
  }

  get monthName() {
    return MONTHS[this.month - 1];
  }

  get dayOfYear() {
    return this.epochDay - new FeelDate(this.year, 1, 1).epochDay + 1;
  }

  // ISO 8601: the week of the year that its Thursday lies in
  get weekOfYear() {
    const thursday = FeelDate.fromEpochDay(this.epochDay - this.weekday + 4);
    return Math.ceil(thursday.dayOfYear / 7);
  }

  plusMonths(months) {
    const total = this.year * 12 + this.month - 1 + months;
    const year = Math.floor(total / 12);
    const month = modulo(total, 12) + 1;
    return FeelDate.of(year, month, Math.min(this.day, daysInMonth(year, month)));
  }

  plusSeconds(seconds) {
    return FeelDate.fromEpochDay(this.epochDay + Math.floor(seconds / DAY));
  }

  toString() {
    const year = String(Math.abs(this.year)).padStart(4, '0');
    return `${this.year < 0 ? '-' : ''}${year}-${two(this.month)}-${two(this.day)}`;
  }
}

export class FeelTime {

  // `seconds` of the day, with a fraction; `zone` is the name that the offset comes from, if one was given
  constructor(seconds, offset = null, zone = null) {
    this.seconds = seconds;
    this.offset = offset;
    this.zone = zone;
  }

  static of(hour, minute, second, offset = null) {
    const valid = Number.isInteger(hour) && Number.isInteger(minute) && hour >= 0 && hour <= 23
      && minute >= 0 && minute <= 59 && second >= 0 && second < 60
      && (offset === null || Math.abs(offset) <= LARGEST_OFFSET);
    return valid ? new FeelTime(hour * 3600 + minute * 60 + second, offset) : null;
  }

  // `date` decides the offset of a named zone
  static parse(text, date = null) {
    const found = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:([zZ])|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([\w/+-]+))?$/.exec(text);
    if (!found) {
      return null;
    }
    const [ , hour, minute, second, utc, sign, offsetHours, offsetMinutes, offsetSeconds, zone ] = found;
    let offset = utc ? 0 : null;
    if (sign) {
      if (Number(offsetMinutes) > 59) {
        return null;
      }
      offset = (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60 + Number(offsetSeconds ?? 0))
        * (sign === '-' ? -1 : 1);
    }
    const time = FeelTime.of(Number(hour), Number(minute), Number(second), offset);
    return time && zone ? time.inZone(zone, date) : time;
  }

  inZone(zone, date) {
    const offset = zoneOffsetAtLocal(zone, date, this);
    return offset === null ? null : new FeelTime(this.seconds, offset, zone);
  }

  get hour() {
    return Math.floor(this.seconds / 3600);
  }

  get minute() {
    return Math.floor(this.seconds % 3600 / 60);
  }

  get second() {
    return Math.floor(this.seconds % 60);
  }

  plusSeconds(seconds) {
    return new FeelTime(exact(modulo(this.seconds + seconds, DAY)), this.offset, this.zone);
  }

  toString() {
    return this.localPart + this.zonePart;
  }

  get localPart() {
    const fraction = exact(this.seconds % 60);
    const seconds = two(Math.floor(fraction)) + fractionOf(fraction);
    return `${two(this.hour)}:${two(this.minute)}:${seconds}`;
  }

  get zonePart() {
    return this.zone ? `@${this.zone}` : this.offsetPart;
  }

  get offsetPart() {
    if (this.offset === null) {
      return '';
    }
    if (this.offset === 0) {
      return 'Z';
    }
    const size = Math.abs(this.offset);
    const seconds = size % 60 ? `:${two(size % 60)}` : '';
    return `${this.offset < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${two(Math.floor(size % 3600 / 60))}${seconds}`;
  }
}

export class FeelDateTime {
  constructor(date, time) {
    this.date = date;
    this.time = time;
  }

  // A date alone is its midnight.
  static parse(text) {
    const [ , datePart, timePart ] = /^([^T]*)(?:T(.*))?$/.exec(text);
    const date = FeelDate.parse(datePart);
    if (!date || timePart === undefined) {
      return date && new FeelDateTime(date, new FeelTime(0));
    }
    if (/^24:00:00(?![.\d])/.test(timePart)) {
      return FeelDateTime.parse(`${FeelDate.fromEpochDay(date.epochDay + 1)}T00${timePart.slice(2)}`);
    }
    const time = FeelTime.parse(timePart, date);
    return time && new FeelDateTime(date, time);
  }

  static fromEpoch(seconds, offset, zone = null) {
    const local = seconds + offset;
    const date = FeelDate.fromEpochDay(Math.floor(local / DAY));
    return date && new FeelDateTime(date, new FeelTime(exact(modulo(local, DAY)), offset, zone));
  }

  // A FEEL date counts as midnight in UTC where a date and time is wanted.
  static ofDate(date) {
    return new FeelDateTime(date, new FeelTime(0, 0));
  }

  // Seconds since 1970 in UTC. A local time is compared with others as one of the business zone.
  get epoch() {
    return this.localEpoch - (this.time.offset ?? businessOffset());
  }

  get localEpoch() {
    return this.date.epochDay * DAY + this.time.seconds;
  }

  plusMonths(months) {
    const date = this.date.plusMonths(months);
    const time = this.time.zone && date ? this.time.inZone(this.time.zone, date) : this.time;
    return date && new FeelDateTime(date, time);
  }

  plusSeconds(seconds) {
    const { offset, zone } = this.time;
    if (zone) {
      const epoch = this.epoch + seconds;
      return FeelDateTime.fromEpoch(epoch, zoneOffsetAtUtc(zone, epoch), zone);
    }
    const local = this.localEpoch + seconds;
    const date = FeelDate.fromEpochDay(Math.floor(local / DAY));
    return date && new FeelDateTime(date, new FeelTime(exact(modulo(local, DAY)), offset));
  }

  toString() {
    return `${this.date}T${this.time}`;
  }

  // What Python and every other reader of ISO 8601 understand: an offset in the place of a zone's name.
  get iso() {
    return `${this.date}T${this.time.localPart}${this.time.offsetPart}`;
  }
}

export class DaysDuration {
  constructor(seconds) {
    this.seconds = exact(seconds);
  }

  get days() {
    return Math.trunc(this.seconds / DAY) || 0;
  }

  get hours() {
    return Math.trunc(this.seconds % DAY / 3600) || 0;
  }

  get minutes() {
    return Math.trunc(this.seconds % 3600 / 60) || 0;
  }

  get wholeSeconds() {
    return Math.trunc(this.seconds % 60) || 0;
  }

  toString() {
    const fraction = exact(Math.abs(this.seconds % 60));
    const days = this.days ? `${Math.abs(this.days)}D` : '';
    const time = [
      this.hours && `${Math.abs(this.hours)}H`,
      this.minutes && `${Math.abs(this.minutes)}M`,
      fraction && `${Math.floor(fraction)}${fractionOf(fraction)}S`
    ].filter(Boolean).join('');
    if (!days && !time) {
      return 'PT0S';
    }
    return `${this.seconds < 0 ? '-' : ''}P${days}${time && 'T' + time}`;
  }
}

export class MonthsDuration {
  constructor(months) {
    this.total = months;
  }

  get years() {
    return Math.trunc(this.total / 12) || 0;
  }

  get months() {
    return this.total % 12 || 0;
  }

  toString() {
    const years = this.years ? `${Math.abs(this.years)}Y` : '';
    const months = this.months ? `${Math.abs(this.months)}M` : '';
    return `${this.total < 0 ? '-' : ''}P${years + months || '0M'}`;
  }
}

export function parseDuration(text) {
  const months = /^(-)?P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?$/.exec(text);
  if (months) {
    const total = Number(months[2] ?? 0) * 12 + Number(months[3] ?? 0);
    return new MonthsDuration(months[1] ? -total || 0 : total);
  }
  const found = /^(-)?P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?)?$/.exec(text);
  if (!found) {
    return null;
  }
  const [ days, hours, minutes, seconds ] = found.slice(2).map(part => Number(part ?? 0));
  const total = days * DAY + hours * 3600 + minutes * 60 + seconds;
  return new DaysDuration(found[1] ? -total || 0 : total);
}

// The text after an @, or what a variable holds: whichever of the five it is
export function parseTemporal(text) {
  if (/^-?P/.test(text)) {
    return parseDuration(text);
  }
  if (/^\d\d:/.test(text)) {
    return FeelTime.parse(text);
  }
  return text.includes('T') ? FeelDateTime.parse(text) : FeelDate.parse(text);
}

// Whole months from one date (or that of a date and time) to another, towards zero
export function monthsBetween(from, to) {
  const [ start, end ] = [ from, to ].map(value => value.date ?? value);
  let months = (end.year - start.year) * 12 + end.month - start.month;
  const rest = end.day - start.day;
  if (months > 0 && rest < 0) {
    months -= 1;
  } else if (months < 0 && rest > 0) {
    months += 1;
  }
  return new MonthsDuration(months);
}

export function lastDayOfMonth(date) {
  return new FeelDate(date.year, date.month, daysInMonth(date.year, date.month));
}

function daysInMonth(year, month) {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return [ 4, 6, 9, 11 ].includes(month) ? 30 : 31;
}

function modulo(value, divisor) {
  return (value % divisor + divisor) % divisor;
}

// Nanoseconds are the finest that is kept.
function exact(seconds) {
  return Number.isInteger(seconds) ? seconds : Math.round(seconds * 1e9) / 1e9;
}

function fractionOf(seconds) {
  return Number.isInteger(seconds) ? '' : seconds.toFixed(9).replace(/^\d+|0+$/g, '');
}

function two(number) {
  return String(number).padStart(2, '0');
}
