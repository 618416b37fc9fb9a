// What keeps a text from being FEEL, said to the person who wrote it

export class FeelSyntaxError extends Error {
  constructor(message, from, to) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

// null when the tree is whole
export function syntaxError(tree, text) {
  let error = null;
  tree.iterate({
    enter({ type, node }) {
      if (error === null && type.isError) {
        error = described(node, text);
      }
      return error === null;
    }
  });
  return error;
}

function described(node, text) {
  const end = text.trimEnd().length;
  if (text.trim() === '') {
    return new FeelSyntaxError('The expression is empty', 0, text.length);
  }
  if (node.from >= end) {
    return new FeelSyntaxError('The expression is not complete', end, end);
  }
  const rest = text.slice(node.from);
  const word = /^\s*([\p{L}\p{N}_]+|"[^"]*"?|\S)/u.exec(rest);
  const from = node.from + word[0].length - word[1].length;
  return new FeelSyntaxError(`${word[1]} is not expected here`, from, from + word[1].length);
}
