"""Two versions of a file of decision tables: cell by cell, with the names of rules and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine import safe_xml
from engine.differences.changes import Change, Name, Phrase, Term, Value, What
from engine.differences.drawing import flat
from engine.differences.order import moved
from engine.differences.words import PROPERTIES

#: What is compared column by column and rule by rule instead of as values.
_TABLE = frozenset({"input", "output", "rule", "annotation"})


@dataclass(frozen=True, kw_only=True)
class _Column:
    id: str
    label: str
    #: "expression", "typeRef", "values", "columnName" -> text.
    values: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class _Rule:
    id: str
    #: 1 for the first.
    number: int
    remark: str
    #: Column id -> cell.
    cells: Mapping[str, str]


@dataclass(kw_only=True)
class _Decision:
    id: str
    name: str
    hit_policy: str = ""
    columns: dict[str, _Column] = field(default_factory=dict)
    rules: dict[str, _Rule] = field(default_factory=dict)
    #: Everything besides the table: requirements, literal expressions, contexts.
    values: dict[str, str] = field(default_factory=dict)


def changes(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Decision by decision in the order of the new file. Raises `lxml.etree.XMLSyntaxError`."""
    old, new = _read(before), _read(after)
    for id_, now in new.items():
        was = old.get(id_)
        if was is None:
            yield _change(file, "added", "decision_added", now)
        else:
            yield from _decision(file, was, now)
    for id_, was in old.items():
        if id_ not in new:
            yield _change(file, "removed", "decision_removed", was)


def _decision(file: str, was: _Decision, now: _Decision) -> Iterator[Change]:
    if was.name != now.name:
        yield _change(file, "changed", "decision_renamed", now, old=Name(was.name), new=Name(now.name))
    if was.hit_policy != now.hit_policy:
        yield _change(file, "changed", "hit_policy", now, old=was.hit_policy, new=now.hit_policy)
    yield from _columns(file, was, now)
    yield from _rules(file, was, now)
    for path in dict.fromkeys((*now.values, *was.values)):
        old, new = was.values.get(path, ""), now.values.get(path, "")
        if old != new:
            label = PROPERTIES.get(path)
            prop = Term(label) if label else path
            yield _change(file, "changed", "decision_value", now, property=prop, old=old, new=new)


def _columns(file: str, was: _Decision, now: _Decision) -> Iterator[Change]:
    elsewhere = moved([*was.columns], [*now.columns])
    for id_, column in now.columns.items():
        before = was.columns.get(id_)
        name = Name(column.label)
        if before is None:
            yield _change(file, "added", "column_added", now, column=name)
            continue
        if id_ in elsewhere:
            yield _change(file, "moved", "column_moved", now, column=name)
        for key in dict.fromkeys((*column.values, *before.values)):
            old, new = before.values.get(key, ""), column.values.get(key, "")
            if old != new:
                prop = Term(PROPERTIES[key])
                yield _change(
                    file, "changed", "column_changed", now, column=name, property=prop, old=old, new=new
                )
    for id_, column in was.columns.items():
        if id_ not in now.columns:
            yield _change(file, "removed", "column_removed", now, column=Name(column.label))


def _rules(file: str, was: _Decision, now: _Decision) -> Iterator[Change]:
    pairs = _paired(was, now)
    counterpart = {new: old for old, new in pairs.items()}
    elsewhere = moved([pairs.get(id_, "") for id_ in was.rules], [*now.rules])
    shared = [id_ for id_ in now.columns if id_ in was.columns]
    for id_, rule in now.rules.items():
        before = was.rules.get(counterpart.get(id_, ""))
        told = _told(rule)
        if before is None:
            yield _change(file, "added", "rule_added", now, rule=told, cells=_cells(now, rule))
            continue
        if id_ in elsewhere:
            yield _change(file, "moved", "rule_moved", now, rule=told, old=before.number)
        if before.remark != rule.remark:
            remarks = {"old": Name(before.remark), "new": Name(rule.remark)}
            yield _change(
                file,
                "changed",
                "rule_remark",
                now,
                rule=Phrase("rule_numbered", {"n": rule.number}),
                **remarks,
            )
        for column in shared:
            old, new = before.cells.get(column, ""), rule.cells.get(column, "")
            if old != new:
                name = Name(now.columns[column].label)
                yield _change(file, "changed", "cell_changed", now, rule=told, column=name, old=old, new=new)
    for id_, rule in was.rules.items():
        if id_ not in pairs:
            yield _change(file, "removed", "rule_removed", now, rule=_told(rule), cells=_cells(was, rule))


def _paired(was: _Decision, now: _Decision) -> dict[str, str]:
    """Rule before -> the same rule after: by its id, else by what it says."""
    pairs = {id_: id_ for id_ in was.rules if id_ in now.rules}
    left = {id_: rule for id_, rule in now.rules.items() if id_ not in pairs}
    for id_, rule in was.rules.items():
        if id_ not in pairs:
            same = next(
                (other for other, each in left.items() if [*each.cells.values()] == [*rule.cells.values()]),
                None,
            )
            if same is not None:
                pairs[id_] = same
                del left[same]
    return pairs


def _told(rule: _Rule) -> Phrase:
    if rule.remark:
        return Phrase("rule_named", {"n": rule.number, "remark": Name(rule.remark)})
    return Phrase("rule_numbered", {"n": rule.number})


def _cells(decision: _Decision, rule: _Rule) -> str:
    return ", ".join(cell or "–" for cell in rule.cells.values())


def _read(xml: bytes) -> dict[str, _Decision]:
    root = safe_xml.read(xml, remarks=False)
    own = ("decision", "businessKnowledgeModel", "decisionService", "inputData", "itemDefinition", "import")
    return {
        each.id: each
        for child in root
        if etree.QName(child).localname in own
        for each in [_decision_of(child)]
    }


def _decision_of(node: etree._Element) -> _Decision:
    decision = _Decision(id=node.get("id", node.get("name", "")), name=node.get("name", ""))
    table = node.find("{*}decisionTable")
    if table is None:
        decision.values = flat(node)
        return decision
    decision.hit_policy = " ".join(filter(None, (table.get("hitPolicy", "UNIQUE"), table.get("aggregation"))))
    columns = [*table.iterfind("{*}input"), *table.iterfind("{*}output")]
    for index, each in enumerate(columns):
        column = _column(each, f"column {index + 1}")
        decision.columns[column.id] = column
    for number, rule in enumerate(table.iterfind("{*}rule"), start=1):
        cells = [*rule.iterfind("{*}inputEntry"), *rule.iterfind("{*}outputEntry")]
        id_ = rule.get("id") or f"#{number}"
        decision.rules[id_] = _Rule(
            id=id_,
            number=number,
            remark=(
                rule.findtext("{*}description") or rule.findtext("{*}annotationEntry/{*}text") or ""
            ).strip(),
            cells=dict(zip(decision.columns, map(_text, cells), strict=False)),
        )
    rest = {"hitPolicy", "aggregation"}
    decision.values = {
        path: value
        for path, value in flat(node).items()
        if path.removeprefix("decisionTable@") not in rest
        and path.removeprefix("decisionTable/").split("/")[0].split("@")[0].split("#")[0] not in _TABLE
        and path != "decisionTable"
    }
    return decision


def _column(node: etree._Element, otherwise: str) -> _Column:
    expression = node.find("{*}inputExpression")
    values = {
        "expression": _text(expression),
        "typeRef": (node if expression is None else expression).get("typeRef", ""),
        "values": _text(node.find("{*}inputValues")) or _text(node.find("{*}outputValues")),
        "label": node.get("label", ""),
        "columnName": node.get("name", ""),
    }
    label = values["label"] or values["columnName"] or values["expression"] or otherwise
    return _Column(
        id=node.get("id") or otherwise,
        label=label,
        values={key: text for key, text in values.items() if text},
    )


def _text(node: etree._Element | None) -> str:
    return "" if node is None else (node.findtext("{*}text") or "").strip()


def _change(file: str, kind: What, code: str, decision: _Decision, /, **params: Value) -> Change:
    about = {"decision": Name(decision.name or decision.id)}
    return Change(
        kind="dmn", file=file, what=kind, code=code, elements=(decision.id,), params={**about, **params}
    )
