// What the panel asks in the product's own words: roles of the organisation, forms, decisions and procedures from lists,
// opened with one click, and who may not do a step because of what they did before.
import { CheckboxEntry, Group, SelectEntry } from '@bpmn-io/properties-panel';
import { jsx } from '@bpmn-io/properties-panel/preact/jsx-runtime';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil.js';

import { extension, giveExtension, giveProperty, property } from './extensions.js';

const FOUR_EYES = 'fourEyes';
const ABOVE = 400;

export function panel(catalogue) {
  class Provider {
    constructor(propertiesPanel, injector) {
      this.injector = injector;
      // After all others, so that these groups stand first.
      propertiesPanel.registerProvider(ABOVE, this);
    }

    getGroups(element) {
      return groups => {
        const given = [ usedHere(element, this.injector, catalogue), fourEyes(element, this.injector) ].filter(Boolean);
        const general = groups.findIndex(({ id }) => id === 'general') + 1;
        return [ ...groups.slice(0, general), ...given, ...groups.slice(general) ];
      };
    }
  }
  Provider.$inject = [ 'propertiesPanel', 'injector' ];
  return { __init__: [ 'aftercarePanel' ], aftercarePanel: [ 'type', Provider ] };
}

function usedHere(element, injector, catalogue) {
  const translate = injector.get('translate');
  const entries = picks(catalogue, translate).filter(({ on }) => on(element)).flatMap(pick => [
    { id: pick.id, component: props => Pick({ ...props, pick }) },
    ...pick.open ? [ { id: `${pick.id}-open`, component: props => Open({ ...props, pick }) } ] : []
  ]).map(entry => ({ ...entry, element }));
  return entries.length ? { id: 'aftercare', label: translate('Role and what is used here'), shouldOpen: true, component: Group, entries } : null;
}

// What is picked on which elements: where it stands, what there is to pick, where it is opened.
function picks({ roles, resources, addresses }, translate) {
  const named = (type, id) => resources.filter(each => each.type === type).map(each => ({ value: each[id], label: each.name === each[id] ? each.name : `${each.name} (${each[id]})` }));
  return [
    {
      id: 'pick-role',
      label: translate('Role'),
      on: element => is(element, 'bpmn:Lane'),
      get: element => getBusinessObject(element).name ?? '',
      set: (element, injector, value) => injector.get('modeling').updateProperties(element, { name: value }),
      options: roles.map(({ name, label }) => ({ value: name, label }))
    },
    {
      id: 'pick-group',
      label: translate('Offered to'),
      on: element => is(element, 'bpmn:UserTask'),
      get: element => extension(element, 'zeebe:AssignmentDefinition')?.candidateGroups ?? '',
      set: (element, injector, value) => giveExtension(element, injector, 'zeebe:AssignmentDefinition', value ? { candidateGroups: value } : null),
      empty: translate('The role of its lane'),
      options: roles.map(({ key, label }) => ({ value: key, label }))
    },
    {
      id: 'pick-form',
      label: translate('Form'),
      on: element => is(element, 'bpmn:UserTask') || (is(element, 'bpmn:StartEvent') && !getBusinessObject(element).eventDefinitions?.length),
      get: element => extension(element, 'zeebe:FormDefinition')?.formId ?? '',
      set: (element, injector, value) => giveExtension(element, injector, 'zeebe:FormDefinition', value ? { formId: value } : null),
      empty: translate('<none>'),
      options: named('form', 'formId'),
      open: value => addresses.form[value]
    },
    {
      id: 'pick-decision',
      label: translate('Decision'),
      on: element => is(element, 'bpmn:BusinessRuleTask'),
      get: element => extension(element, 'zeebe:CalledDecision')?.decisionId ?? '',
      set: (element, injector, value) => giveExtension(element, injector, 'zeebe:CalledDecision', value ? { decisionId: value, resultVariable: extension(element, 'zeebe:CalledDecision')?.resultVariable || value } : null),
      empty: translate('<none>'),
      options: named('dmnDecision', 'decisionId'),
      open: value => addresses.decision[value]
    },
    {
      id: 'pick-procedure',
      label: translate('Procedure'),
      on: element => is(element, 'bpmn:CallActivity'),
      get: element => extension(element, 'zeebe:CalledElement')?.processId ?? '',
      set: (element, injector, value) => giveExtension(element, injector, 'zeebe:CalledElement', value ? { processId: value, propagateAllChildVariables: false } : null),
      empty: translate('<none>'),
      options: named('bpmnProcess', 'processId'),
      open: value => resources.some(each => each.processId === value) && `/studio/${value}`
    }
  ];
}

function Pick({ element, pick }) {
  const injector = useService('injector');
  const value = pick.get(element);
  const known = pick.options.some(option => option.value === value);
  return SelectEntry({
    element,
    id: pick.id,
    label: pick.label,
    getValue: () => value,
    setValue: chosen => pick.set(element, injector, chosen),
    getOptions: () => [
      ...pick.empty || !value ? [ { value: '', label: pick.empty ?? '' } ] : [],
      // What is there already is never dropped by opening the list.
      ...value && !known ? [ { value, label: value } ] : [],
      ...pick.options
    ]
  });
}

function Open({ element, pick }) {
  const translate = useService('translate');
  const address = pick.open(pick.get(element));
  return address ? jsx('div', {
    class: 'bio-properties-panel-entry aftercare-open',
    'data-entry-id': `${pick.id}-open`,
    children: jsx('a', { href: address, children: translate('Open') })
  }) : null;
}

function fourEyes(element, injector) {
  if (!is(element, 'bpmn:UserTask')) {
    return null;
  }
  const translate = injector.get('translate');
  const others = injector.get('elementRegistry').filter(other => other !== element && !other.labelTarget && (is(other, 'bpmn:UserTask') || (is(other, 'bpmn:StartEvent') && extension(other, 'zeebe:FormDefinition'))));
  return others.length ? {
    id: 'aftercare-four-eyes',
    label: translate('Not by whoever did'),
    component: Group,
    entries: others.map(other => ({ id: `four-eyes-${other.id}`, element, component: props => Excluded({ ...props, other }) }))
  } : null;
}

function Excluded({ element, other }) {
  const injector = useService('injector');
  const named = () => (property(element, FOUR_EYES) ?? '').split(',').map(each => each.trim()).filter(Boolean);
  return CheckboxEntry({
    element,
    id: `four-eyes-${other.id}`,
    label: getBusinessObject(other).name || other.id,
    getValue: () => named().includes(other.id),
    setValue: ticked => {
      const kept = named().filter(id => id !== other.id);
      giveProperty(element, injector, FOUR_EYES, (ticked ? [ ...kept, other.id ] : kept).join(', '));
    }
  });
}
