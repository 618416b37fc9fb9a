"""Suites: folders of models with a `cases.json` that says what has to happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

FILE = "cases.json"


class BadSuite(ValueError):
    """A folder that holds no suite, or a `cases.json` that is none."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One folder of cases."""

    #: Unique within a run; the kind, and the folder too where several are of one kind.
    name: str
    #: What the cases are about: "betsy", "must_reject", "dmn" or "miwg".
    kind: str
    folder: Path
    #: As in the file; their fields depend on the kind.
    cases: Sequence[Mapping[str, Any]]


def read(folder: Path) -> list[Suite]:
    """The suite of a folder, or those of the folders in it. Raises `BadSuite`."""
    files = [folder / FILE] if (folder / FILE).is_file() else sorted(folder.glob(f"*/{FILE}"))
    if not files:
        raise BadSuite(f"There is no {FILE} in {folder} or in a folder of it.")
    suites: list[Suite] = []
    for file in files:
        suites.append(_read(file, taken={suite.name for suite in suites}))
    return suites


def _read(file: Path, taken: set[str]) -> Suite:
    try:
        document = orjson.loads(file.read_bytes())
        kind, cases = document["suite"], document["cases"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadSuite(f"{file} is not a file of cases: {error}.") from error
    name = kind if kind not in taken else f"{kind} ({file.parent.name})"
    return Suite(name=name, kind=kind, folder=file.parent, cases=cases)
