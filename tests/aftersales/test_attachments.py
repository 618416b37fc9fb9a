"""Files are judged by their content, stored once, and tied to their case."""

from __future__ import annotations

import io

import pytest

import engine.aftersales.tables as t
from engine.aftersales import attachments
from engine.aftersales.tables import AftersalesCase
from engine.forms import StoredFile
from engine.runtime.context import Actor

LI_NA = Actor(key="li.na", name="Li Na")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(40)


def add(desk, name, content, **fields):
    with desk.app.commands.begin(LI_NA) as ctx:
        return attachments.add(ctx, name, io.BytesIO(content), **fields)


def test_the_same_content_is_stored_once(desk, settings):
    first, second = add(desk, "a.png", PNG), add(desk, "b.png", PNG)
    assert first.digest == second.digest
    assert len([path for path in (settings.var_dir / "attachments").rglob("*") if path.is_file()]) == 1
    with desk.app.commands.begin(LI_NA) as ctx:
        row, content = second, attachments.content(ctx, second)
        with content:
            assert (row.name, row.type, content.read()) == ("b.png", "image/png", PNG)


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("photo.png", b"", attachments.FileEmpty),
        ("photo.png", b"MZ" + bytes(200), attachments.FileTypeNotAllowed),
        ("photo.png", b"<html><script>alert(1)</script>", attachments.FileTypeNotAllowed),
        ("notes.txt", b"a\x00b", attachments.FileTypeNotAllowed),
        ("big.txt", b"a" * (21 << 20), attachments.FileTooLarge),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_reason(desk, name, content, refusal):
    with pytest.raises(refusal, match=name):
        add(desk, name, content)
    assert desk.all(t.Attachment) == []


def test_plain_text_is_text_even_when_it_is_chinese_and_long(desk):
    assert add(desk, "说明.txt", "桌腿松动\r\n".encode() * 2000).type == "text/plain"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\photo.png", "photo.png"),
        ("a\r\nb.png", "ab.png"),
        ("..", ".."),
        ("", "file"),
    ],
)
def test_a_name_keeps_no_path(desk, name, kept):
    assert add(desk, name, PNG).name == kept


def test_a_form_brings_only_ones_own_files_to_a_case(desk):
    mine = add(desk, "mine.png", PNG)
    with desk.app.commands.begin(Actor(key="zhou.min", name="Zhou Min")) as ctx:
        others = attachments.add(ctx, "others.png", io.BytesIO(PNG))
    case_id = desk.case()
    with desk.app.commands.begin(LI_NA) as ctx:
        form = {
            "photos": [StoredFile(id=str(each.id), name="", type="", size=1).value for each in (mine, others)]
        }
        attachments.adopt(ctx, ctx.session.get_one(AftersalesCase, case_id).number, form)
        assert [row.name for row in attachments.of_case(ctx, case_id)] == ["mine.png"]
