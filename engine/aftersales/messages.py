"""Messages to customers, in their language, from the diagram's own texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from engine.aftersales import cases, numbers, sending
from engine.aftersales.tables import AftersalesCase, Customer, CustomerMessage
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.runtime.queue import Deferred
from engine.runtime.refusals import NotFound, Refusal
from engine.runtime.unit import Unit


class MessageSent(Refusal):
    """What has been sent is not sent a second time."""

    code = "message_sent"
    sentence = "Message {number} has been sent already."


class NoSender(Refusal):
    """The installation has nothing set up that sends messages of this channel."""

    code = "no_sender"
    sentence = "No sender is set up for this channel. An administrator sets one up in the settings."


def notify(ctx: Context, job: Job) -> dict[str, Any]:
    """`customer.notify`: headers text, channel -> messageNumber in the outbox; null without a customer.

    The text may hold `{{ FEEL }}` over the job's inputs. Raises `FeelError`.
    """
    case = cases.of(ctx, job)
    if case is None or case.customer_id is None:
        return {"messageNumber": None}
    customer = ctx.session.get_one(Customer, case.customer_id, populate_existing=True)
    channel = job.headers.get("channel") or ("sms" if customer.phone else "email")
    number = numbers.following(ctx, "message")
    message_id = ctx.session.execute(
        insert(CustomerMessage)
        .values(
            number=number,
            case_id=case.id,
            customer_id=customer.id,
            channel=channel,
            recipient=customer.email if channel == "email" else customer.phone,
            language=customer.language,
            text=text_of(ctx, job, customer.language),
            created_at=ctx.now,
            idempotency_key=job.idempotency_key,
        )
        .returning(CustomerMessage.id)
    ).scalar_one()
    _deliver(ctx, message_id, channel)
    return {"messageNumber": number}


def send_again(ctx: Context, case_number: str, message_number: str) -> None:
    """Try anew to send a message that failed, or that waited for a sender. Raises `NotFound`, `MessageSent`, `NoSender`."""
    message = ctx.session.scalar(
        select(CustomerMessage)
        .join(AftersalesCase, AftersalesCase.id == CustomerMessage.case_id)
        .where(CustomerMessage.number == message_number, AftersalesCase.number == case_number)
        .with_for_update(of=CustomerMessage)
    )
    if message is None:
        raise NotFound(what="message", id=message_number)
    if message.state == "sent":
        raise MessageSent(number=message_number)
    if not sending.can_send(ctx.engine.settings, message.channel):
        raise NoSender(channel=message.channel)
    ctx.session.execute(
        update(CustomerMessage)
        .where(CustomerMessage.id == message.id)
        .values(state="queued", attempts=0, problem=""),
        execution_options={"synchronize_session": False},
    )
    _deliver(ctx, message.id, message.channel)


def _deliver(ctx: Context, message_id: int, channel: str) -> None:
    """Once this command has committed, somebody sends it; without a sender it waits, and its page says for what."""
    if sending.can_send(ctx.engine.settings, channel):
        with Unit.of(ctx) as unit:
            unit.deferred.append(Deferred(kind="delivery", id=message_id))


def text_of(ctx: Context, job: Job, language: str) -> str:
    """What the diagram has a service task say, in a language. Raises `FeelError`."""
    definition = ctx.engine.definitions.get(ctx.session, job.definition_id)
    template = definition.translate(job.headers["text"], language)
    variables = {"caseNumber": job.business_key, **job.inputs}

    def translate(value: str) -> str:
        return definition.translate(value, language)

    return ctx.engine.feel.template(template, variables, now=ctx.now, translate=translate)


def of_case(ctx: Context, case_id: int) -> list[CustomerMessage]:
    """Messages about a case, oldest first."""
    return list(
        ctx.session.scalars(
            select(CustomerMessage).where(CustomerMessage.case_id == case_id).order_by(CustomerMessage.id)
        )
    )
