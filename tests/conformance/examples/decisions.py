"""Decision models."""

from __future__ import annotations

from tests.conformance.examples.drawing import Example

MODEL = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="http://m">'
    '<inputData id="in" name="a"><variable name="a"/></inputData>{more}<decision id="x" name="x"><variable name="x"/>'
    '<informationRequirement><requiredInput href="#in"/></informationRequirement>{needs}{logic}</decision></definitions>'
)
LITERAL = "<literalExpression><text>{}</text></literalExpression>"
FUNCTION = (
    '<functionDefinition{}><formalParameter name="n"/><literalExpression><text>n + 1</text></literalExpression>'
    "</functionDefinition>"
)
KNOWN = '<businessKnowledgeModel id="bkm" name="more"><variable name="more"/>{}</businessKnowledgeModel>'
NEEDS = '<knowledgeRequirement id="kr"><requiredKnowledge href="#bkm"/></knowledgeRequirement>'


def _model(name: str, logic: str, more: str = "", needs: str = "", note: str = "") -> Example:
    xml = MODEL.format(more=more, needs=needs, logic=logic).encode()
    return Example(name=name, xml=xml, kind="dmn", note=note)


def _table(policy: str, aggregation: str = "") -> Example:
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    logic = (
        f'<decisionTable id="t" hitPolicy="{policy}"{aggregated}><input id="i"><inputExpression><text>a</text>'
        '</inputExpression></input><output id="o"><outputValues><text>1, 2</text></outputValues></output>'
        '<rule id="r"><inputEntry id="e"><text>&gt; 1</text></inputEntry><outputEntry id="f"><text>1</text></outputEntry>'
        "</rule></decisionTable>"
    )
    return _model(f"hit policy {policy}{f' {aggregation}' if aggregation else ''}", logic)


def _boxed(tag: str, inside: str, **given: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in given.items())
    return f"<{tag}{attributes}>{inside}</{tag}>"


ENTRY = "<contextEntry><variable name='n'/>" + LITERAL.format("1") + "</contextEntry>"
SERVICE = (
    '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#x"/><inputData href="#in"/>'
    "</decisionService>"
)
ONE, LIST = LITERAL.format("1"), LITERAL.format("[1, 2]")

SECTIONS = {
    "DMN: decision tables": [
        *(
            _table(policy)
            for policy in ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
        ),
        *(_table("COLLECT", aggregation) for aggregation in ("SUM", "MIN", "MAX", "COUNT")),
        _table("RANDOM"),
    ],
    "DMN: other expressions": [
        _model("literal expression", LITERAL.format("a + 1")),
        _model(
            "literal expression in another language",
            LITERAL.format("a + 1").replace(
                "<literalExpression", '<literalExpression expressionLanguage="java"'
            ),
        ),
        _model("context", _boxed("context", ENTRY)),
        _model("list", _boxed("list", ONE)),
        _model("relation", '<relation><column name="n"/><row>' + ONE + "</row></relation>"),
        _model(
            "business knowledge model, called by name",
            LITERAL.format("more(a)"),
            KNOWN.format(FUNCTION.format("").replace("functionDefinition", "encapsulatedLogic")),
            NEEDS,
        ),
        _model(
            "invocation",
            "<invocation>"
            + LITERAL.format("more")
            + '<binding><parameter name="n"/>'
            + ONE
            + "</binding></invocation>",
            KNOWN.format(FUNCTION.format("").replace("functionDefinition", "encapsulatedLogic")),
            NEEDS,
        ),
        _model("function definition", FUNCTION.format("")),
        _model("external function (Java, PMML)", FUNCTION.format(' kind="Java"')),
        _model(
            "conditional", f"<conditional><if>{ONE}</if><then>{ONE}</then><else>{ONE}</else></conditional>"
        ),
        _model("filter", f"<filter><in>{LIST}</in><match>{LITERAL.format('item = 1')}</match></filter>"),
        _model(
            "iterator",
            f'<for iteratorVariable="n"><in>{LIST}</in><return>{LITERAL.format("n")}</return></for>',
        ),
        _model("decision service", ONE, SERVICE),
    ],
}
