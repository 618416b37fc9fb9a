"""One customer's personal data: handed over whole, erased on request, and every proof still holds."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import func, insert, select, text

from engine.aftersales.personal_data import erasing, exporting
from engine.aftersales.retention import holds
from engine.aftersales.tables import Customer, CustomerMessage, CustomerOrder, Refund
from engine.runtime import receipts, seals
from engine.runtime import verifying as v
from engine.runtime.verification import Walk
from engine.store.base import Base
from engine.store.tables import HistoryEvent, Receipt
from tests.web import goods
from tests.web.test_retention import finish, run
from tests.web.test_sealed_file import check

NAME, PHONE, STREET = "欧阳小明", "13912345678", "Nanjing Road 7"
WISH = f"Money back to {NAME}, call {PHONE}"


@pytest.fixture
def customer(office):
    """A customer with one finished case, full of what is theirs, sealed."""
    goods.furnish(office, customer={"name": NAME, "phone": PHONE, "address": STREET})
    number = goods.case(office, quantity=1, wish=WISH, delivery=f"ring at {STREET}")
    finish(office, number)
    with office.app.database.begin() as session:
        found = session.scalars(select(Customer)).one()
        session.execute(
            insert(CustomerMessage),
            [
                {
                    "number": "M-1",
                    "customer_id": found.id,
                    "channel": "sms",
                    "recipient": PHONE,
                    "language": "zh",
                    "text": f"{NAME}, your chair comes back.",
                    "state": "sent",
                    "created_at": found.created_at,
                    "sent_at": found.created_at,
                    "idempotency_key": "m-1",
                }
            ],
        )
    office.do("admin", seals.make)
    return found.number, number


def erase(office, number, reason="asked for it by e-mail"):
    return office.do("admin", erasing.erase, number, reason=reason)


def everything(office) -> str:
    """The whole database as text."""
    with office.app.database.begin() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f"SELECT to_jsonb(t)::text FROM {table.name} t")).scalars()
        )


def found(office):
    """What a verification names, and the events that receipts erased."""
    kept = seals.folder(office.app.engine)
    walk, breaks, erased = Walk(kept), [], {}
    with office.app.database.begin() as session:
        while walk.after is not None:
            step = walk.step(session)
            breaks += step.breaks
            erased |= step.erased
        wrong = list(receipts.check(session, kept))
    return {each.sentence for each in (*breaks, *wrong)}, erased


def test_nothing_personal_is_left_and_the_history_is_still_proven(office, customer, web):
    number, case = customer
    before = everything(office)
    assert NAME in before and PHONE in before and STREET in before
    receipt = erase(office, number)
    after = everything(office)
    assert [
        each for each in (NAME, PHONE, STREET, "said it wobbles", "about the legs") if each in after
    ] == []
    sentences, erased = found(office)
    assert sentences == set()
    assert erased == {1: len(receipt.events)} and len(receipt.events) > 0
    # Later seals find nothing either.
    assert office.do("admin", seals.make).changed == []
    with office.app.database.begin() as session:
        assert session.scalars(select(Customer)).one().name == "[erased 1]"
        assert session.scalar(select(func.count()).select_from(Refund)) == 1
        assert session.scalars(select(CustomerOrder.customer_id)).one() is not None
        row = session.scalars(select(Receipt)).one()
    assert (row.kind, row.cases, row.by) == ("erasure", [case], "admin")
    assert "customer" in json.loads(row.document)["told"]
    assert NAME not in row.document


def test_a_sealed_file_of_an_erased_case_names_the_receipt(office, customer, browser, tmp_path):
    number, case = customer
    erase(office, number)
    answer = browser("shen.ke").post(f"/audit/{case}/sealed-file")
    path = tmp_path / "case.zip"
    path.write_bytes(answer.content)
    with zipfile.ZipFile(path) as packed:
        assert all(NAME not in packed.read(each).decode(errors="replace") for each in packed.namelist())
    code, words = check(path)
    assert code == 0, words
    assert "which are as receipts/000001.json left them" in words
    assert f"EVERYTHING HOLDS: case {case} is as it was recorded." in words


def test_the_audit_of_an_erased_case_still_proves_it(office, customer, browser):
    number, case = customer
    erase(office, number)
    page = browser("shen.ke").post(f"/audit/{case}").text
    assert "Proven" in page
    assert "were erased by receipt 1 and are as it left them." in page
    assert "Seal 1 of 2026-11-02 covers all of it, and it is as it was sealed." in page


def test_running_cases_refuse(office, customer, web):
    number, _ = customer
    running = goods.case(office, quantity=1)
    with pytest.raises(erasing.CasesRunning, match=running):
        erase(office, number)


def test_held_cases_refuse(office, customer, web):
    number, case = customer
    office.do("admin", holds.place, case, "A dispute.")
    with pytest.raises(erasing.CasesHeld, match=case):
        erase(office, number)


def test_it_is_done_once_and_with_a_reason(office, customer, web):
    number, _ = customer
    with pytest.raises(holds.ReasonNeeded):
        erase(office, number, reason=" ")
    erase(office, number)
    with pytest.raises(erasing.AlreadyErased, match="receipt 1"):
        erase(office, number)


def test_what_was_changed_before_is_not_covered_up(office, customer, web):
    number, case = customer
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("UPDATE history_event SET actor = 'x' WHERE business_key = :c AND seq = 2"), {"c": case}
        )
    with pytest.raises(erasing.NotProvable, match=case):
        erase(office, number)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        # The change hides behind the receipt of the same event.
        ("UPDATE history_event SET payload = replace(payload, 'quality', 'no_reason') WHERE seq = 1", v.ERASED_OTHERWISE),
        ("UPDATE history_event SET actor = 'xu.dan' WHERE seq = 1", v.ERASED_OTHERWISE),
        # Something else is made to look erased.
        ("UPDATE history_event SET payload = replace(payload, 'approve', '[erased 1]') WHERE payload ~ 'prove'", v.CHANGED),
        # The receipt is made to say more than it said.
        ("UPDATE receipt SET document = replace(document, 'by e-mail', 'by phone')", receipts.FILE_OTHER),
        ("DELETE FROM receipt", receipts.ROW_MISSING),
    ],
)  # fmt: skip
def test_a_change_that_hides_behind_an_erasure_is_found(office, customer, web, change, sentence):
    number, _ = customer
    erase(office, number)
    office.do("admin", seals.make)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        suffix = " AND stream > 0" if "history_event" in change else ""
        assert session.execute(text(change + suffix)).rowcount
    assert sentence in found(office)[0]


def test_what_comes_back_from_a_backup_is_named(office, customer, web):
    number, case = customer
    with office.app.database.begin() as session:
        kept = session.execute(
            select(HistoryEvent.id, HistoryEvent.payload).where(HistoryEvent.business_key == case)
        ).all()
    erase(office, number)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for row in kept:
            session.execute(
                text("UPDATE history_event SET payload = :p WHERE id = :id"), {"p": row.payload, "id": row.id}
            )
    assert found(office)[0] == {v.NOT_ERASED}


def test_archives_of_the_customer_go_too(office, customer, web):
    from tests.web.test_retention import THREE_YEARS

    number, case = customer
    office.app.engine.clock.advance(THREE_YEARS)
    assert run(office).done == 1
    archive = next((office.app.engine.var_dir / "archive").rglob("*.zip"))
    assert erase(office, number).told["archives"] == [f"{archive.parent.name}/{case}.zip"]
    assert not archive.exists()
    assert found(office) == (set(), {})


def test_everything_held_is_handed_over(office, customer, web):
    number, case = customer
    file = io.BytesIO()
    office.do("admin", exporting.write, number, file, {})
    with zipfile.ZipFile(file) as packed:
        document = json.loads(packed.read("customer.json"))
        pictures = [each for each in packed.namelist() if each.startswith("attachments/")]
    assert document["customer"]["name"] == NAME
    assert [each["number"] for each in document["cases"]] == [case]
    assert WISH in json.dumps(document["cases"][0]["events"], ensure_ascii=False)
    assert {name: len(document[name]) for name in ("orders", "messages", "calls", "notes", "attachments")} == {
        "orders": 1, "messages": 1, "calls": 1, "notes": 1, "attachments": 1,
    }  # fmt: skip
    assert len(pictures) == 1


def test_an_administrator_previews_hands_over_and_erases_in_the_browser(office, customer, browser):
    number, case = customer
    admin = browser("admin")
    assert case in admin.get(f"/personal-data/{number}").text
    assert number in admin.get("/personal-data", params={"q": number}).text
    answer = admin.post(f"/personal-data/{number}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert NAME in packed.read("customer.zh.html").decode()
        assert WISH in packed.read(f"cases/{case}.en.html").decode()
    page = admin.post(f"/personal-data/{number}/erase", {"reason": "asked by e-mail"})
    assert "Erased with receipt 1." in page.text
    assert "asked by e-mail" in admin.get("/operate/retention/receipts/1").text
    assert NAME not in admin.get(f"/personal-data/{number}").text
    refused = admin.post(f"/personal-data/{number}/erase", {"reason": "again"})
    assert "was erased with receipt 1" in refused.text


def test_the_page_says_which_cases_have_to_end_first(office, customer, browser):
    number, _ = customer
    running = goods.case(office, quantity=1)
    page = browser("admin").get(f"/personal-data/{number}").text
    assert f"Cases of this customer are running: {running}." in page
    assert "Erase for ever" not in page
