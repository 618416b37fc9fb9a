// FEEL's numbers are decimal, JavaScript's are binary. Results are kept to the 15 digits that a double holds
// exactly, and rounding looks at the decimal digits a person sees: decimal(2.675, 2) is 2.68.

const DIGITS = 15;

export function tidy(number) {
  if (!Number.isFinite(number)) {
    return null;
  }
  return Number.isInteger(number) ? number : +number.toPrecision(DIGITS);
}

// A sum has no more decimal places than what is added: 5558.85 - 6464.86 is -906.01, not -906.0099999999993.
export function sum(left, right) {
  const total = left + right;
  if (Number.isInteger(left) && Number.isInteger(right)) {
    return tidy(total);
  }
  const places = Math.max(placesOf(left), placesOf(right));
  return places > DIGITS ? tidy(total) : tidy(+total.toFixed(places));
}

function placesOf(number) {
  const text = String(number);
  const point = text.indexOf('.');
  return text.includes('e') ? Infinity : point < 0 ? 0 : text.length - point - 1;
}

// Whether the last kept digit goes up, by what is cut off: below, at or above the half.
const GOES_UP = {
  'half even': (half, odd) => half > 0 || (half === 0 && odd),
  'half up': half => half >= 0,
  'half down': half => half > 0,
  'up': () => true,
  'down': () => false,
  'floor': (_half, _odd, negative) => negative,
  'ceiling': (_half, _odd, negative) => !negative
};

// `scale` digits after the point; a negative scale rounds to tens, hundreds, ...
export function round(number, scale, mode) {
  const [ mantissa, exponent ] = Math.abs(number).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const kept = Number(exponent) + 1 + scale;
  if (number === 0 || kept >= digits.length) {
    return number;
  }

  const whole = kept > 0 ? BigInt(digits.slice(0, kept)) : 0n;
  const rest = kept < 0 ? '0' : digits.slice(kept);
  const half = rest[0] === '5' && rest.length === 1 ? 0 : rest[0] >= '5' ? 1 : -1;
  const up = GOES_UP[mode](half, whole % 2n === 1n, number < 0);
  const rounded = Number(`${up ? whole + 1n : whole}e${-scale}`);
  return number < 0 && rounded !== 0 ? -rounded : rounded;
}

// Without an exponent: 1e21 is 1000000000000000000000.
export function written(number) {
  const text = String(number);
  if (!text.includes('e')) {
    return text;
  }
  const [ mantissa, exponent ] = text.split('e');
  const [ whole, fraction = '' ] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const sign = number < 0 ? '-' : '';
  if (point <= 0) {
    return `${sign}0.${'0'.repeat(-point)}${digits}`;
  }
  return sign + digits.padEnd(point, '0').slice(0, point) + (digits.length > point ? `.${digits.slice(point)}` : '');
}
