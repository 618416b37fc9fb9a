// What an evaluation takes from outside: the command's clock, the business zone, and answers of Python.

let now = 0;
let offset = 0;
let answers = {};

// `milliseconds` since 1970, `minutes` that the business zone is ahead of UTC at that moment; `known` are the
// answers to what earlier runs of this evaluation asked.
export function setClock(milliseconds, minutes, known) {
  now = milliseconds / 1000;
  offset = minutes * 60;
  answers = known;
}

export function currentEpoch() {
  return now;
}

export function businessOffset() {
  return offset;
}

// Ends a run: it is started again with the answer known. QuickJS calls no Python while a time limit is set.
export class Asked extends Error {
  constructor(question) {
    super('asked');
    this.question = question;
  }
}

// `question` is [name, ...JSON arguments].
export function ask(question) {
  const key = JSON.stringify(question);
  if (!Object.hasOwn(answers, key)) {
    throw new Asked(key);
  }
  return answers[key];
}

// Seconds that a named zone is ahead of UTC; null for an unknown zone. QuickJS has no zone data, Python has.
export function zoneOffsetAtLocal(zone, date, time) {
  if (isUtc(zone)) {
    return 0;
  }
  const epoch = date === null ? now : date.epochDay * 86400 + time.seconds;
  return ask([ 'zone offset', zone, date === null ? 'utc' : 'local', epoch ]);
}

export function zoneOffsetAtUtc(zone, epoch) {
  return isUtc(zone) ? 0 : ask([ 'zone offset', zone, 'utc', epoch ]);
}

function isUtc(zone) {
  return [ 'Etc/UTC', 'UTC', 'Etc/GMT', 'GMT' ].includes(zone);
}
