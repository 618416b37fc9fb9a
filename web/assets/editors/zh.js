// Chinese for what bpmn-js-i18n leaves in English.
export default {
};
