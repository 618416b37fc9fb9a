// Reading a syntax tree. `env` is {text, types, compile}: the text, the types of the model, and how to compile a node.

export function children(node) {
  const result = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name !== 'LineComment' && child.name !== 'BlockComment') {
      result.push(child);
    }
  }
  return result;
}

export function textOf(node, env) {
  return env.text.slice(node.from, node.to);
}

export function nameOf(node, env) {
  return textOf(node, env).replace(/`/g, '').replace(/\s+/g, ' ').trim();
}
