"""Says whether a sealed file of a case is what was recorded. Needs Python 3.8 or later and nothing else, no network.

    python verify.py AS-2026-000123.zip [--seal 000042-2026-11-22.json] [--zh]

Without a name it checks the unpacked folder it lies in. --seal: the copy of the daily seal that you keep yourself; only
with it is it shown that the seal in the file is the one that was made back then. Take this program from a place you
trust, rather than from the file you doubt. Exit code: 0 all holds, 1 something does not, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from pathlib import Path

FORMAT = 1
CHUNK = 1 << 16
#: What a damaged file raises.
DAMAGED = (
    OSError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)

CHINESE = {
    "{name}: as it was exported.": "{name}：与导出时一致。",
    "{name}: CHANGED since it was exported.": "{name}：导出后已被更改。",
    "{name}: MISSING.": "{name}：缺失。",
    "{name}: NOT PART of what was exported.": "{name}：不属于导出的内容。",
    "{name}: TWICE in the file.": "{name}：在文件中出现两次。",
    "History {stream}, event {seq}: CHANGED, it is not what was recorded.": (
        "历史 {stream}，第 {seq} 条：已被更改，不是当时的记录。"
    ),
    "History {stream}, event {seq}: MISSING.": "历史 {stream}，第 {seq} 条：缺失。",
    "History {stream}, event {seq}: of ANOTHER CASE ({case}).": (
        "历史 {stream}，第 {seq} 条：属于另一个售后单（{case}）。"
    ),
    "History {stream}: NOT PART of this case.": "历史 {stream}：不属于本售后单。",
    "History {stream}: ENDS at event {seq}; exported were {n}.": (
        "历史 {stream}：止于第 {seq} 条；导出时有 {n} 条。"
    ),
    "History {stream}: its end is NOT the one exported.": "历史 {stream}：结尾与导出时不同。",
    "History {stream}: all {n} events are linked, each with the one before.": (
        "历史 {stream}：全部 {n} 条逐条相连，完整无缺。"
    ),
    "History {stream}: not sealed yet; its {n} events are linked, and no seal covers them.": (
        "历史 {stream}：尚未封存；{n} 条相连，但没有封存覆盖。"
    ),
    "History {stream}: event {seq} is NOT the one that was sealed.": (
        "历史 {stream}：第 {seq} 条不是封存时的那一条。"
    ),
    "History {stream}: its way does NOT lead to the root of seal {number}.": (
        "历史 {stream}：其路径不通向第 {number} 号封存的根。"
    ),
    "History {stream}: sealed up to event {seq} by seal {number}; {more} came after it.": (
        "历史 {stream}：第 {number} 号封存覆盖至第 {seq} 条；其后另有 {more} 条。"
    ),
    "{name}: as it was uploaded.": "{name}：与上传时一致。",
    "{name}: NOT what was uploaded.": "{name}：不是上传时的文件。",
    "{name}: was not in the storage any more when the case was exported.": "{name}：导出时已不在存储中。",
    "The seal in the file is NOT the copy you keep.": "文件中的封存与您保存的副本不同。",
    "The seal in the file is the copy you keep.": "文件中的封存与您保存的副本一致。",
    "Seal {number} of {day}, root {root}. Compare it with the copy kept outside: {digest}.": (
        "第 {number} 号封存，{day}，根 {root}。请与外部保存的副本比对：{digest}。"
    ),
    "The export as a whole: {digest}. Aftercare noted it in the organisation's history.": (
        "整个导出：{digest}。Aftercare 已将其记入组织的历史。"
    ),
    "EVERYTHING HOLDS so far: case {case} is as it was recorded, but {n} of its histories are not sealed.": (
        "目前全部成立：售后单 {case} 与记录一致，但其中 {n} 条历史尚未封存。"
    ),
    "EVERYTHING HOLDS: case {case} is as it was recorded.": "全部成立：售后单 {case} 与记录一致。",
    "{n} THING(S) DO NOT HOLD. Case {case} is not as it was recorded, or the file is damaged.": (
        "有 {n} 处不成立。售后单 {case} 与记录不一致，或文件已损坏。"
    ),
    (
        "Personal data was erased from {n} event(s), which are as {name} left them. Compare it with the copy kept "
        "beside the seals: {digest}."
    ): "有 {n} 条事件的个人信息已被删除，与 {name} 删除后的内容一致。请与封存旁保存的副本比对：{digest}。",
    "It cannot be read: {why}": "无法读取：{why}",
}


class Unreadable(Exception):
    """Nothing can be said of it."""


class Report:
    """Says sentences, and counts those that do not hold."""

    def __init__(self, chinese):
        self.chinese = chinese
        self.wrong = 0
        self.unsealed = 0

    def holds(self, sentence, **values):
        self._say("ok    ", sentence, values)

    def fails(self, sentence, **values):
        self.wrong += 1
        self._say("WRONG ", sentence, values)

    def note(self, sentence, **values):
        self._say("      ", sentence, values)

    def _say(self, mark, sentence, values):
        text = CHINESE.get(sentence, sentence) if self.chinese else sentence
        print(mark + text.format(**values))


class Archive:
    """The files, in a ZIP or unpacked."""

    def __init__(self, path):
        self.path = path
        self.zip = None
        if path.is_dir():
            self.names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
        else:
            try:
                self.zip = zipfile.ZipFile(path)
            except DAMAGED as error:
                raise Unreadable(str(error)) from error
            self.names = self.zip.namelist()

    def open(self, name):
        return self.zip.open(name) if self.zip else (self.path / name).open("rb")

    def document(self, name):
        try:
            with self.open(name) as file:
                return json.loads(file.read().decode("utf-8"))
        except DAMAGED as error:
            raise Unreadable(name + ": " + str(error)) from error

    def digest(self, name):
        """SHA-256 of a file; "" for one that cannot be read."""
        found = hashlib.sha256()
        try:
            with self.open(name) as file:
                while True:
                    chunk = file.read(CHUNK)
                    if not chunk:
                        return found.hexdigest()
                    found.update(chunk)
        except DAMAGED:
            return ""


def check(archive, seal_copy, report):
    """Everything there is to check; the number of the case."""
    manifest = archive.document("manifest.json")
    if manifest.get("format") != FORMAT:
        raise Unreadable("format " + str(manifest.get("format")))
    check_files(archive, manifest["files"], report)
    present = set(archive.names)
    proof = archive.document("proof.json")
    heads = check_chains(archive, proof, report)
    seal = archive.document("seal.json") if "seal.json" in present else None
    for stream in proof["streams"]:
        check_seal(stream, heads.get(stream["stream"], {}), seal, proof["case"], report)
    check_attachments(archive, report)
    if seal is not None:
        digest = archive.digest("seal.json")
        report.note(
            "Seal {number} of {day}, root {root}. Compare it with the copy kept outside: {digest}.",
            number=seal["number"],
            day=seal["day"],
            root=seal["root"],
            digest=digest,
        )
        if seal_copy is not None and hashlib.sha256(seal_copy.read_bytes()).hexdigest() == digest:
            report.holds("The seal in the file is the copy you keep.")
        elif seal_copy is not None:
            report.fails("The seal in the file is NOT the copy you keep.")
    elif seal_copy is not None:
        report.fails("The seal in the file is NOT the copy you keep.")
    report.note(
        "The export as a whole: {digest}. Aftercare noted it in the organisation's history.",
        digest=archive.digest("manifest.json"),
    )
    return proof["case"]


def check_files(archive, expected, report):
    """Each file against the manifest."""
    seen = set()
    for name in archive.names:
        if name in seen:
            report.fails("{name}: TWICE in the file.", name=name)
        seen.add(name)
        if name not in expected and name != "manifest.json" and not name.endswith("/"):
            report.fails("{name}: NOT PART of what was exported.", name=name)
    for name in sorted(expected):
        if name not in seen:
            report.fails("{name}: MISSING.", name=name)
        elif archive.digest(name) != expected[name]:
            report.fails("{name}: CHANGED since it was exported.", name=name)
        else:
            report.holds("{name}: as it was exported.", name=name)


def link(previous, event):
    """The hash of an event over the one before and every field, each with its length."""
    digest = hashlib.sha256(previous)
    for field in (
        "stream",
        "seq",
        "at",
        "type",
        "actor",
        "element_id",
        "activity_id",
        "business_key",
        "payload",
    ):
        raw = b"\xff" if event[field] is None else str(event[field]).encode("utf-8")
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.digest()


def read_receipts(archive):
    """(history, event) -> receipt, the event's hash, the hash of what the receipt left of it; the last receipt counts."""
    found = {}
    for name in sorted(each for each in archive.names if each.startswith("receipts/")):
        said = archive.document(name)
        for stream, seq, recorded, left in said["events"]:
            found[stream, seq] = (name, recorded, left)
    return found


def check_chains(archive, proof, report):
    """Each history's events; stream -> number of an event -> its hash, for the events that were sealed last."""
    streams = {each["stream"]: each for each in proof["streams"]}
    wanted = {s: (each["sealed"] or {}).get("events") for s, each in streams.items()}
    state, heads, strange, wrong = {}, {}, set(), set()
    receipts, erased = read_receipts(archive), {}
    try:
        with archive.open("history.jsonl") as lines:
            for line in lines:
                event = json.loads(line.decode("utf-8"))
                stream, seq = event["stream"], event["seq"]
                if stream not in streams:
                    if stream not in strange:
                        report.fails("History {stream}: NOT PART of this case.", stream=stream)
                    strange.add(stream)
                    continue
                last, previous = state.get(stream, (0, bytes(32)))
                if seq != last + 1:
                    report.fails("History {stream}, event {seq}: MISSING.", stream=stream, seq=last + 1)
                    wrong.add(stream)
                if event["business_key"] != proof["case"]:
                    report.fails(
                        "History {stream}, event {seq}: of ANOTHER CASE ({case}).",
                        stream=stream,
                        seq=seq,
                        case=event["business_key"],
                    )
                    wrong.add(stream)
                found = link(previous, event).hex()
                receipt, recorded, left = receipts.get((stream, seq), (None, found, found))
                if receipt and (event["hash"], found) == (recorded, left):
                    erased[receipt] = erased.get(receipt, 0) + 1
                elif found != event["hash"]:
                    report.fails(
                        "History {stream}, event {seq}: CHANGED, it is not what was recorded.",
                        stream=stream,
                        seq=seq,
                    )
                    wrong.add(stream)
                state[stream] = (seq, bytes.fromhex(event["hash"]))
                if wanted[stream] == seq:
                    heads[stream] = {seq: event["hash"]}
    except DAMAGED as error:
        raise Unreadable("history.jsonl: " + str(error)) from error
    for name, n in sorted(erased.items()):
        report.note(
            "Personal data was erased from {n} event(s), which are as {name} left them. Compare it with the copy kept "
            "beside the seals: {digest}.",
            n=n,
            name=name,
            digest=archive.digest(name),
        )
    for stream, each in sorted(streams.items()):
        seq, last = state.get(stream, (0, bytes(32)))
        if seq != each["events"]:
            report.fails(
                "History {stream}: ENDS at event {seq}; exported were {n}.",
                stream=stream,
                seq=seq,
                n=each["events"],
            )
        elif last.hex() != each["hash"]:
            report.fails("History {stream}: its end is NOT the one exported.", stream=stream)
        elif stream not in wrong:
            report.holds(
                "History {stream}: all {n} events are linked, each with the one before.", stream=stream, n=seq
            )
    return heads


def check_seal(stream, hashes, seal, case, report):
    """A history against the seal: the event that was its last then, and the way from there to the root."""
    sealed, number = stream["sealed"], stream["stream"]
    if sealed is None or seal is None:
        report.unsealed += 1
        report.note(
            "History {stream}: not sealed yet; its {n} events are linked, and no seal covers them.",
            stream=number,
            n=stream["events"],
        )
        return
    leaf = json.loads(sealed["leaf"])
    if leaf[:2] != [number, sealed["events"]] or leaf[3] != case or hashes.get(leaf[1]) != leaf[2]:
        report.fails(
            "History {stream}: event {seq} is NOT the one that was sealed.",
            stream=number,
            seq=sealed["events"],
        )
        return
    digest = hashlib.sha256(b"\0" + sealed["leaf"].encode("utf-8")).digest()
    for side, other in sealed["way"]:
        pair = bytes.fromhex(other) + digest if side == "left" else digest + bytes.fromhex(other)
        digest = hashlib.sha256(b"\1" + pair).digest()
    if digest.hex() != seal["root"]:
        report.fails(
            "History {stream}: its way does NOT lead to the root of seal {number}.",
            stream=number,
            number=seal["number"],
        )
    else:
        report.holds(
            "History {stream}: sealed up to event {seq} by seal {number}; {more} came after it.",
            stream=number,
            seq=leaf[1],
            number=seal["number"],
            more=stream["events"] - leaf[1],
        )


def check_attachments(archive, report):
    """Each attachment against the digest that was noted when it was uploaded."""
    for each in archive.document("attachments.json"):
        if each["file"] is None:
            report.note(
                "{name}: was not in the storage any more when the case was exported.", name=each["name"]
            )
        elif archive.digest(each["file"]) == each["digest"]:
            report.holds("{name}: as it was uploaded.", name=each["file"])
        else:
            report.fails("{name}: NOT what was uploaded.", name=each["file"])


def main():
    """Read the arguments, check, say it."""
    asked = argparse.ArgumentParser(description="Says whether a sealed file of a case is what was recorded.")
    asked.add_argument("file", nargs="?", type=Path, help="the ZIP, or the unpacked folder")
    asked.add_argument("--seal", type=Path, help="your own copy of the daily seal")
    asked.add_argument("--zh", action="store_true", help="Chinese")
    given = asked.parse_args()
    # Not every console's encoding knows every sign.
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    report = Report(given.zh)
    try:
        case = check(Archive(given.file or Path(__file__).resolve().parent), given.seal, report)
    except (Unreadable, *DAMAGED) as error:
        report.fails("It cannot be read: {why}", why=error)
        return 2
    if report.wrong:
        report.fails(
            "{n} THING(S) DO NOT HOLD. Case {case} is not as it was recorded, or the file is damaged.",
            n=report.wrong,
            case=case,
        )
        return 1
    if report.unsealed:
        report.holds(
            "EVERYTHING HOLDS so far: case {case} is as it was recorded, but {n} of its histories are not sealed.",
            case=case,
            n=report.unsealed,
        )
        return 0
    report.holds("EVERYTHING HOLDS: case {case} is as it was recorded.", case=case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
