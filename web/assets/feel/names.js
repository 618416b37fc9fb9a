// The names that an expression reads from its variables, by the scopes of its syntax tree.

export function freeNames(tree, input) {
  const found = new Set();
  visit(tree.topNode, []);
  return [ ...found ];

  function visit(node, scopes) {
    switch (node.name) {
      case 'VariableName':
        read(nameOf(node), scopes);
        return;
      case 'PathExpression':
        visit(node.firstChild, scopes);
        return;
      case '?':
        read('?', scopes);
        return;
      case 'NamedParameter':
        visit(node.lastChild, scopes);
        return;
      case 'FunctionDefinition':
        visitAll(node, [ ...scopes, new Set(parameterNames(node)) ]);
        return;
      case 'Context':
      case 'ForExpression':
      case 'QuantifiedExpression':
        visitAll(node, [ ...scopes, new Set() ]);
        return;
      case 'InExpression':
        visit(node.lastChild, scopes);
        declare(nameOf(node.firstChild), scopes);
        return;
      case 'ContextEntry':
        visit(node.lastChild, scopes);
        declare(nameOf(node.firstChild), scopes);
        return;
      default:
        visitAll(node, scopes);
    }
  }

  function visitAll(node, scopes) {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      visit(child, scopes);
    }
  }

  function read(name, scopes) {
    if (!scopes.some(scope => scope.has(name))) {
      found.add(name);
    }
  }

  function declare(name, scopes) {
    scopes.at(-1)?.add(name);
  }

  function parameterNames(node) {
    return [ ...node.getChild('FormalParameters')?.getChildren('FormalParameter') ?? [] ]
      .map(parameter => nameOf(parameter.firstChild));
  }

  function nameOf(node) {
    const text = input.slice(node.from, node.to).trim();
    return text.replace(/^"|"$/g, '').replace(/`/g, '').replace(/\s+/g, ' ');
  }
}
