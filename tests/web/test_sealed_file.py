"""A case as a sealed file: everything is in it, and its own program says offline whether it still is what was recorded."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.aftersales import attachments, cases, verify_sealed_file
from engine.runtime import seals, user_tasks, verifying
from engine.runtime.history import link
from tests.web import goods

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def case(office):
    """A case with a photograph, sealed, and gone on since."""
    goods.furnish(office, customer={"name": "王小明"})
    number = goods.case(office)
    goods.case(office)

    def attach(ctx):
        found = cases.by_number(ctx, number)
        attachments.add(ctx, "椅子 chair.png", io.BytesIO(PICTURE), case_id=found.id)

    office.do("zhou.min", attach)
    office.do("shen.ke", seals.make)
    office.app.engine.clock.advance(timedelta(hours=1))
    office.do("gao.yuan", user_tasks.claim, office.task("review", number).id)
    return number


@pytest.fixture
def exported(case, browser, tmp_path):
    """The file as an auditor downloads it."""
    answer = browser("shen.ke").post(f"/audit/{case}/sealed-file")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{case}.zip"'
    path = tmp_path / f"{case}.zip"
    path.write_bytes(answer.content)
    return path


def check(path: Path, *options: str, program: Path | None = None) -> tuple[int, str]:
    """Run the file's own program on it, with nothing but Python: no environment, no packages, no network code used."""
    if program is None:
        program = path.parent / "verify.py"
        program.write_bytes(Path(verify_sealed_file.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(path), *options],
        env={},
        cwd=path.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def changed(path: Path, change) -> Path:
    """A copy of the file whose contents `change(files)` has changed; names to bytes."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    change(files)
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return other


def test_everything_is_in_it_and_holds(exported, case):
    names = zipfile.ZipFile(exported).namelist()
    for name in (
        "case.en.html",
        "case.zh.html",
        "history.jsonl",
        "proof.json",
        "seal.json",
        "verify.py",
        "manifest.json",
        "procedures/request-v1/bpmn/request.bpmn",
    ):
        assert name in names
    assert any(name.startswith("procedures/request-v1/form/") for name in names)
    assert any(name.startswith("attachments/") and name.endswith("chair.png") for name in names)
    status, said = check(exported)
    assert status == 0, said
    assert f"EVERYTHING HOLDS: case {case} is as it was recorded." in said
    assert "sealed up to event" in said and "1 came after it" in said


def test_it_says_so_in_chinese_too(exported):
    status, said = check(exported, "--zh")
    assert status == 0
    assert "全部成立" in said and "holds" not in said.lower()


def test_the_program_needs_nothing_but_itself(exported, tmp_path):
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(exported).extractall(folder)
    status, said = check(folder, program=folder / "verify.py")
    assert status == 0, said


def test_the_seal_is_compared_with_the_copy_kept_outside(exported, case, office):
    kept = next(seals.folder(office.app.engine).path.glob("000001-*.json"))
    assert "is the copy you keep" in check(exported, "--seal", str(kept))[1]
    other = exported.with_name("other.json")
    other.write_bytes(kept.read_bytes().replace(b'"events": ', b'"events": 1'))
    status, said = check(exported, "--seal", str(other))
    assert status == 1 and "NOT the copy you keep" in said


def test_the_pages_tell_the_case_in_both_languages(exported, case):
    packed = zipfile.ZipFile(exported)
    english, chinese = (packed.read(f"case.{each}.html").decode() for each in ("en", "zh"))
    for said in (case, "Zhou Min", "It wobbles.", "What happened"):
        assert said in english, said
    for said in (case, "Zhou Min", "发生了什么"):
        assert said in chinese, said
    assert "What happened" not in chinese
    assert "<script" not in english and "http" not in english.replace("http-equiv", "")


def test_the_same_case_gives_the_same_bytes(exported, case, browser):
    assert browser("shen.ke").post(f"/audit/{case}/sealed-file").content == exported.read_bytes()


def test_an_export_is_noted_with_its_digest(exported, case, office):
    manifest = hashlib.sha256(zipfile.ZipFile(exported).read("manifest.json")).hexdigest()
    with office.app.database.begin() as session:
        noted = session.execute(
            text("SELECT actor, payload FROM history_event WHERE type = 'CaseExported'")
        ).one()
        assert list(verifying.verify(session)) == []
    assert (noted.actor, json.loads(noted.payload)) == (
        "shen.ke",
        {"manifest": manifest, "from": "testclient"},
    )
    assert manifest in check(exported)[1]


def _events(files) -> list[dict]:
    return [json.loads(each) for each in files["history.jsonl"].splitlines()]


def _store(files, events) -> None:
    files["history.jsonl"] = b"".join(json.dumps(each).encode() + b"\n" for each in events)


def _listed(files) -> None:
    """Let the manifest say what the files are now, so that only what is recorded tells."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name != "manifest.json"
    }
    files["manifest.json"] = json.dumps(manifest).encode()


def _chained(events) -> None:
    """Let every hash fit again."""
    ends: dict[int, bytes] = {}
    for event in events:
        fields = {name: value for name, value in event.items() if name != "hash"}
        at = datetime.fromisoformat(fields.pop("at"))
        ends[event["stream"]] = link(ends.get(event["stream"], bytes(32)), at=at, **fields)
        event["hash"] = ends[event["stream"]].hex()


def _value(files) -> None:
    files["history.jsonl"] = files["history.jsonl"].replace(b"It wobbles.", b"It is fine.")


def _value_listed(files) -> None:
    _value(files)
    _listed(files)


def _actor_chained(files) -> None:
    """An event, all hashes after it, the end in the proof, and the manifest: only the seal tells."""
    events = _events(files)
    events[1]["actor"] = "li.na"
    _chained(events)
    _store(files, events)
    proof = json.loads(files["proof.json"])
    proof["streams"][0]["hash"] = events[-1]["hash"]
    files["proof.json"] = json.dumps(proof).encode()
    _listed(files)


def _leaf_too(files) -> None:
    """The sealed leaf as well: now it leads to another root."""
    _actor_chained(files)
    proof = json.loads(files["proof.json"])
    sealed = proof["streams"][0]["sealed"]
    stream, seq, _, case = json.loads(sealed["leaf"])
    digest = next(each["hash"] for each in _events(files) if each["seq"] == seq)
    sealed["leaf"] = json.dumps([stream, seq, digest, case], separators=(",", ":"), ensure_ascii=False)
    files["proof.json"] = json.dumps(proof).encode()
    _listed(files)


def _last_gone(files) -> None:
    _store(files, _events(files)[:-1])
    _listed(files)


def _middle_gone(files) -> None:
    events = _events(files)
    del events[2]
    _store(files, events)
    _listed(files)


def _two_swapped(files) -> None:
    events = _events(files)
    events[2], events[3] = events[3], events[2]
    _store(files, events)
    _listed(files)


def _of_another_case(files) -> None:
    events = _events(files)
    for event in events:
        event["business_key"] = "AS-1999-000001"
    _chained(events)
    _store(files, events)
    _listed(files)


def _another_history(files) -> None:
    events = _events(files)
    _store(files, [*events, {**events[-1], "stream": 4711}])
    _listed(files)


def _attachment(files) -> None:
    name = next(each for each in files if each.startswith("attachments/"))
    files[name] += b"x"


def _attachment_listed(files) -> None:
    _attachment(files)
    _listed(files)


def _diagram(files) -> None:
    files["procedures/request-v1/bpmn/request.bpmn"] += b" "


def _page(files) -> None:
    files["case.en.html"] = files["case.en.html"].replace(b"Zhou Min", b"Li Na")


def _file_gone(files) -> None:
    del files["attachments.json"]


def _file_added(files) -> None:
    files["attachments/extra.txt"] = b"I was never there."


def _seal(files) -> None:
    files["seal.json"] = files["seal.json"].replace(b'"root": "', b'"root": "0')
    _listed(files)


def _broken(files) -> None:
    files["history.jsonl"] = b"{not json"
    _listed(files)


TAMPERED = {
    "a value": (_value, "history.jsonl: CHANGED"),
    "a value, the manifest made to fit": (_value_listed, "event 1: CHANGED"),
    "an actor, chain and manifest made to fit": (_actor_chained, "is NOT the one that was sealed"),
    "the sealed leaf as well": (_leaf_too, "does NOT lead to the root of seal 1"),
    "the last event gone": (_last_gone, "ENDS at event"),
    "an event gone": (_middle_gone, "event 3: MISSING"),
    "two events exchanged": (_two_swapped, "CHANGED, it is not what was recorded"),
    "events of another case": (_of_another_case, "of ANOTHER CASE (AS-1999-000001)"),
    "a history added": (_another_history, "History 4711: NOT PART"),
    "an attachment": (_attachment, "chair.png: CHANGED"),
    "an attachment, the manifest made to fit": (_attachment_listed, "chair.png: NOT what was uploaded"),
    "a diagram": (_diagram, "request.bpmn: CHANGED"),
    "a page": (_page, "case.en.html: CHANGED"),
    "a file gone": (_file_gone, "attachments.json"),
    "a file added": (_file_added, "attachments/extra.txt: NOT PART"),
    "the seal": (_seal, "does NOT lead to the root"),
    "a history that cannot be read": (_broken, "It cannot be read: history.jsonl"),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_tampered_file_is_named(exported, kind):
    change, sentence = TAMPERED[kind]
    status, said = check(changed(exported, change))
    assert status in (1, 2), said
    assert sentence in said, said
    assert "EVERYTHING HOLDS" not in said


@pytest.mark.parametrize("bytes_", [b"", b"PK\x03\x04 not a zip", None])
def test_a_damaged_file_is_said_to_be_one(exported, bytes_):
    content = exported.read_bytes()
    exported.write_bytes(content[: len(content) // 2] if bytes_ is None else bytes_)
    status, said = check(exported)
    assert status == 2 and "It cannot be read" in said


def test_a_flipped_bit_in_any_of_its_files_is_found(exported):
    content = exported.read_bytes()
    with zipfile.ZipFile(exported) as packed:
        entries = packed.infolist()
    for entry in entries:
        # Behind the local header, the name and what follows it lie the packed bytes.
        name, extra = struct.unpack_from("<HH", content, entry.header_offset + 26)
        damaged = bytearray(content)
        damaged[entry.header_offset + 30 + name + extra + entry.compress_size // 2] ^= 1
        other = exported.with_name("flipped.zip")
        other.write_bytes(bytes(damaged))
        status, said = check(other)
        assert status in (1, 2), (entry.filename, said)


def test_a_case_without_a_seal_is_exported_and_says_so(office, browser, tmp_path):
    goods.furnish(office)
    number = goods.case(office)
    path = tmp_path / "case.zip"
    path.write_bytes(browser("shen.ke").post(f"/audit/{number}/sealed-file").content)
    status, said = check(path)
    assert status == 0 and "EVERYTHING HOLDS so far" in said and "not sealed yet" in said


def test_the_button_is_for_those_who_may_see_the_audit(case, browser):
    assert "sealed-file" in browser("shen.ke").get(f"/cases/{case}").text
    assert "sealed-file" not in browser("zhou.min").get(f"/cases/{case}").text
    assert browser("zhou.min").post(f"/audit/{case}/sealed-file").status_code == 403
    assert browser("shen.ke").post("/audit/AS-1999-000001/sealed-file").status_code == 404
