"""The history as mining tools get it: every event once, whole cases, and what each event is about."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import timedelta

from lxml import etree
from sqlalchemy import text

from engine import mining
from engine.runtime import user_tasks
from tests.web import goods

XES = "{http://www.xes-standard.org/}"
FILLED = {"remark": "fine", "decision": "approve"}


def _export(app, file_format, **narrowed):
    tally = mining.Tally()
    with app.commands.begin() as ctx:
        pieces = list(mining.FORMATS[file_format].document(ctx, mining.Selection(**narrowed), tally))
    return b"".join(pieces), tally


def _count(app, where="true"):
    with app.database.begin() as session:
        return session.execute(
            text(f"SELECT count(*) FROM history_event WHERE business_key IS NOT NULL AND {where}")
        ).scalar_one()


def _review(house, case):
    house.do("gao.yuan", user_tasks.complete, house.task("review", case).id, FILLED)


def test_xes_holds_every_event_of_every_case_in_order(house):
    first, second = goods.case(house), goods.case(house)
    document, tally = _export(house.app, "xes")
    log = etree.fromstring(document)
    assert log.tag == f"{XES}log" and log.get("xes.version") == "1849.2016"
    traces = {_value(trace, "concept:name"): trace for trace in log.iter(f"{XES}trace")}
    assert set(traces) == {first, second}
    assert (tally.cases, tally.events) == (2, len(list(log.iter(f"{XES}event"))))
    assert tally.events == _count(house.app)
    for number, trace in traces.items():
        events = trace.findall(f"{XES}event")
        assert len(events) == _count(house.app, f"business_key = '{number}'")
        numbers = [int(_value(event, "number")) for event in events]
        assert numbers == sorted(numbers)
        names = [(_value(each, "concept:name"), _value(each, "lifecycle:transition")) for each in events]
        assert ("Review the request", "schedule") in names


def test_xes_declares_what_it_uses(house):
    """IEEE 1849-2016: extensions, globals, classifiers, attributes, traces, in this order; every key of an extension's."""
    goods.case(house)
    log = etree.fromstring(_export(house.app, "xes")[0])
    order = ["extension", "global", "classifier", "string", "trace"]
    places = [order.index(etree.QName(child).localname) for child in log]
    assert places == sorted(places)
    prefixes = {each.get("prefix") for each in log.iter(f"{XES}extension")}
    for element in log.iter("{*}string", "{*}date", "{*}int", "{*}float"):
        prefix, colon, _ = element.get("key").partition(":")
        assert not colon or prefix in prefixes
    required = {each.get("key") for each in log.findall(f"{XES}global[@scope='event']/*")}
    for event in log.iter(f"{XES}event"):
        assert required <= {each.get("key") for each in event}


def test_ocel_holds_every_event_with_all_it_is_about(house):
    case = goods.case(house)
    document, tally = _export(house.app, "ocel")
    log = json.loads(document)
    assert set(log) == {"events", "objects", "eventTypes", "objectTypes"}
    assert tally.events == len(log["events"]) == _count(house.app)
    objects = {each["id"]: each for each in log["objects"]}
    assert len(objects) == len(log["objects"])
    about = {each["qualifier"]: each["objectId"] for each in objects[f"case:{case}"]["relationships"]}
    assert about == {"about": "order:SO-1", "goods": "part:CHAIR-01"}
    begun = log["events"][0]
    assert _said(begun)["event"] == "ProcessInstanceStarted"
    assert {each["objectId"] for each in begun["relationships"]} == {
        f"case:{case}",
        "order:SO-1",
        "part:CHAIR-01",
        "person:zhou.min",
    }


def test_ocel_keeps_to_its_own_declarations(house):
    """OCEL 2.0: types declared before use, attributes of declared types, relationships to objects that are there."""
    goods.case(house), goods.case(house)
    log = json.loads(_export(house.app, "ocel")[0])
    kinds = {"string": str, "integer": int, "float": float, "time": str, "boolean": bool}
    for things, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {
            each["name"]: {attribute["name"]: attribute["type"] for attribute in each["attributes"]}
            for each in log[types]
        }
        assert len({each["id"] for each in log[things]}) == len(log[things])
        for each in log[things]:
            for attribute in each["attributes"]:
                kind = declared[each["type"]][attribute["name"]]
                assert isinstance(attribute["value"], kinds[kind]), attribute
    known = {each["id"] for each in log["objects"]}
    for each in (*log["events"], *log["objects"]):
        assert {related["objectId"] for related in each["relationships"]} <= known


def test_goods_that_a_service_moved_are_part_of_its_event(house):
    case = goods.case(house)
    with house.app.database.begin() as session:
        session.execute(
            text(
                "INSERT INTO job (instance_id, root_id, process_key, business_key, activity_id, element_id, type, state,"
                " retries_left, attempts, inputs, headers, idempotency_key, created_at, run_at, ended_at)"
                " SELECT id, id, process_key, business_key, 999, 'review', 'stock.receive', 'completed', 1, 1, '{}', '{}',"
                " 'moved-once', now(), now(), now() FROM process_instance WHERE business_key = :case"
            ),
            {"case": case},
        )
        session.execute(
            text(
                "INSERT INTO stock_movement (number, direction, type, warehouse_id, product_id, quantity, at, person,"
                " idempotency_key) SELECT 'SM-1', 'in', 'return', w.id, p.id, 1, now(), 'system', 'moved-once'"
                " FROM warehouse w, product p WHERE w.is_default AND p.sku = 'CHAIR-01'"
            )
        )
        session.execute(
            text(
                "INSERT INTO history_event (stream, seq, at, type, actor, element_id, activity_id, business_key, payload,"
                " hash) SELECT stream, 10000, at, 'ServiceTaskCompleted', 'system', 'review', 999, business_key, '{}', hash"
                " FROM history_event WHERE business_key = :case AND seq = 1"
            ),
            {"case": case},
        )
    log = json.loads(_export(house.app, "ocel")[0])
    (moved,) = [each for each in log["events"] if _said(each).get("service") == "stock.receive"]
    assert {"objectId": "part:CHAIR-01", "qualifier": "moved"} in moved["relationships"]


def test_csv_holds_a_row_an_event(house):
    case = goods.case(house, wish="=1+1")
    document, tally = _export(house.app, "csv")
    rows = list(csv.DictReader(io.StringIO(document.decode())))
    assert len(rows) == tally.events == _count(house.app)
    assert {row["case"] for row in rows} == {case}
    assert {row["order"] for row in rows} == {"SO-1"}
    assert Counter(row["event"] for row in rows)["UserTaskCreated"] == 1


def test_an_element_is_complete_once(house):
    case = goods.case(house)
    _review(house, case)
    rows = list(csv.DictReader(io.StringIO(_export(house.app, "csv")[0].decode())))
    done = Counter((row["instance"], row["element"]) for row in rows if row["lifecycle"] == "complete")
    reviewed = [row for row in rows if row["element"] == "review" and row["lifecycle"] == "complete"]
    assert [(row["resource"], row["role"]) for row in reviewed] == [("gao.yuan", "operations")]
    assert set(done.values()) == {1}


def test_cases_are_chosen_by_procedure_and_day(house, clock):
    monday = goods.case(house)
    clock.advance(timedelta(days=1))
    tuesday = goods.case(house)
    begins = clock.now() - timedelta(hours=1)
    assert tuesday in _export(house.app, "csv", begins=begins)[0].decode()
    assert monday not in _export(house.app, "csv", begins=begins)[0].decode()
    assert tuesday not in _export(house.app, "csv", ends=begins)[0].decode()
    assert _export(house.app, "csv", process="request")[1].cases == 2
    assert _export(house.app, "csv", process="no_such")[1].cases == 0


def test_a_long_history_is_never_in_memory_as_a_whole(house):
    """Written while it is read: the first piece is there before the last event was fetched."""
    number = goods.case(house)
    with house.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "INSERT INTO history_event (stream, seq, at, type, actor, element_id, activity_id, business_key, payload,"
                " hash) SELECT stream, 1000 + g, at, 'VariablesChanged', actor, NULL, NULL, business_key, payload, hash"
                " FROM history_event, generate_series(1, 20000) g WHERE business_key = :case AND seq = 1"
            ),
            {"case": number},
        )
    tally = mining.Tally()
    with house.app.commands.begin() as ctx:
        pieces = mining.FORMATS["xes"].document(ctx, mining.Selection(), tally)
        size = len(next(pieces))
        assert tally.events < 1000
        largest = max(len(piece) for piece in pieces)
    assert size < 80_000 and largest < 80_000
    assert tally.events == _count(house.app)


def _value(element, key):
    return next(each.get("value") for each in element if each.get("key") == key)


def _said(thing):
    return {each["name"]: each["value"] for each in thing["attributes"]}
