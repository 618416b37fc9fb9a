"""What the case page and Operate say of messages on their way to the customer."""

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from engine.aftersales.tables import AftersalesCase, CustomerMessage
from tests.wire import count_statements


@pytest.fixture
def settings(settings):
    return settings.model_copy(
        update={"smtp_url": SecretStr("smtp://127.0.0.1:9"), "mail_from": "service@shop.example"}
    )


@pytest.fixture
def write(app):
    """A message to the customer of a case, in some state."""

    def written(case, number="M-1", channel="email", **fields):
        with app.database.begin() as session:
            case_id = session.scalar(select(AftersalesCase.id).where(AftersalesCase.number == case))
            session.add(
                CustomerMessage(
                    **{
                        "number": number,
                        "case_id": case_id,
                        "channel": channel,
                        "recipient": "wang@customer.example",
                        "language": "en",
                        "text": f"Text of {number}",
                        "created_at": app.engine.clock.now(),
                        "idempotency_key": number,
                        **fields,
                    }
                )
            )

    return written


def test_a_channel_without_a_sender_says_what_it_waits_for(browser, office, write):
    case = office.case()
    write(case, channel="sms")
    page = browser("gao.yuan").get(f"/cases/{case}?tab=messages").text
    assert "waits: no sender is set up for SMS" in page and "/send" not in page
    assert "短信尚未设置发送方式" in browser("wang.fang").get(f"/cases/{case}?tab=messages").text
    operate = browser("admin").get("/operate").text
    assert "none is set up: messages wait" in operate and "SMS" in operate


def test_a_failed_message_says_why_and_is_sent_again(app, browser, office, write):
    case = office.case()
    write(case, state="failed", attempts=1, problem="550 mailbox full")
    gao = browser("gao.yuan")
    page = gao.get(f"/cases/{case}?tab=messages").text
    assert "could not be sent" in page and "550 mailbox full" in page and "Send again" in page
    answer = gao.post(f"/cases/{case}/messages/M-1/send")
    assert "The message is on its way again." in answer.text and "waiting to be sent" in answer.text
    with app.database.begin() as session:
        assert session.scalars(select(CustomerMessage.state)).one() == "queued"


def test_one_that_is_tried_again_by_itself_says_so(browser, office, write):
    case = office.case()
    write(case, attempts=2, problem="mail.example could not be reached")
    page = browser("gao.yuan").get(f"/cases/{case}?tab=messages").text
    assert "tried 2 times, will be tried again" in page and "Send now" in page


def test_what_was_sent_or_is_another_cases_is_not_sent_again(browser, office, write, clock):
    case, other = office.case(), office.case()
    write(case, state="sent", sent_at=clock.now())
    gao = browser("gao.yuan")
    assert (
        "Send"
        not in gao.get(f"/cases/{case}?tab=messages").text.partition('class="talk"')[2].split("</ol>")[0]
    )
    assert gao.post(f"/cases/{case}/messages/M-1/send").status_code == 409
    assert gao.post(f"/cases/{other}/messages/M-1/send").status_code == 404
    assert browser("shen.ke").post(f"/cases/{case}/messages/M-1/send").status_code == 403


def test_the_tab_costs_the_same_however_many_there_are(app, browser, office, write):
    case, gao = office.case(), browser("gao.yuan")
    write(case, "M-0")
    costs = []
    for batch in range(2):
        statements = count_statements()
        gao.get(f"/cases/{case}?tab=messages")
        costs.append(len(statements))
        for n in range(5):
            write(case, f"M-{batch}-{n}", channel="sms")
    assert costs[0] == costs[1]
