// The variables that are known at an element, for its expressions: what cases of the procedure hold from the start, what
// forms ask on the way there, what steps before it give; and the functions of the product besides FEEL's own.
import VariableProvider from '@bpmn-io/variable-resolver/lib/VariableProvider.js';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil.js';

import { extension } from './extensions.js';

export function variables({ known, forms, functions }) {
  class Known extends VariableProvider {
    getVariables(element) {
      if (is(element, 'bpmn:Process')) {
        return [ ...known, ...functions ];
      }
      return forms[extension(element, 'zeebe:FormDefinition')?.formId] ?? [];
    }
  }
  Known.$inject = [ 'variableResolver' ];

  return { __init__: [ 'knownVariables', 'variablesAtElement' ], knownVariables: [ 'type', Known ], variablesAtElement: [ 'type', AtElement ] };
}

// The resolver knows scopes, not the order of steps: what only later steps give is left out here.
class AtElement {
  constructor(variableResolver) {
    const all = variableResolver.getVariablesForElement.bind(variableResolver);
    variableResolver.getVariablesForElement = async (element, ...rest) => {
      const before = earlier(getBusinessObject(element));
      return (await all(element, ...rest)).filter(({ origin }) => !origin?.length || origin.some(each => !is(each, 'bpmn:FlowNode') || before.has(each)));
    };
  }
}
AtElement.$inject = [ 'variableResolver' ];

// The element, what it stands in, and every step from which a token can come to it.
function earlier(object) {
  const found = new Set();
  const waiting = [ object.sourceRef ?? object ];
  while (waiting.length) {
    const each = waiting.pop();
    if (!each || found.has(each)) {
      continue;
    }
    found.add(each);
    waiting.push(...(each.incoming ?? []).map(({ sourceRef }) => sourceRef), each.attachedToRef, is(each, 'bpmn:FlowNode') && each.$parent);
  }
  return found;
}
