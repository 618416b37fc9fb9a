"""What a form of a user task or start sent: fields in their order, and its files, checked and stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from starlette.datastructures import FormData, UploadFile

from engine.aftersales import attachments
from engine.aftersales.tables import Attachment
from engine.forms import StoredFile
from engine.runtime.context import Context

#: Fields of ours that are no part of the form.
_OURS = frozenset({"csrf"})

Fields = list[tuple[str, str]]


def fields(form: FormData) -> Fields:
    """The texts that were sent, in their order."""
    return [
        (name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in _OURS
    ]


def files(ctx: Context, form: FormData) -> Mapping[str, list[StoredFile]]:
    """The files of a submission by field: new ones stored now, and the actor's own earlier ones that it still names.

    Raises `FileTooLarge`, `FileTypeNotAllowed`, `FileEmpty`.
    """
    stored: dict[str, list[StoredFile]] = defaultdict(list)
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            stored[name].append(_stored(attachments.add(ctx, value.filename, value.file)))
    named = [(name, int(value)) for name, value in fields(form) if value.isdigit() and len(value) < 19]
    pickers = {name for name, value in form.multi_items() if isinstance(value, UploadFile)}
    earlier = [(name, id_) for name, id_ in named if name in pickers]
    if earlier:
        rows = {row.id: row for row in ctx.session.scalars(_own(ctx, [id_ for _, id_ in earlier]))}
        for name, id_ in earlier:
            if id_ in rows:
                stored[name].append(_stored(rows[id_]))
    return stored


def _own(ctx: Context, ids: list[int]):  # type: ignore[no-untyped-def]
    """Only files one added oneself and that belong to no case yet."""
    return select(Attachment).where(
        Attachment.id.in_(ids), Attachment.person == ctx.actor.key, Attachment.case_id.is_(None)
    )


def _stored(row: Attachment) -> StoredFile:
    return StoredFile(id=str(row.id), name=row.name, type=row.type, size=row.size)
