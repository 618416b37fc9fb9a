"""Messages to customers leave the house, once, and say why when they do not."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import orjson
import pytest
from pydantic import SecretStr

import engine.aftersales.tables as t
from config import settings as settings_module
from config.settings import BadSetting, Integration
from engine.aftersales import http_call, mail, messages, sending
from engine.bootstrap import application
from engine.runtime import deployments
from engine.runtime.bundles import Bundle
from engine.runtime.context import SYSTEM
from engine.runtime.queue import Deferred


class PostOffice(socketserver.ThreadingTCPServer):
    """A small SMTP server: keeps what it is given, refuses recipients it is told to."""

    daemon_threads, allow_reuse_address = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mail: list[tuple[str, object]] = []
        #: Answer to every recipient.
        self.answer = "250 ok"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        office: PostOffice = self.server  # type: ignore[assignment]
        self._say("220 here")
        recipient = ""
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].rstrip(">")
                self._say(office.answer)
            elif verb == b"DATA":
                self._say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text)
                office.mail.append((recipient, message_from_bytes(b"".join(lines), policy=policy.default)))
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield office
        office.shutdown()


class Kept:
    """A queue that keeps everything, as an installation's does."""

    def __init__(self) -> None:
        self.work: list[Deferred] = []

    def defer(self, session, work):  # type: ignore[no-untyped-def]
        self.work.extend(work)


@pytest.fixture
def queue() -> Kept:
    return Kept()


@pytest.fixture
def settings(settings, post_office):  # type: ignore[no-untyped-def]
    return settings.model_copy(
        update={
            "smtp_url": SecretStr(post_office.url),
            "mail_from": "Service <service@shop.example>",
            "integrations": {"message.sms": Integration(url="https://gateway.example/sms", secret="sms")},
            "secrets": {"sms": SecretStr("s3cret")},
        }
    )


def written(desk, channel="email", recipient="wang@customer.example", **fields) -> int:
    """A message as `customer.notify` leaves it; its id."""
    case_id = desk.case()

    def build(session) -> int:  # type: ignore[no-untyped-def]
        row = t.CustomerMessage(
            number="M-1",
            case_id=case_id,
            channel=channel,
            recipient=recipient,
            language="zh",
            text="您的退款已到账。",
            created_at=desk.app.engine.clock.now(),
            idempotency_key="notify-1",
            **fields,
        )
        session.add(row)
        session.flush()
        return row.id

    return desk.write(build)


def message(desk) -> t.CustomerMessage:
    return desk.one(t.CustomerMessage)


def test_a_message_is_sent_after_the_step_that_wrote_it(desk, queue):
    customer = desk.write(_customer)
    desk.case(customer_id=customer)
    desk.do(
        "customer.notify",
        job={"headers": {"text": "Hello", "channel": "email"}, "definition_id": _deployed(desk)},
    )
    (work,) = [item for item in queue.work if item.kind == "delivery"]
    assert work.id == message(desk).id and work.at is None


def _customer(session) -> int:  # type: ignore[no-untyped-def]
    row = t.Customer(number="C1", name="Wang", phone="13800138000", email="wang@customer.example")
    session.add(row)
    session.flush()
    return row.id


def _deployed(desk) -> int:
    """The version whose words the message is translated by."""
    file = Path(__file__).parent / "diagrams" / "look_at_it.bpmn"
    with desk.app.commands.begin() as ctx:
        bundle = Bundle(process_key="look_at_it", files={("bpmn", file.name): file.read_bytes()})
        definition, _ = deployments.deploy(ctx, bundle)
        return definition.id


def test_an_e_mail_reaches_the_customer_in_their_language_and_is_sent_once(desk, post_office):
    number = written(desk)
    for _ in range(2):
        sending.deliver(desk.app.commands, number)
    ((recipient, mail_),) = post_office.mail
    assert recipient == "wang@customer.example"
    assert mail_["From"] == "Service <service@shop.example>" and "CASE-1" in mail_["Subject"]
    assert mail_.get_content().strip() == "您的退款已到账。"
    sent = message(desk)
    assert (sent.state, sent.sent_at, sent.problem) == ("sent", desk.app.engine.clock.now(), "")


def test_the_same_message_bears_the_same_id(desk, post_office, settings):
    for _ in range(2):
        mail.send(settings, to="a@b.example", subject="x", text="y", key="notify-1")
    first, second = (mail_["Message-ID"] for _, mail_ in post_office.mail)
    assert first == second


def test_many_workers_send_it_once(desk, post_office):
    number = written(desk)
    desk.at_once(lambda _: sending.deliver(desk.app.commands, number), times=8)
    assert len(post_office.mail) == 1


def test_who_cannot_be_reached_now_is_tried_again_later_and_at_last_given_up(desk, post_office, queue, clock):
    post_office.answer = "451 try later"
    number = written(desk)
    for pause in sending.PAUSES:
        sending.deliver(desk.app.commands, number)
        assert message(desk).state == "queued" and "451 try later" in message(desk).problem
        assert queue.work.pop() == Deferred(kind="delivery", id=number, at=clock.now() + pause)
        clock.advance(pause)
    sending.deliver(desk.app.commands, number)
    assert message(desk).state == "failed" and queue.work == []


@pytest.mark.parametrize("answer", ["550 nobody here", "553 no such mailbox"])
def test_what_is_refused_for_good_is_not_tried_again(desk, post_office, queue, answer):
    post_office.answer = answer
    sending.deliver(desk.app.commands, written(desk))
    assert (message(desk).state, message(desk).problem, queue.work) == ("failed", answer, [])


@pytest.mark.parametrize("recipient", ["", "not an address", "a@b.example\r\nBcc: all@b.example"])
def test_without_an_address_it_fails_at_once_and_says_so(desk, post_office, recipient):
    sending.deliver(desk.app.commands, written(desk, recipient=recipient))
    assert message(desk).state == "failed" and message(desk).problem
    assert post_office.mail == []


class Gateway:
    """The company's SMS gateway."""

    def __init__(self, monkeypatch, status=200, answer=None) -> None:  # type: ignore[no-untyped-def]
        self.requests: list[httpx.Request] = []
        self.status, self.answer = status, answer or {}
        real = http_call.send

        def answer_(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return httpx.Response(self.status, json=self.answer)

        monkeypatch.setattr(
            http_call, "send", lambda *a, **k: real(*a, **k, transport=httpx.MockTransport(answer_))
        )


def test_another_channel_goes_by_the_company_s_own_system(desk, monkeypatch):
    gateway = Gateway(monkeypatch)
    sending.deliver(desk.app.commands, written(desk, channel="sms", recipient="13800138000"))
    (request,) = gateway.requests
    assert request.headers["Idempotency-Key"] == "notify-1"
    assert request.headers["Authorization"] == "Bearer s3cret"
    assert orjson.loads(request.content) == {
        "number": "M-1",
        "channel": "sms",
        "recipient": "13800138000",
        "language": "zh",
        "text": "您的退款已到账。",
        "caseNumber": "CASE-1",
    }
    assert message(desk).state == "sent"


def test_a_gateway_that_refuses_is_final_and_one_that_is_down_is_not(desk, monkeypatch, queue):
    gateway = Gateway(monkeypatch, 503)
    number = written(desk, channel="sms")
    sending.deliver(desk.app.commands, number)
    assert (message(desk).state, message(desk).problem) == ("queued", "gateway.example answered 503")
    gateway.status, gateway.answer = 422, {"error": {"code": "BLOCKED", "message": "on the block list"}}
    sending.deliver(desk.app.commands, number)
    assert (message(desk).state, message(desk).problem) == ("failed", "on the block list")


def test_a_failed_message_is_sent_again_and_a_sent_one_is_not(desk, post_office, queue):
    post_office.answer = "550 mailbox full"
    number = written(desk)
    sending.deliver(desk.app.commands, number)
    post_office.answer = "250 ok"
    with desk.app.commands.begin(SYSTEM) as ctx:
        messages.send_again(ctx, "CASE-1", "M-1")
    assert queue.work == [Deferred(kind="delivery", id=number)]
    sending.deliver(desk.app.commands, number)
    assert message(desk).state == "sent"
    with desk.app.commands.begin(SYSTEM) as ctx, pytest.raises(messages.MessageSent):
        messages.send_again(ctx, "CASE-1", "M-1")


def test_without_a_sender_it_waits(desk, queue):
    number = written(desk, channel="wechat")
    sending.deliver(desk.app.commands, number)
    assert message(desk).state == "queued" and message(desk).attempts == 0
    with desk.app.commands.begin(SYSTEM) as ctx, pytest.raises(messages.NoSender):
        messages.send_again(ctx, "CASE-1", "M-1")
    assert queue.work == []


def test_a_queue_worked_by_hand_never_sends(settings, database, clock):
    from engine.runtime.queue import HandQueue

    queue = HandQueue()
    app = application(settings, database=database, clock=clock, queue=queue)
    with app.database.begin() as session:
        app.engine.queue.defer(session, [Deferred(kind="delivery", id=1), Deferred(kind="job", id=2)])
    assert [item.kind for item in queue.work] == ["job"]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"smtp_url": "http://mail.example"}, "Setting smtp_url"),
        ({"smtp_url": "smtp://mail.example"}, "Setting mail_from"),
        ({"smtp_url": "smtp://mail.example", "mail_from": "nobody"}, "Setting mail_from"),
    ],
)
def test_a_bad_setting_is_a_sentence_at_start(given, complaint):
    with pytest.raises(BadSetting, match=complaint):
        settings_module.load(**given)


def test_a_password_never_travels_in_the_clear(monkeypatch, settings):
    from smtplib import SMTPException

    class Plain:
        def __init__(self, *_a, **_k) -> None: ...

        def ehlo(self) -> None: ...

        def has_extn(self, _name: str) -> bool:
            return False

        def login(self, *_a) -> None:  # type: ignore[no-untyped-def]
            raise AssertionError("sent")

        def close(self) -> None: ...

    monkeypatch.setattr("smtplib.SMTP", Plain)
    away = settings.model_copy(update={"smtp_url": SecretStr("smtp://me:secret@mail.example")})
    with pytest.raises(SMTPException, match="offers no encryption"):
        mail.send(away, to="a@b.example", subject="x", text="y", key="k")
