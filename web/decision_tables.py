"""Decision tables as a page shows them: heads and rules, read from the file as it was drawn."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine import safe_xml


@dataclass(frozen=True, kw_only=True)
class Clause:
    """The head of a column."""

    label: str
    #: What an input looks at; the variable an output sets.
    expression: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotation: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One decision of a file: a table, or an expression."""

    id: str
    name: str
    hit_policy: str = ""
    inputs: tuple[Clause, ...] = ()
    outputs: tuple[Clause, ...] = ()
    rules: tuple[Rule, ...] = ()
    #: A literal expression instead of a table.
    expression: str = ""


def read(xml: bytes) -> list[Table]:
    """The decisions of a file in its order; none of a file that is no XML."""
    try:
        root = safe_xml.read(xml)
    except etree.XMLSyntaxError:
        return []
    return [_decision(each) for each in root.iter("{*}decision")]


def _decision(node: etree._Element) -> Table:
    key, name = node.get("id", ""), node.get("name", "")
    table = node.find("{*}decisionTable")
    if table is None:
        return Table(id=key, name=name, expression=_text(node.find("{*}literalExpression")))
    return Table(
        id=key,
        name=name,
        hit_policy=" ".join(filter(None, (table.get("hitPolicy", "UNIQUE"), table.get("aggregation")))),
        inputs=tuple(
            Clause(label=each.get("label", ""), expression=_text(each.find("{*}inputExpression")))
            for each in table.iterfind("{*}input")
        ),
        outputs=tuple(
            Clause(label=each.get("label", ""), expression=each.get("name", ""))
            for each in table.iterfind("{*}output")
        ),
        rules=tuple(
            Rule(
                inputs=tuple(_text(cell) for cell in rule.iterfind("{*}inputEntry")),
                outputs=tuple(_text(cell) for cell in rule.iterfind("{*}outputEntry")),
                annotation=(rule.findtext("{*}description") or "").strip(),
            )
            for rule in table.iterfind("{*}rule")
        ),
    )


def _text(node: etree._Element | None) -> str:
    return "" if node is None else (node.findtext("{*}text") or "").strip()
