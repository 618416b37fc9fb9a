"""Attachments: checked, stored once by digest, tied to their case."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, Protocol

import filetype
from sqlalchemy import insert, select, update

from engine.aftersales.tables import AftersalesCase, Attachment
from engine.runtime.context import Context, Engine
from engine.runtime.refusals import NotFound, Refusal
from engine.runtime.unit import Unit

#: Event of a case's history that tells of a file that came without a form.
ADDED = "AttachmentAdded"
#: Under the installation's `var_dir`.
FOLDER = "attachments"
_CHUNK = 1 << 16
_MEGABYTE = 1 << 20
#: The signatures of all types we know lie in the first bytes.
_HEAD = 8192
#: What begins like markup a browser may take for a page, and run.
_MARKUP = re.compile(r"[\s\ufeff]*<[!?/a-z]", re.IGNORECASE)


class FileTooLarge(Refusal):
    """Bigger than the organisation allows."""

    code = "file_too_large"
    of_form = True
    sentence = "{name} is larger than {most} MB."


class FileEmpty(Refusal):
    """Nothing in it."""

    code = "file_empty"
    of_form = True
    sentence = "{name} is empty."


class FileTypeNotAllowed(Refusal):
    """Not one of the types the organisation allows, judged by the content and not by the name."""

    code = "file_type_not_allowed"
    of_form = True
    sentence = "{name} is of a type ({type}) that cannot be attached."


class Storage(Protocol):
    """Where the bytes lie: a folder here, an object storage elsewhere."""

    def put(self, digest: str, content: BinaryIO) -> None:
        """Store the content under its digest; storing it again changes nothing."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """The content. Raises `NotFound`."""
        ...

    def drop(self, digest: str) -> None:
        """Delete the content, where it is there."""
        ...


class FileStorage:
    """A folder: `<folder>/ab/abcdef...`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, digest: str, content: BinaryIO) -> None:
        """See `Storage.put`. The file appears whole or not at all."""
        target = self._path(digest)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
            while chunk := content.read(_CHUNK):
                part.write(chunk)
            # The row that names the file is durable: so is the file.
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(target)

    def open(self, digest: str) -> BinaryIO:
        """See `Storage.open`."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise NotFound(what="stored file", id=digest) from None

    def drop(self, digest: str) -> None:
        """See `Storage.drop`."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def storage_of(ctx: Context) -> Storage:
    """The installation's storage: files under `var_dir`."""
    return _storage(ctx.engine)


def _storage(engine: Engine) -> Storage:
    return FileStorage(engine.var_dir / FOLDER)


def forget(engine: Engine, digests: Sequence[str]) -> None:
    """Delete stored files that no attachment names any more."""
    for digest in digests:
        _storage(engine).drop(digest)


def add(
    ctx: Context, name: str, content: BinaryIO, *, case_id: int | None = None, storage: Storage | None = None
) -> Attachment:
    """Check a file and store it. Raises `FileEmpty`, `FileTooLarge`, `FileTypeNotAllowed`."""
    rules = ctx.organisation.attachments
    shown = _plain_name(name)
    head, digest, size = b"", hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_MEGABYTE) as checked:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > rules.max_megabytes * _MEGABYTE:
                raise FileTooLarge(name=shown, most=rules.max_megabytes)
            if len(head) < _HEAD:
                head += chunk[: _HEAD - len(head)]
            digest.update(chunk)
            checked.write(chunk)
        if size == 0:
            raise FileEmpty(name=shown)
        found = media_type(head)
        if found not in rules.types:
            raise FileTypeNotAllowed(name=shown, type=found)
        checked.seek(0)
        (storage or storage_of(ctx)).put(digest.hexdigest(), checked)  # type: ignore[arg-type]
    return ctx.session.scalars(
        insert(Attachment).returning(Attachment),
        [
            {
                "digest": digest.hexdigest(),
                "name": shown,
                "type": found,
                "size": size,
                "case_id": case_id,
                "person": ctx.actor.key,
                "at": ctx.now,
            }
        ],
    ).one()


def attach(ctx: Context, case_id: int, name: str, content: BinaryIO) -> Attachment:
    """Check a file, store it with a case and say so in the case's history, where erasing finds its name.

    Raises what `add` raises.
    """
    row = add(ctx, name, content, case_id=case_id)
    root_id = ctx.session.scalar(
        select(AftersalesCase.process_instance_id).where(AftersalesCase.id == case_id)
    )
    if root_id is not None:
        with Unit.of(ctx) as unit:
            told = {"name": row.name, "type": row.type, "size": row.size, "digest": row.digest}
            unit.act(unit.lock(root_id), ADDED, attachment=row.id, **told)
    return row


def media_type(head: bytes) -> str:
    """The type the first bytes show; text that is valid UTF-8 without control characters is `text/plain`."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end in the middle of a character.
        if error.start < len(head) - 3:
            return "application/octet-stream"
        text = head[: error.start].decode("utf-8")
    if any(character < " " and character not in "\t\r\n\f" for character in text):
        return "application/octet-stream"
    return "text/html" if _MARKUP.match(text) else "text/plain"


def _plain_name(name: str) -> str:
    """The name without a path or anything that cannot be shown."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-150:] or "file"


def by_id(ctx: Context, attachment_id: int) -> Attachment:
    """An attachment. Raises `NotFound`."""
    row = ctx.session.get(Attachment, attachment_id)
    if row is None:
        raise NotFound(what="attachment", id=attachment_id)
    return row


def content(ctx: Context, row: Attachment) -> BinaryIO:
    """Its bytes. Raises `NotFound`."""
    return storage_of(ctx).open(row.digest)


def adopt(ctx: Context, case_number: str, values: Mapping[str, Any]) -> None:
    """Tie the actor's own files that a form brought to the case: `{"attachment": id}` anywhere in it."""
    if ids := set(_references(values)):
        case_id = select(AftersalesCase.id).where(AftersalesCase.number == case_number).scalar_subquery()
        ctx.session.execute(
            update(Attachment)
            .where(Attachment.id.in_(ids), Attachment.case_id.is_(None), Attachment.person == ctx.actor.key)
            .values(case_id=case_id),
            execution_options={"synchronize_session": False},
        )


def _references(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        if (reference := str(value.get("attachment", ""))).isdigit():
            yield int(reference)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def of_case(ctx: Context, case_id: int) -> list[Attachment]:
    """The case's attachments, oldest first."""
    return list(
        ctx.session.scalars(select(Attachment).where(Attachment.case_id == case_id).order_by(Attachment.id))
    )
