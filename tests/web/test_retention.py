"""What was kept long enough is archived and removed with a receipt, and everything else stays provable."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from engine.aftersales import attachments, cases, notes
from engine.aftersales.retention import archives, due, holds, runs
from engine.aftersales.tables import (
    AftersalesCase,
    Attachment,
    CallLog,
    CaseLink,
    Charge,
    CustomerMessage,
    Note,
    Refund,
    RetentionRun,
    StaffNotice,
)
from engine.runtime import receipts, seals, user_tasks, verification
from engine.runtime.verification import Walk
from engine.store.base import Base
from engine.store.tables import HistoryEvent, ProcessInstance, Receipt, UserTask
from tests.web import goods

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
THREE_YEARS = timedelta(days=1096)


def finish(office, number):
    """Take a case to its end, with everything people leave on the way."""
    found = office.do("zhou.min", cases.by_number, number)

    def live(ctx):
        attachments.add(ctx, "chair.png", io.BytesIO(PICTURE + number.encode()), case_id=found.id)
        notes.add(ctx, number, "Ask @gao.yuan about the legs.")
        ctx.session.execute(
            insert(CallLog),
            [
                {
                    "customer_id": found.customer_id,
                    "case_id": found.id,
                    "person": "zhou.min",
                    "at": ctx.now,
                    "outcome": "reached",
                    "remark": "said it wobbles",
                    "idempotency_key": f"call-{number}",
                }
            ],
        )

    office.do("zhou.min", live)
    goods.pay_back(office, number)
    office.do("gao.yuan", user_tasks.claim, office.task("review", number).id)
    office.do("gao.yuan", user_tasks.complete, office.task("review", number).id, {"decision": "approve"})
    office.do("wang.fang", user_tasks.claim, office.task("confirm", number).id)
    office.do("wang.fang", user_tasks.complete, office.task("confirm", number).id, {})


@pytest.fixture
def old(office):
    """Two cases of three years ago, sealed, and a new one."""
    goods.furnish(office, customer={"name": "王小明"})
    made = [goods.case(office, quantity=1) for _ in range(2)]
    for number in made:
        finish(office, number)
    office.app.engine.clock.advance(THREE_YEARS)
    made.append(goods.case(office, quantity=1))
    office.do("admin", seals.make)
    return made


def run(office, reason="their time is over"):
    asked = office.do("admin", runs.ask, reason=reason).id
    runs.run(office.app.commands, asked)
    with office.app.database.begin() as session:
        return session.get_one(RetentionRun, asked)


def said(office):
    """What a verification finds, and what it says of receipts."""
    kept = seals.folder(office.app.engine)
    walk, breaks, removed = Walk(kept), [], 0
    with office.app.database.begin() as session:
        while walk.after is not None:
            step = walk.step(session)
            breaks += step.breaks
            removed += step.removed
        breaks += receipts.check(session, kept)
    return [each.reason for each in breaks], removed


def test_a_case_kept_long_enough_is_archived_and_removed_and_every_seal_still_holds(office, old, web):
    first, second, new = old
    done = run(office)
    assert (done.done, done.total, done.left) == (2, 2, [])
    assert done.ended_at is not None
    with office.app.database.begin() as session:
        assert set(session.scalars(select(ProcessInstance.business_key))) == {new}
        assert set(session.scalars(select(HistoryEvent.business_key).where(HistoryEvent.stream > 0))) == {new}
        receipt = session.scalars(select(Receipt)).one()
        assert (receipt.kind, receipt.cases, receipt.by) == ("removal", [first, second], "admin")
    assert said(office) == ([], 2)
    # The next seal finds nothing missing either, and after it the histories are on no list any more.
    assert office.do("admin", seals.make).changed == []
    assert said(office) == ([], 0)


def test_a_check_that_goes_on_while_cases_are_removed_raises_no_alarm(office, old, web, monkeypatch):
    read, removed = verification.chains, []

    def meanwhile(*given):
        if not removed:
            removed.append(run(office))
        return read(*given)

    monkeypatch.setattr(verification, "chains", meanwhile)
    assert said(office) == ([], 2)


def test_the_archive_says_offline_that_it_is_what_was_recorded(office, old, web, tmp_path):
    from tests.web.test_sealed_file import check

    run(office)
    (receipt,) = office.do("admin", lambda ctx: list(ctx.session.scalars(select(Receipt))))
    about = receipts.read(receipt.document).told["cases"][0]
    assert about["file"] == f"2026/{old[0]}.zip"
    kept = archives.Archive(file=about["file"], digest=about["sha256"], size=about["bytes"])
    path = tmp_path / "archive.zip"
    with archives.open_kept(office.app.engine, kept) as file:
        path.write_bytes(file.read())
    assert path.stat().st_size == about["bytes"]
    with zipfile.ZipFile(path) as packed:
        assert "王小明" in packed.read("case.zh.html").decode()
    code, words = check(path)
    assert code == 0
    assert f"EVERYTHING HOLDS: case {old[0]} is as it was recorded." in words


def test_the_accounts_stay_and_nothing_else_does(office, old, web):
    """Every table that can name a case or an instance, found by its foreign keys, so that a new one is thought of."""
    first = office.do("zhou.min", cases.by_number, old[0])
    with office.app.database.begin() as session:
        files = list(session.scalars(select(Attachment.digest).where(Attachment.case_id == first.id)))
    run(office)
    stays = {"refund", "case_line"}
    with office.app.database.begin() as session:
        for table in Base.metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.column.table.name == "aftersales_case":
                    n = session.scalar(select(func.count()).select_from(table).where(key.parent == first.id))
                    assert (n > 0) == (table.name in stays), table.name
        line = session.get_one(AftersalesCase, first.id)
        assert (line.refunded, line.summary, line.process_instance_id) == (100, "", None)
        assert session.scalar(select(func.count()).where(Refund.case_id == first.id)) == 1
        assert session.scalar(select(func.count()).where(StaffNotice.case_id == first.id)) == 0
    storage = attachments.FileStorage(office.app.engine.var_dir / attachments.FOLDER)
    assert len(files) == 1
    with pytest.raises(attachments.NotFound):
        storage.open(files[0])


def test_a_removed_case_says_where_it_went(office, old, browser):
    run(office)
    answer = browser("zhou.min").get(f"/cases/{old[0]}")
    assert answer.status_code == 404
    assert f"The records of case {old[0]} were archived and removed with receipt 1." in answer.text
    assert old[0] not in browser("zhou.min").get("/cases").text
    assert browser("shen.ke").get(f"/audit/{old[0]}").status_code == 404


def test_what_is_held_stays_until_the_hold_is_lifted(office, old, web):
    office.do("admin", holds.place, old[0], "The court asked for it.")
    assert [each.number for each in office.do("admin", due.cases, limit=9)] == [old[1]]
    assert run(office).done == 1
    with pytest.raises(runs.NothingDue):
        run(office)
    office.do("admin", holds.lift, old[0], "The court has decided.")
    assert run(office).done == 1
    told = office.do(
        "admin",
        lambda ctx: list(
            ctx.session.scalars(
                select(HistoryEvent.type).where(HistoryEvent.business_key == old[0]).order_by(HistoryEvent.id)
            )
        ),
    )
    assert told == ["CaseHeld", "CaseHoldLifted"]


def test_money_still_owed_keeps_a_case(office, old, web):
    case = office.do("zhou.min", cases.by_number, old[0])
    charge = {
        "number": "CH-1",
        "case_id": case.id,
        "amount": 20,
        "purpose": "repair",
        "created_at": case.applied_at,
        "created_by": "system",
        "idempotency_key": "owed",
    }
    with office.app.database.begin() as session:
        session.execute(insert(Charge), [charge])
    shares = {each.process_key: each for each in office.do("admin", due.shares)}
    assert (shares["request"].kept, shares["request"].due, shares["request"].bound) == (2, 1, 1)


def test_a_case_linked_with_one_that_goes_on_waits_for_it_and_nobody_else_does(office, old, web):
    first, second, new = (office.do("admin", cases.by_number, number).id for number in old)
    with office.app.database.begin() as session:
        linked = {"kind": "started", "created_at": func.now(), "created_by": "system"}
        session.execute(insert(CaseLink).values(from_case_id=first, to_case_id=new, **linked))
        session.execute(insert(CaseLink).values(from_case_id=first, to_case_id=second, **linked))
    assert [each.number for each in office.do("admin", due.cases, limit=9)] == [old[1]]
    (share,) = office.do("admin", due.shares)
    assert (share.due, share.bound) == (1, 1)


def test_each_procedure_has_its_own_time(office, old, web, tmp_path):
    rules = tmp_path / "retention.toml"
    rules.write_text("days = 100\n[procedures]\nrequest = 2000\n", encoding="utf-8")
    object.__setattr__(office.app.settings, "retention_file", rules)
    assert office.do("admin", due.count) == 0
    (share,) = office.do("admin", due.shares)
    closed = office.do("admin", cases.by_number, old[0]).closed_at
    assert (share.days, share.next_at) == (2000, closed + timedelta(days=2000))


def test_a_case_whose_history_was_changed_is_not_removed(office, old, web):
    """A receipt would cover it up."""
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            update(HistoryEvent)
            .where(HistoryEvent.business_key == old[0], HistoryEvent.seq == 2)
            .values(actor="x")
        )
    done = run(office)
    assert done.done == 1
    assert [(each["case"], each["sentence"]) for each in done.left] == [(old[0], runs.NOT_AS_RECORDED)]


def test_a_case_that_no_seal_covers_yet_waits_for_one(office, web):
    goods.furnish(office)
    number = goods.case(office, quantity=1)
    finish(office, number)
    office.app.engine.clock.advance(THREE_YEARS)
    done = run(office)
    assert (done.done, [each["sentence"] for each in done.left]) == (0, [runs.NOT_SEALED])


def test_one_run_takes_so_many_and_the_next_goes_on(office, old, web, tmp_path):
    rules = tmp_path / "retention.toml"
    rules.write_text("days = 1095\nmost = 1\n", encoding="utf-8")
    object.__setattr__(office.app.settings, "retention_file", rules)
    assert (run(office).done, run(office).done) == (1, 1)
    assert said(office) == ([], 2)


def test_the_daily_run_follows_the_seal_where_the_rules_want_it(office, old, web, queue, tmp_path):
    made = runs.make_due(office.app.commands)
    assert made.asked_by == "system"
    assert [(each.kind, each.id) for each in queue.work if each.kind == "retention"] == [
        ("retention", made.id)
    ]
    assert runs.make_due(office.app.commands) is None  # one goes on
    rules = tmp_path / "retention.toml"
    rules.write_text("days = 1\ndaily = false\n", encoding="utf-8")
    object.__setattr__(office.app.settings, "retention_file", rules)
    assert runs.make_due(office.app.commands) is None


def test_without_a_receipt_nothing_of_a_history_goes(office, old, web):
    """Neither by mistake nor with a receipt of another case."""
    run(office)
    for given in ("", "1"):
        with pytest.raises(Exception, match="without a receipt"), office.app.database.begin() as session:
            session.execute(text("SELECT set_config('aftercare.receipt', :given, true)"), {"given": given})
            session.execute(
                text("DELETE FROM history_event WHERE business_key = :number"), {"number": old[2]}
            )


def test_a_removal_that_fails_leaves_everything(office, old, web, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(runs.removing, "remove", fail)
    with pytest.raises(RuntimeError):
        run(office)
    assert said(office) == ([], 0)
    with office.app.database.begin() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 0
        assert session.scalar(select(func.count()).select_from(Note)) == 2
        assert session.scalar(select(func.count()).select_from(UserTask)) >= 2
        assert session.scalar(select(func.count()).select_from(CustomerMessage)) is not None
    monkeypatch.undo()
    runs.run(office.app.commands, 1)
    assert said(office) == ([], 2)


def test_an_administrator_sees_what_is_due_and_lets_it_go(office, old, browser, queue):
    admin = browser("admin")
    page = admin.get("/operate/retention").text
    assert old[0] in page and "Archive and remove 2 cases" in page
    admin.post("/operate/retention/holds", {"number": old[1], "reason": "The court asked for it."})
    assert "The court asked for it." in admin.get("/operate/retention").text
    assert "The workers do it now." in admin.post("/operate/retention", {"reason": "It is time."}).text
    assert "Cases are being archived" in admin.get("/operate/retention").text
    (asked,) = [each for each in queue.work if each.kind == "retention"]
    runs.run(office.app.commands, asked.id)
    page = admin.get("/operate/retention").text
    assert "1 case removed" in page and "Cases are being archived" not in page
    assert old[0] in admin.get("/operate/retention/receipts/1").text
    archive = admin.get(f"/operate/retention/receipts/1/{old[0]}.zip")
    assert zipfile.ZipFile(io.BytesIO(archive.content)).testzip() is None
    assert admin.get("/operate/retention/receipts/1/receipt.json").json()["number"] == 1
    admin.post(f"/operate/retention/holds/{old[1]}/lift", {"reason": "The court has decided."})
    assert "The court asked for it." not in admin.get("/operate/retention").text
    path = next((office.app.engine.var_dir / "archive").rglob("*.zip"))
    path.write_bytes(b"something else")
    assert admin.get(f"/operate/retention/receipts/1/{old[0]}.zip").status_code == 404


def test_a_reason_is_asked_for(office, old, browser):
    assert browser("admin").post("/operate/retention", {"reason": " "}).status_code == 422
