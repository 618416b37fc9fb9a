"""Procedures sent as files: a ZIP of a folder like processes/, or its files one by one."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from engine import bpmn
from engine.runtime.bundles import Bundle, from_folders
from engine.runtime.refusals import Refusal

#: Folder by the end of a file's name; anything else is left out, such as a README.
FOLDERS = {".bpmn": "bpmn", ".dmn": "dmn", ".form": "forms", ".json": "translations"}
#: What a ZIP may hold once unpacked.
MOST_FILES, MOST_OCTETS = 2_000, 64 * 1024 * 1024


class UnreadableUpload(Refusal):
    """What was sent is no folder of procedures."""

    code = "unreadable_upload"
    sentence = "This is not a ZIP file or a folder's files that can be read: {why}"


def bundles(sent: Mapping[str, bytes]) -> Sequence[Bundle]:
    """The procedures among the files sent, by name. Raises `UnreadableUpload`."""
    files: dict[str, bytes] = {}
    for name, content in sent.items():
        files |= _unpacked(content) if name.lower().endswith(".zip") else {name: content}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.suffix in FOLDERS and "templates" not in path.parts:
                # Only the last part counts: nothing is written outside of the folder.
                target = Path(folder) / FOLDERS[path.suffix] / path.name
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(content)
        try:
            found = from_folders(Path(folder), Path(folder) / "forms")
        except bpmn.InvalidDiagram as error:
            raise UnreadableUpload(why=str(error)) from error
    if not found:
        raise UnreadableUpload(why="no .bpmn file")
    return found


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_OCTETS:
                raise UnreadableUpload(why="too large once unpacked")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise UnreadableUpload(why=str(error)) from error
