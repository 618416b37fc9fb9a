// Regular expressions of XPath as JavaScript reads them (XQuery and XPath Functions 3.1, 5.6)

const NAME_START = '[\\p{L}_:]';
const NAME = '[\\p{L}\\p{N}_:.\\-]';

// null when pattern or flags are not valid
export function expression(pattern, flags, mode = '') {
  if (/[^smixq]/.test(flags)) {
    return null;
  }
  const source = flags.includes('q') ? literally(pattern) : translated(pattern, flags.includes('x'));
  try {
    return new RegExp(source, 'u' + mode + flags.replace(/[xq]/g, ''));
  } catch (error) {
    if (error instanceof SyntaxError) {
      return null;
    }
    throw error;
  }
}

function literally(pattern) {
  return pattern.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

// XPath writes $0 for the match, and \$ for a dollar; null for any other use of the two signs.
export function replacement(text) {
  if (/\$(?!\d)/.test(text.replace(/\\[\\$]/g, '')) || /\\/.test(text.replace(/\\[\\$]/g, ''))) {
    return null;
  }
  return text.replace(/\\(.)|\$0/g, (whole, escaped) => whole === '$0' ? '$&' : escaped === '$' ? '$$' : escaped);
}

function translated(pattern, free) {
  let result = '';
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === '\\') {
      result += escaped(pattern[++i] ?? '', depth > 0);
    } else if (free && depth === 0 && /[\t\n\r ]/.test(character)) {
      continue;
    } else {
      depth += character === '[' ? 1 : character === ']' ? -1 : 0;
      result += character;
    }
  }
  return subtracted(result);
}

function escaped(character, inClass) {
  if (character === 'i' || character === 'c') {
    const set = character === 'i' ? NAME_START : NAME;
    return inClass ? set.slice(1, -1) : set;
  }
  if (character === 'I' || character === 'C') {
    return (character === 'I' ? NAME_START : NAME).replace('[', '[^');
  }
  // unicode mode knows \- in classes only
  return character === '-' && !inClass ? '-' : `\\${character}`;
}

// [a-z-[aeiou]]: letters but vowels
function subtracted(pattern) {
  return pattern.replace(
    /\[(\^?)((?:[^[\]\\]|\\.)+)-\[((?:[^[\]\\]|\\.)+)\]\]/g, (_whole, not, set, less) => `(?![${less}])[${not}${set}]`
  );
}
