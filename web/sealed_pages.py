"""The pages of a sealed file: the case told in each language, as one document that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from engine.aftersales import sealed_files
from engine.aftersales.sealed_files import Sealed
from engine.runtime import seals
from engine.runtime.context import Context
from engine.runtime.history import read
from engine.runtime.registry import Registry
from engine.store.tables import ProcessInstance
from web import formats, i18n
from web.facts import facts_of
from web.labels import Labels
from web.queries import audit as rows
from web.queries import case_history
from web.render import environment, looked_at
from web.timeline import Entry, Teller
from web.visitor import Visitor

#: Events told at once.
_PAGE = 500
#: Where no seal is told of.
UNSEALED = Sealed(document=None, standings={})


def write(ctx: Context, number: str, file: BinaryIO) -> str:
    """Write the sealed file of a case with its pages; the digest of its manifest. Raises `NotFound`."""
    standing = sealed_files.sealed(ctx, [each.id for each in sealed_files.instances(ctx, number)])
    return sealed_files.write(ctx, number, file, pages(ctx, number, standing), standing)


def register(registry: Registry) -> None:
    """Let archives have these pages too."""
    registry.draw_cases(pages)


def pages(ctx: Context, number: str, standing: Sealed) -> dict[str, bytes]:
    """The pages of a case, by file name. Raises `NotFound`."""
    running = sealed_files.instances(ctx, number)
    return {
        f"case.{language}.html": _page(ctx, number, language, running, standing)
        for language in i18n.LANGUAGES
    }


def _page(
    ctx: Context, number: str, language: str, running: Sequence[ProcessInstance], standing: Sealed
) -> bytes:
    reading = replace(ctx, actor=replace(ctx.actor, language=language))
    visitor = Visitor(
        actor=reading.actor, language=language, theme="light", now=ctx.now, organisation=ctx.organisation
    )
    with looked_at(visitor):
        labels = Labels(reading)
        text = (
            environment()
            .get_template("audit/sealed.html")
            .render(
                number=number,
                language=language,
                running=running,
                labels=labels,
                versions=sealed_files.versions(reading, running),
                files=sealed_files.files(reading, number),
                seal=seals.read(standing.document) if standing.document else None,
                standings=standing.standings,
                events=_told(reading, number, running, labels),
                contents_of=lambda row: list(facts_of(read(row.payload))),
                stamp=lambda at: f"{formats.instant(at):%Y-%m-%d %H:%M:%S}",
            )
        )
    return text.encode()


def _told(
    ctx: Context, number: str, running: Sequence[ProcessInstance], labels: Labels
) -> list[tuple[Any, Entry, str]]:
    """Every event of the case, what it says in words and the name of its element, oldest first."""
    heads = {each.id: each.history_seq for each in running}
    found: list[Any] = []
    after: str | None = None
    while True:
        page = rows.events(ctx, number, after=after, size=_PAGE)
        found += [row for row in page.rows if row.seq <= heads.get(row.stream, 0)]
        after = page.next
        if after is None:
            break
    teller = Teller(ctx, case_history.instances(ctx, number), labels)
    newest_first = found[::-1]
    # The name first: telling a move makes the teller speak of the version before it.
    named = [teller.element(row.stream, row.element_id) for row in newest_first]
    return list(zip(newest_first, teller.tell(newest_first), named, strict=True))[::-1]
