"""What can be wrong with a decision model, each with what mends it."""

from typing import Any

from config.problem import Problem


class InvalidDecision(ValueError):
    """A decision model that cannot run; `problems` name the elements."""

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(f"{problem.element}: {problem.message}" for problem in problems))
        self.problems = problems


def problem(element: str, code: str, severity: str = "error", **params: Any) -> Problem:
    """The problem of this code, its texts filled with `params`."""
    message, remedy = TEXTS[code]
    return Problem(
        element=element,
        code=code,
        message=message.format(**params),
        remedy=remedy.format(**params),
        severity=severity,
        params=params,
    )


#: Code to message and remedy.
TEXTS = {
    "not_xml": ("The file is no XML: {reason}.", "Save the file again with a DMN editor."),
    "not_dmn": ("The file is {root}, not a DMN model.", "Choose a file that a DMN editor saved."),
    "no_decision": ("The model has no decision.", "Draw a decision and give it a table or an expression."),
    "missing_id": (
        "{what} {name} has no id.",
        "Save the model with a DMN editor, which gives every element an id.",
    ),
    "duplicate_id": ("The id {id} is used more than once.", "Give each element an id of its own."),
    "duplicate_name": (
        "{name} is the name of several elements.",
        "Rename all but one: expressions find decisions and inputs by their names.",
    ),
    "no_logic": (
        "The decision {name} has neither table nor expression.",
        "Open the decision and give it a table or an expression.",
    ),
    "unknown_requirement": (
        "{name} requires {reference}, which is not in the model.",
        "Draw the requirement again, or import the model that has the element.",
    ),
    "cyclic_requirement": (
        "{name} requires itself by way of {path}.",
        "Remove one of the requirements of this circle.",
    ),
    "missing_import": (
        "The model {namespace} is imported but was not given.",
        "Deploy both models together, or copy what is needed into this one.",
    ),
    "unknown_type": ("There is no type {type}.", "Choose one of FEEL's types, or define {type}."),
    "unknown_expression": (
        "{kind} is no expression of DMN.",
        "Replace it by a table, a literal expression, a context or another boxed expression.",
    ),
    "other_language": (
        "{language} is not run here, only FEEL is.",
        "Write the expression in FEEL, and choose FEEL as its language.",
    ),
    "external_function": (
        "A function in {language} is not run here, only FEEL is.",
        "Write the body of the function in FEEL, or move it to a service task.",
    ),
    "empty_expression": ("{what} is empty.", "Write an expression, for example the name of a variable."),
    "no_inputs": ("The table has no input.", "Add an input column with an expression."),
    "no_outputs": ("The table has no output.", "Add an output column."),
    "no_rules": ("The table has no rules.", "Add a rule, or a default for the outputs."),
    "unnamed_output": (
        "Output {number} of a table with several outputs has no name.",
        "Give the output a name: the result is a context with one entry an output.",
    ),
    "rule_width": (
        "Rule {rule} has {found} cells where the table has {expected} columns.",
        "Open the table in a DMN editor and fill the cells of this rule.",
    ),
    "unknown_hit_policy": (
        "{policy} is no hit policy.",
        "Choose one of UNIQUE, ANY, FIRST, PRIORITY, COLLECT, ...",
    ),
    "unknown_aggregation": ("{aggregation} is no aggregation.", "Choose SUM, MIN, MAX or COUNT, or none."),
    "several_aggregated": (
        "A table with {aggregation} has {outputs} outputs.",
        "Keep one output, or collect without aggregation.",
    ),
    "no_priorities": (
        "The hit policy {policy} orders by the allowed output values, and none are given.",
        "List the values of the output in the order of their priority.",
    ),
    "too_large": (
        "The model cannot be compiled: {reason}.",
        "Divide the model into several, and write deeply nested expressions as contexts.",
    ),
    "unknown_name": (
        "{where}nothing has the name {text}.",
        'Write "{text}" with quotes if a text is meant, or draw the input that has this name.',
    ),
    "duplicate_rule": (
        "Rules {first} and {second} have the same conditions.",
        "Remove one of them, or let them differ in a condition.",
    ),
    "feel_syntax": ("{where}{message} in: {text}", "Correct the FEEL expression."),
}
