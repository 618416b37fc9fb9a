// String literals

const ESCAPES = { n: '\n', r: '\r', t: '\t' };

export function parseString(literal) {
  return literal.slice(1, -1).replace(
    /\\(?:U([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|(["'\\nrt]))/g,
    (_whole, long, short, character) => character
      ? ESCAPES[character] ?? character
      : String.fromCodePoint(parseInt(long ?? short, 16))
  );
}
