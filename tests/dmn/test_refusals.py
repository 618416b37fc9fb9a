"""What cannot run is refused, with the element and what mends it."""

import pytest

from engine.dmn import InvalidDecision, lint, parse
from tests.dmn.test_tables import table

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
MODEL = f'<definitions xmlns="{NAMESPACE}" id="m" name="M" namespace="n">{{}}</definitions>'


def model(content: str) -> bytes:
    return MODEL.format(content).encode()


def codes(xml: bytes) -> dict[str, str]:
    return {problem.code: problem.element for problem in lint(xml)}


def test_a_good_table_has_no_problems():
    assert lint(table([("> 5", '"a"')])) == []


def test_a_cell_that_is_no_feel_is_named_by_rule_and_column():
    with pytest.raises(InvalidDecision) as caught:
        parse(table([("> 5", '"a"'), ("> > 5", '"b"')]))
    (problem,) = caught.value.problems
    assert (problem.element, problem.code) == ("t_2", "feel_syntax")
    assert problem.message == "Rule 2, column X: > is not expected here in: > > 5"


def test_comparisons_joined_by_and_are_refused():
    assert codes(table([("> 5 and < 7", '"a"')])) == {"feel_syntax": "t_1"}


def test_a_text_without_its_quotes_is_refused():
    (problem,) = lint(table([("> 5", "approved")]))
    assert (problem.code, problem.severity) == ("unknown_name", "error")
    assert problem.message == "Rule 1, column result: nothing has the name approved."
    assert 'Write "approved" with quotes' in problem.remedy


def test_the_names_of_inputs_and_functions_are_known_in_cells():
    assert lint(table([("> 5", "x"), ("< 5", "today()"), ("5", "null")])) == []


LITERAL = (
    '<decision id="d" name="D"><literalExpression id="e" {}><text>{}</text></literalExpression></decision>'
)


@pytest.mark.parametrize(
    ("xml", "code", "element"),
    [
        (b"no xml", "not_xml", ""),
        (b"<html/>", "not_dmn", ""),
        (model(""), "no_decision", ""),
        (model(LITERAL.format('expressionLanguage="javascript"', "1")), "other_language", "e"),
        (model(LITERAL.format("", "1 +")), "feel_syntax", "e"),
        (model(LITERAL.format("", "")), "empty_expression", "e"),
        (model(LITERAL.format('typeRef="tMoney"', "1")), "unknown_type", "e"),
        (model(LITERAL.format("", "function(x) external {java: {}}")), "feel_syntax", "e"),
        (model('<decision id="d" name="D"/>'), "no_logic", "d"),
        (
            model(
                '<businessKnowledgeModel id="b" name="B"><encapsulatedLogic id="f" kind="Java">'
                "<literalExpression><text>1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
            ),
            "external_function",
            "f",
        ),
        (
            model(
                '<decision id="d" name="D"><informationRequirement><requiredDecision href="#gone"/>'
                "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
            ),
            "unknown_requirement",
            "d",
        ),
        (
            model(
                '<decision id="a" name="A"><informationRequirement><requiredDecision href="#b"/>'
                "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
                '<decision id="b" name="B"><informationRequirement><requiredDecision href="#a"/>'
                "</informationRequirement><literalExpression><text>1</text></literalExpression></decision>"
            ),
            "cyclic_requirement",
            "a",
        ),
        (
            model(LITERAL.format("", "1") + LITERAL.format("", "2").replace('id="e"', 'id="e2"')),
            "duplicate_id",
            "d",
        ),
        (
            model(LITERAL.format("", "1") + '<inputData id="i" name="D"/>'),
            "duplicate_name",
            "i",
        ),
        (
            model('<import namespace="x" name="x" importType="http://www.omg.org/spec/DMN/"/>'),
            "missing_import",
            "",
        ),
        (model('<decision id="d" name="D"><pmml id="p"/></decision>'), "no_logic", "d"),
        (table([("> 5", '"a"')], "SOMETIMES"), "unknown_hit_policy", "t"),
        (table([("> 5", "1")], "COLLECT", aggregation="MEDIAN"), "unknown_aggregation", "t"),
        (
            table([("> 5", "1", "2")], "COLLECT", aggregation="SUM", outputs=("a", "b")),
            "several_aggregated",
            "t",
        ),
        (table([("> 5", "1", "2")], outputs=("a", "")), "unnamed_output", "out_"),
        (table([("> 5", "1", "2")]), "rule_width", "rule_1"),
        (table([("> 5", "1")], "PRIORITY"), "no_priorities", "t"),
        (table([]), "no_rules", "t"),
        (table([("> 5", "1"), ("> 5", "2")]), "duplicate_rule", "rule_2"),
    ],
)
def test_a_problem_names_its_element(xml, code, element):
    assert codes(xml).get(code) == element


def test_a_model_that_cannot_be_compiled_is_refused():
    assert codes(model(LITERAL.format("", "(" * 20000 + "1" + ")" * 20000))) == {"too_large": ""}


def test_an_entity_of_the_file_is_not_expanded():
    bomb = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>
    <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="M" namespace="n">
    <decision id="d" name="D"><literalExpression id="e"><text>"&a;"</text></literalExpression></decision></definitions>"""
    assert lint(bomb)


def test_every_text_of_a_problem_can_be_filled():
    for problem in lint(table([("> 5", "1", "2")], "SOMETIMES", outputs=("a", ""))):
        assert "{" not in problem.message + problem.remedy
