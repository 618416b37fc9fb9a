"""Bundles: the files that make one version of a procedure, gathered from folders or a draft."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import bpmn, dmn

#: (kind, file name) -> content; kinds: bpmn, dmn, form, words, scenario.
Files = Mapping[tuple[str, str], bytes]
SCENARIO = "scenario"

_PROCESS = re.compile(rb"^process:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Diagram, decision tables, forms and words of one procedure, and the scenarios that say what must hold of them."""

    process_key: str
    files: Files

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents of what cases run on, hex: no case runs on a scenario."""
        digest = hashlib.sha256()
        for (kind, name), content in sorted(self.running.items()):
            for part in (kind.encode(), name.encode(), content):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
        return digest.hexdigest()

    @property
    def running(self) -> Files:
        """The files that cases run on."""
        return {place: content for place, content in self.files.items() if place[0] != SCENARIO}

    @property
    def scenarios(self) -> Mapping[str, bytes]:
        """The scenario files by name."""
        return {name: content for (kind, name), content in sorted(self.files.items()) if kind == SCENARIO}

    @property
    def diagram(self) -> bytes:
        """The BPMN file."""
        return next(content for (kind, _), content in self.files.items() if kind == "bpmn")

    @property
    def tables(self) -> list[Table]:
        """The DMN files."""
        return tables(self.files)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One DMN file, with those it imports."""

    name: str
    content: bytes
    imports: tuple[bytes, ...]


def tables(files: Files) -> list[Table]:
    """The DMN files among `files`."""
    models = {name: content for (kind, name), content in sorted(files.items()) if kind == "dmn"}
    return [
        Table(name=name, content=models[name], imports=tuple(models[other] for other in others))
        for name, others in dmn.imported(models).items()
    ]


def names(diagram: bytes, process_key: str) -> bool:
    """Whether a diagram names a procedure anywhere, as whoever calls it or has a service start it must."""
    return any(
        each in diagram for each in (f'"{process_key}"'.encode(), f"&quot;{process_key}&quot;".encode())
    )


def from_folders(processes: Path, forms: Path) -> list[Bundle]:
    """A bundle for every diagram under `processes/bpmn`, with the tables, forms and words it refers to.

    Raises `engine.bpmn.InvalidDiagram` for a diagram that cannot be read at all.
    """
    models = {path.name: path.read_bytes() for path in sorted((processes / "dmn").glob("*.dmn"))}
    where, imports, stories = _decision_files(models), dmn.imported(models), _stories(processes / "scenarios")
    bundles = []
    for path in sorted((processes / "bpmn").glob("*.bpmn")):
        xml = path.read_bytes()
        for process in bpmn.parse(xml).processes.values():
            if process.executable:
                files: dict[tuple[str, str], bytes] = {("bpmn", path.name): xml}
                for name in _tables_of(process, where):
                    files |= {("dmn", each): models[each] for each in (name, *imports[name])}
                files |= _forms_of(process, forms)
                files |= _words_of(process.id, processes / "translations")
                files |= stories.get(process.id, {})
                bundles.append(Bundle(process_key=process.id, files=files))
    return bundles


def _decision_files(models: Mapping[str, bytes]) -> dict[str, str]:
    """Decision id -> name of the file that holds it. Unreadable tables are left to the linter."""
    where = {}
    for table in tables({("dmn", name): content for name, content in models.items()}):
        try:
            where |= dict.fromkeys(dmn.parse(table.content, table.imports).ids, table.name)
        except dmn.InvalidDecision:
            where[table.name.removesuffix(".dmn")] = table.name
    return where


def _tables_of(process: bpmn.Process, where: Mapping[str, str]) -> Iterable[str]:
    return sorted({where[decision] for decision in process.decisions if decision in where})


def _forms_of(process: bpmn.Process, folder: Path) -> dict[tuple[str, str], bytes]:
    found = {}
    for form_id in sorted(process.forms):
        path = folder / f"{form_id}.form"
        if path.is_file():
            found["form", path.name] = path.read_bytes()
    return found


def _words_of(process_key: str, folder: Path) -> dict[tuple[str, str], bytes]:
    paths = [*sorted(folder.glob("common.*.json")), *sorted(folder.glob(f"{process_key}.*.json"))]
    return {("words", path.name): path.read_bytes() for path in paths}


def _stories(folder: Path) -> dict[str, dict[tuple[str, str], bytes]]:
    """Process -> its scenario files: those whose first scenario is of that process."""
    found: dict[str, dict[tuple[str, str], bytes]] = {}
    for path in sorted(folder.glob("*.yaml")):
        content = path.read_bytes()
        if named := _PROCESS.search(content):
            found.setdefault(named[1].decode(), {})[SCENARIO, path.name] = content
    return found
