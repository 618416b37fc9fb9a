"""Looking at decision tables before they run: rules that meet, rules that never match, cases that no rule is for.

Said for columns of numbers, texts, true and false (see `domains`); a table with other expressions in its conditions is
named as not analysed. A missing value (null) is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import orjson

from engine.dmn.decisions import Decisions
from engine.dmn.domains import NotAnalysed, Piece, divide

#: Of each kind at most so many are listed.
MOST = 6
#: Boxes looked at before a table counts as too large.
EFFORT = 20_000
#: Policies whose answer needs one rule for every case.
_ANSWERED = ("UNIQUE", "ANY", "FIRST", "PRIORITY")

Kind = Literal["overlap", "contradiction", "unreachable", "gap", "not_analysed"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a table that its owner should know."""

    kind: Kind
    #: Numbers of the rules, from 1.
    rules: tuple[int, ...] = ()
    #: (label of the column, values in FEEL) of a case it speaks of; columns that do not matter are left out.
    case: tuple[tuple[str, str], ...] = ()
    #: Why it was not analysed: the cell.
    cell: str = ""


@dataclass(frozen=True, kw_only=True)
class _Table:
    policy: str
    labels: tuple[str, ...]
    pieces: tuple[list[Piece], ...]
    #: Per rule, per column: the pieces it lets through.
    rules: tuple[tuple[frozenset[int], ...], ...]
    results: tuple[tuple[str, ...], ...]
    has_default: bool


def analyse(decisions: Decisions) -> dict[str, list[Finding]]:
    """Decision id -> what was found about its table; decisions that are no table are left out."""
    found = {}
    for key, decision in orjson.loads(decisions.plan)["decisions"].items():
        if decision["logic"]["kind"] == "table" and decision["logic"]["rules"]:
            found[key] = _analysed(decision["logic"])
    return found


def _analysed(logic: dict[str, Any]) -> list[Finding]:
    columns = []
    for at, column in enumerate(logic["inputs"]):
        cells = [rule["tests"][at]["text"] for rule in logic["rules"]]
        try:
            columns.append(divide(cells, (column["values"] or {}).get("text", "")))
        except NotAnalysed as reason:
            return [Finding(kind="not_analysed", case=((column["label"], ""),), cell=str(reason))]
    table = _Table(
        policy=logic["hitPolicy"],
        labels=tuple(column["label"] for column in logic["inputs"]),
        pieces=tuple(pieces for pieces, _ in columns),
        rules=tuple(zip(*(cells for _, cells in columns), strict=True)) if columns else (),
        results=tuple(tuple(cell["text"] for cell in rule["results"]) for rule in logic["rules"]),
        has_default=any(output["default"] for output in logic["outputs"]),
    )
    try:
        return [*_meeting(table), *_never(table), *_open(table)]
    except _TooLarge:
        return [Finding(kind="not_analysed")]


class _TooLarge(Exception):
    """More cases than are worth looking at."""


def _meeting(table: _Table) -> list[Finding]:
    """Rules that match together where only one may."""
    if table.policy not in ("UNIQUE", "ANY"):
        return []
    found = []
    for one, other in combinations(range(len(table.rules)), 2):
        box = [a & b for a, b in zip(table.rules[one], table.rules[other], strict=True)]
        if not all(box) or (table.policy == "ANY" and table.results[one] == table.results[other]):
            continue
        kind: Kind = "overlap" if table.policy == "UNIQUE" else "contradiction"
        found.append(Finding(kind=kind, rules=(one + 1, other + 1), case=_case(table, box)))
    return found[:MOST]


def _never(table: _Table) -> list[Finding]:
    """Rules of a FIRST table that rules above answer in every case, and rules no value fits."""
    found = []
    for at, rule in enumerate(table.rules):
        above = table.rules[:at] if table.policy == "FIRST" else ()
        if next(_uncovered(table, list(rule), above), None) is None:
            found.append(Finding(kind="unreachable", rules=(at + 1,)))
    return found[:MOST]


def _open(table: _Table) -> list[Finding]:
    """Cases that no rule is for, where the table has to answer."""
    if table.policy not in _ANSWERED or table.has_default:
        return []
    every = [frozenset(range(len(pieces))) for pieces in table.pieces]
    found = []
    for box in _uncovered(table, every, table.rules):
        found.append(Finding(kind="gap", case=_case(table, box)))
        if len(found) == MOST:
            break
    return found


def _uncovered(
    table: _Table, box: list[frozenset[int]], rules: Sequence[tuple[frozenset[int], ...]]
) -> Iterator[list[frozenset[int]]]:
    """What of a box no rule lets through, as boxes that do not meet. Raises `_TooLarge`."""
    effort = 0
    waiting = [(box, 0)]
    while waiting:
        left, at = waiting.pop()
        effort += 1
        if effort > EFFORT:
            raise _TooLarge
        if not all(left):
            continue
        if at == len(rules):
            yield left
            continue
        rule = rules[at]
        if not all(a & b for a, b in zip(left, rule, strict=True)):
            waiting.append((left, at + 1))
            continue
        # What a rule leaves over: per column what lies outside of it, within it in the columns before.
        inside = list(left)
        rest = []
        for column, lets in enumerate(rule):
            outside = inside[column] - lets
            if outside:
                rest.append(([*inside[:column], outside, *inside[column + 1 :]], at + 1))
            inside[column] &= lets
        waiting.extend(reversed(rest))


def _case(table: _Table, box: Sequence[frozenset[int]]) -> tuple[tuple[str, str], ...]:
    """The columns that a box restricts, with what their values are."""
    return tuple(
        (label, _values(pieces, chosen))
        for label, pieces, chosen in zip(table.labels, table.pieces, box, strict=True)
        if len(chosen) < len(pieces)
    )


def _values(pieces: Sequence[Piece], chosen: frozenset[int]) -> str:
    """The pieces as FEEL; neighbours among numbers as one range. Empty where only texts that no cell names are left."""
    if isinstance(pieces[0].example, float):
        return ", ".join(_run(pieces, run) for run in _runs(sorted(chosen)))
    named = [pieces[at].text for at in sorted(chosen) if pieces[at].text]
    if any(not pieces[at].text for at in chosen):
        left_out = [piece.text for at, piece in enumerate(pieces) if at not in chosen]
        return f"not({', '.join(left_out)})" if left_out else ""
    return ", ".join(named)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run(pieces: Sequence[Piece], run: Sequence[int]) -> str:
    # Odd pieces are the numbers themselves, even ones what lies between and beyond.
    if len(run) == 1:
        return pieces[run[0]].text
    first, last = run[0], run[-1]
    low = pieces[first].text if first % 2 else pieces[first - 1].text if first else ""
    high = pieces[last].text if last % 2 else pieces[last + 1].text if last + 1 < len(pieces) else ""
    if not low:
        return f"{'<=' if last % 2 else '<'} {high}"
    if not high:
        return f"{'>=' if first % 2 else '>'} {low}"
    return f"{'[' if first % 2 else '('}{low}..{high}{']' if last % 2 else ')'}"
