// Extension elements of the dialect, read and given through the command stack.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil.js';

export function extension(element, type) {
  return getBusinessObject(element).extensionElements?.values?.find(each => is(each, type));
}

// Gives an element an extension with these attributes; null takes it away.
export function giveExtension(element, injector, type, attributes) {
  const [ modeling, factory ] = [ injector.get('modeling'), injector.get('bpmnFactory') ];
  const object = getBusinessObject(element);
  const given = extension(element, type);
  if (given && attributes) {
    modeling.updateModdleProperties(element, given, attributes);
    return;
  }
  const made = attributes && factory.create(type, attributes);
  const values = [ ...(object.extensionElements?.values ?? []).filter(each => each !== given), ...made ? [ made ] : [] ];
  if (object.extensionElements) {
    values.forEach(each => { each.$parent = object.extensionElements; });
    modeling.updateModdleProperties(element, object.extensionElements, { values });
    return;
  }
  const extensionElements = factory.create('bpmn:ExtensionElements', { values });
  extensionElements.$parent = object;
  values.forEach(each => { each.$parent = extensionElements; });
  modeling.updateModdleProperties(element, object, { extensionElements });
}

export function property(element, name) {
  return extension(element, 'zeebe:Properties')?.properties?.find(each => each.name === name)?.value;
}

// Gives an element a zeebe:property; an empty value takes it away.
export function giveProperty(element, injector, name, value) {
  const factory = injector.get('bpmnFactory');
  const kept = (extension(element, 'zeebe:Properties')?.properties ?? []).filter(each => each.name !== name);
  const properties = value ? [ ...kept, factory.create('zeebe:Property', { name, value }) ] : kept;
  giveExtension(element, injector, 'zeebe:Properties', properties.length ? { properties } : null);
}
