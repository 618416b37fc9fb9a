"""Words: a sentence for every kind of change, and the words of the product inside them. English is the source language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.differences.changes import Change, Name, Phrase, Term, Value

Say = Callable[[str], str]

SENTENCES: Mapping[str, str] = {
    # Parts of sentences.
    "named": "{type} “{name}”",
    "nameless": "{type} {id}",
    "flow": "{type} from “{source}” to “{target}”",
    "keyed": "{label} “{key}”",
    "rule_named": "Rule {n} ({remark})",
    "rule_numbered": "Rule {n}",
    "the_diagram": "The file",
    # Files.
    "file_added": "The file {file} is new.",
    "file_removed": "The file {file} is gone.",
    "file_changed": "The file {file} is otherwise; it cannot be read in detail.",
    # Diagrams.
    "element_added": "New: {what}.",
    "element_removed": "Gone: {what}.",
    "element_retyped": "“{name}” was: {old}; it is now: {new}.",
    "element_renamed": "{type} “{old}” is now called “{new}”.",
    "element_named": "{type} is now called “{new}”.",
    "element_unnamed": "{type} “{old}” has no name any more.",
    "element_to_lane": "{what} moved from “{old}” to “{new}”.",
    "flow_rerouted": "{type} from “{old_source}” to “{old_target}” now leads from “{source}” to “{target}”.",
    "value_changed": "{what} – {property}: was {old}, is now {new}.",
    "value_set": "{what} – {property}: is now {new}; it had none.",
    "value_gone": "{what} – {property}: was {old}, has none any more.",
    "layout": "{n} elements are only drawn elsewhere or in another size.",
    # Decision tables.
    "decision_added": "New: decision “{decision}”.",
    "decision_removed": "Gone: decision “{decision}”.",
    "decision_renamed": "Decision “{old}” is now called “{new}”.",
    "hit_policy": "“{decision}” – hit policy: was {old}, is now {new}.",
    "column_added": "“{decision}” – new column “{column}”.",
    "column_removed": "“{decision}” – column “{column}” is gone.",
    "column_changed": "“{decision}” – column “{column}”, {property}: was {old}, is now {new}.",
    "column_moved": "“{decision}” – column “{column}” stands in another place.",
    "rule_added": "“{decision}” – {rule} is new: {cells}.",
    "rule_removed": "“{decision}” – {rule} is gone: {cells}.",
    "rule_moved": "“{decision}” – {rule} was in place {old}.",
    "rule_remark": "“{decision}” – remark of {rule}: was “{old}”, is now “{new}”.",
    "cell_changed": "“{decision}” – {rule}, “{column}”: was {old}, is now {new}.",
    "decision_value": "“{decision}” – {property}: was {old}, is now {new}.",
    # Forms.
    "field_added": "New: {what}.",
    "field_removed": "Gone: {what}.",
    "field_moved": "{what} stands in another place.",
    "field_value": "{what} – {property}: was {old}, is now {new}.",
    "form_value": "The form – {property}: was {old}, is now {new}.",
    # Words.
    "word_added": "“{text}” is now said: “{new}”.",
    "word_removed": "“{text}” has no words of its own any more; it was “{old}”.",
    "word_changed": "“{text}” was said “{old}” and is now said “{new}”.",
}

#: A value that is empty: any input of a rule, no default.
NOTHING = "nothing"

#: Path of a value, without its keys -> what people call it.
PROPERTIES: Mapping[str, str] = {
    "conditionExpression": "Condition",
    "documentation": "Documentation",
    "text": "Text",
    "default": "Default flow",
    "within": "Inside",
    "attachedToRef": "Attached to",
    "cancelActivity": "Interrupts",
    "isInterrupting": "Interrupts",
    "isExecutable": "Executable",
    "zeebe:modelerTemplate": "Template",
    "zeebe:userTask": "User task of the engine",
    "zeebe:formDefinition@formId": "Form",
    "zeebe:assignmentDefinition@assignee": "Assignee",
    "zeebe:assignmentDefinition@candidateGroups": "Groups",
    "zeebe:assignmentDefinition@candidateUsers": "People",
    "zeebe:taskSchedule@dueDate": "Due",
    "zeebe:taskSchedule@followUpDate": "Follow-up",
    "zeebe:priorityDefinition@priority": "Priority",
    "zeebe:taskDefinition@type": "Service",
    "zeebe:taskDefinition@retries": "Retries",
    "zeebe:input@source": "Input",
    "zeebe:output@source": "Output",
    "zeebe:header@value": "Header",
    "zeebe:properties/zeebe:property@value": "Property",
    "zeebe:calledDecision@decisionId": "Decision",
    "zeebe:calledDecision@resultVariable": "Result goes to",
    "zeebe:calledElement@processId": "Called procedure",
    "zeebe:calledElement@propagateAllChildVariables": "Takes over all results",
    "zeebe:script@expression": "Expression",
    "zeebe:script@resultVariable": "Result goes to",
    "zeebe:subscription@correlationKey": "Correlation key",
    "timerEventDefinition/timeDuration": "Waits for",
    "timerEventDefinition/timeDate": "Waits until",
    "timerEventDefinition/timeCycle": "Repeats",
    "errorEventDefinition@errorRef": "Error",
    "messageEventDefinition@messageRef": "Message",
    "signalEventDefinition@signalRef": "Signal",
    "errorCode": "Code",
    "multiInstanceLoopCharacteristics@isSequential": "One after the other",
    "multiInstanceLoopCharacteristics/zeebe:loopCharacteristics@inputCollection": "For each of",
    "multiInstanceLoopCharacteristics/zeebe:loopCharacteristics@inputElement": "Each is called",
    "multiInstanceLoopCharacteristics/zeebe:loopCharacteristics@outputCollection": "Results gathered in",
    "multiInstanceLoopCharacteristics/zeebe:loopCharacteristics@outputElement": "Result of each",
    "multiInstanceLoopCharacteristics/completionCondition": "Ends when",
    # Columns of decision tables.
    "expression": "expression",
    "typeRef": "type",
    "values": "allowed values",
    "label": "label",
    "columnName": "result name",
    # Fields of forms.
    "key": "Name",
    "type": "Type",
    "description": "Description",
    "defaultValue": "Prefilled with",
    "validate.required": "Required",
    "validate.min": "Smallest",
    "validate.max": "Largest",
    "validate.minLength": "Shortest",
    "validate.maxLength": "Longest",
    "validate.pattern": "Pattern",
    "conditional.hide": "Hidden when",
    "values.label": "Label of the choice",
    "valuesKey": "Choices from",
    "valuesExpression": "Choices from",
    "readonly": "Read-only",
    "disabled": "Disabled",
}

#: BPMN's element types and form-js's field types as people call them.
TYPES: Mapping[str, str] = {
    "process": "Procedure",
    "participant": "Participant",
    "collaboration": "Collaboration",
    "lane": "Lane",
    "sequenceFlow": "Flow",
    "messageFlow": "Message flow",
    "association": "Association",
    "startEvent": "Start",
    "endEvent": "End",
    "intermediateCatchEvent": "Event that waits",
    "intermediateThrowEvent": "Event that tells",
    "boundaryEvent": "Event on the border",
    "task": "Task",
    "userTask": "User task",
    "serviceTask": "Service task",
    "sendTask": "Send task",
    "receiveTask": "Receive task",
    "manualTask": "Manual task",
    "scriptTask": "Script",
    "businessRuleTask": "Decision task",
    "callActivity": "Call of a procedure",
    "subProcess": "Sub-process",
    "transaction": "Transaction",
    "adHocSubProcess": "Ad-hoc sub-process",
    "exclusiveGateway": "Either-or gateway",
    "inclusiveGateway": "And-or gateway",
    "parallelGateway": "Parallel gateway",
    "eventBasedGateway": "Gateway of events",
    "complexGateway": "Complex gateway",
    "textAnnotation": "Annotation",
    "message": "Message",
    "error": "Error",
    "signal": "Signal",
    "escalation": "Escalation",
    "textfield": "Text field",
    "textarea": "Text area",
    "number": "Number field",
    "datetime": "Date and time",
    "checkbox": "Checkbox",
    "checklist": "Checklist",
    "radio": "Single choice",
    "select": "Selection",
    "taglist": "Tag list",
    "filepicker": "File upload",
    "button": "Button",
    "html": "Text",
    "group": "Group",
    "dynamiclist": "List of rows",
    "table": "Table",
    "separator": "Line",
    "spacer": "Gap",
    "image": "Picture",
}

#: Every word that has to be translated besides the sentences.
TERMS = frozenset({*PROPERTIES.values(), *TYPES.values(), NOTHING})


def sentence(change: Change, *, say: Say = str, translate: Say = str) -> str:
    """The change in words. `say` translates the product's own words, `translate` those of the procedure."""
    return _worded(change.code, change.params, say, translate)


def _worded(code: str, params: Mapping[str, Value], say: Say, translate: Say) -> str:
    return say(SENTENCES[code]).format_map(
        {name: _value(value, say, translate) for name, value in params.items()}
    )


def _value(value: Value, say: Say, translate: Say) -> str:
    if isinstance(value, Phrase):
        return _worded(value.code, value.params, say, translate)
    if isinstance(value, Term):
        return say(TYPES.get(value, value))
    if isinstance(value, Name):
        return translate(value)
    return str(value) if value != "" else say(NOTHING)
