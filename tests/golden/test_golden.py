"""Cases that earlier releases put down in flight are taken up and finished by this one."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest
import zstandard

from engine import bpmn
from engine.runtime import replay, user_tasks
from engine.runtime.history import UnreadablePayload
from engine.runtime.refusals import WrittenByNewerRelease
from engine.store.tables import ProcessInstance, UserTask
from tests.golden import files
from tests.golden.going_on import GoingOn, ended_as_then, load

INSTANCES = files.all_files()
TASKS = files.FOLDER / "people_at_once.json.zst"


def test_there_are_enough_of_them_about_everything_that_waits():
    assert len(INSTANCES) >= 12
    waiting = {name for path in INSTANCES for name, rows in files.read(path).rows.items() if rows}
    assert {"user_task", "job", "timer", "message_subscription", "signal_subscription", "incident"} <= waiting


@pytest.mark.parametrize("path", INSTANCES, ids=lambda path: path.name.partition(".")[0])
def test_a_case_put_down_in_flight_comes_to_its_end(app, clock, path):
    golden = files.read(path)
    clock.set(datetime.fromisoformat(golden.history[golden.happened - 1]["at"]))
    with app.database.begin() as session:
        load(session, golden)
    GoingOn(app, clock, golden).finish()
    with app.database.begin() as session:
        ended_as_then(session, app.engine, golden)


def newer(blob: bytes) -> bytes:
    state = orjson.loads(zstandard.ZstdDecompressor().decompress(blob))
    return zstandard.ZstdCompressor().compress(orjson.dumps({**state, "v": state["v"] + 1}))


def test_a_state_that_a_newer_release_wrote_is_refused_with_a_sentence(app):
    golden = files.read(TASKS)
    with app.database.begin() as session:
        load(session, golden)
        instance = session.query(ProcessInstance).filter_by(business_key=golden.case).first()
        instance.blob = newer(instance.blob)
        task = session.query(UserTask).filter_by(state="created").first()
        definition = app.engine.definitions.get(session, instance.definition_id)
    with pytest.raises(bpmn.NewerState, match="a newer release"):
        bpmn.Execution.load(definition.process, instance.blob, None)
    with pytest.raises(WrittenByNewerRelease, match=golden.case), app.commands.begin() as ctx:
        user_tasks.complete(ctx, task.id, {})


def test_a_history_that_a_newer_release_wrote_is_refused_with_a_sentence(app):
    golden = files.read(TASKS)
    first, *rest = golden.history
    payload = orjson.loads(first["payload"])
    written = {**first, "payload": orjson.dumps({**payload, "format": payload["format"] + 1}).decode()}
    with app.database.begin() as session:
        load(session, files.Golden(**{**vars(golden), "history": [written, *rest]}))
        with pytest.raises(UnreadablePayload, match="newer release"):
            list(replay.states(session, app.engine, first["stream"]))


def test_a_file_of_a_newer_format_is_refused_with_a_sentence(tmp_path):
    content = orjson.loads(zstandard.ZstdDecompressor().decompress(TASKS.read_bytes()))
    path = tmp_path / "later.json.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(orjson.dumps({**content, "format": 2})))
    with pytest.raises(files.NewerFormat, match="newer release"):
        files.read(path)
