// The modeller's words in the person's language; loaded only where they are not English.
export async function translation(language) {
  if (language !== 'zh') {
    return {};
  }
  const [ { default: palette }, { default: panel } ] = await Promise.all([
    import('bpmn-js-i18n/translations/zn.js'), import('./zh.js')
  ]);
  const words = { ...palette, ...panel };
  return {
    translate: [ 'value', (text, values = {}) => (words[text] ?? text).replace(/{([^}]+)}/g, (found, name) => values[name] ?? found) ]
  };
}

// The decision-table editor's words: the translate service of its own modules, or nothing where they are English.
export async function decisionWords(language) {
  if (language !== 'zh') {
    return null;
  }
  const { default: words } = await import('./zh_dmn.js');
  return {
    translate: [ 'value', (text, values = {}) => (words[text] ?? text).replace(/{([^}]+)}/g, (found, name) => values[name] ?? found) ]
  };
}
