// What two readings of one file differ in, by the names of the elements people know: for "somebody else saved meanwhile".
const DRAWN = /\/(DI|DMNDI|BPMN\/20100524\/DI|DD)\b|\/DMNDI\/|\/DI\/|DD\/20100524/;

export function difference(before, after) {
  const [ old, now ] = [ parts(before), parts(after) ];
  const names = new Set();
  for (const id of new Set([ ...old.keys(), ...now.keys() ])) {
    if (old.get(id)?.text !== now.get(id)?.text) {
      names.add((now.get(id) ?? old.get(id)).name);
    }
  }
  return { names: [ ...names ].slice(0, 6), layout: names.size === 0 && before !== after };
}

// Element id -> its name, and its own content without that of the named elements inside it.
function parts(text) {
  const found = new Map();
  if (text.trimStart().startsWith('{')) {
    fields(JSON.parse(text), found);
  } else {
    elements(new DOMParser().parseFromString(text, 'application/xml').documentElement, found);
  }
  return found;
}

function elements(element, found) {
  if (DRAWN.test(element.namespaceURI ?? '')) {
    return '';
  }
  const inner = [ ...element.childNodes ].map(node => node.nodeType === Node.ELEMENT_NODE ? elements(node, found) : node.nodeValue.trim()).join('');
  const own = `<${element.localName} ${[ ...element.attributes ].filter(({ name }) => !name.startsWith('xmlns')).map(({ name, value }) => `${name}=${value}`).sort().join(' ')}>${inner}`;
  const id = element.getAttribute('id');
  if (!id) {
    return own;
  }
  found.set(id, { name: element.getAttribute('name') || element.getAttribute('label') || id, text: own });
  return '';
}

function fields(node, found) {
  const { components, ...own } = node;
  found.set(node.id ?? node.key ?? '', { name: node.label || node.key || node.id || '', text: JSON.stringify(own) });
  components?.forEach(each => fields(each, found));
}
