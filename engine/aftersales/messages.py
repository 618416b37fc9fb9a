"""Messages to customers and notices to staff, in the reader's language, from the diagram's own texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from engine.aftersales import cases, numbers
from engine.aftersales.tables import Customer, CustomerMessage, StaffNotice, StaffNoticeRead
from engine.runtime.context import Context
from engine.runtime.jobs import Job
from engine.store.tables import Person

#: Diagrams are written in English; their words translate from it.
SOURCE_LANGUAGE = "en"


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
    ctx.session.execute(
        insert(CustomerMessage).values(
            number=number,
            case_id=case.id,
            customer_id=customer.id,
            channel=channel,
            recipient=customer.email if channel == "email" else customer.phone,
            language=customer.language,
            text=_text(ctx, job, customer.language),
            created_at=ctx.now,
            idempotency_key=job.idempotency_key,
        )
    )
    return {"messageNumber": number}


def notify_staff(ctx: Context, job: Job) -> dict[str, Any]:
    """`staff.notify`: headers text, role or person (either may be `=FEEL`) -> {}.

    Raises `FeelError`, `ValueError`.
    """
    role, person = (_header(ctx, job, name) for name in ("role", "person"))
    if not role and not person:
        raise ValueError("staff.notify needs the header role or person")
    if role:
        role = ctx.organisation.role_of_lane(role) or role
    definition = ctx.engine.definitions.get(ctx.session, job.definition_id)
    case = cases.of(ctx, job)
    ctx.session.execute(
        insert(StaffNotice).values(
            role=None if person else role,
            person=person or None,
            case_id=case.id if case else None,
            texts={language: _text(ctx, job, language) for language in (SOURCE_LANGUAGE, *definition.words)},
            created_at=ctx.now,
            idempotency_key=job.idempotency_key,
        )
    )
    return {}


def _header(ctx: Context, job: Job, name: str) -> str:
    value = ctx.engine.feel.value(job.headers.get(name) or "", job.inputs, now=ctx.now)
    return str(value or "")


def _text(ctx: Context, job: Job, language: str) -> str:
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


def notices(ctx: Context, person: Person, *, limit: int = 50) -> list[StaffNotice]:
    """Unread notices for a person and their roles, newest first."""
    read = select(StaffNoticeRead.notice_id).where(StaffNoticeRead.person == person.key)
    return list(
        ctx.session.scalars(
            select(StaffNotice)
            .where(
                or_(StaffNotice.person == person.key, StaffNotice.role.in_(person.roles)),
                StaffNotice.id.not_in(read),
            )
            .order_by(StaffNotice.id.desc())
            .limit(limit)
        )
    )


def mark_read(ctx: Context, notice_id: int) -> None:
    """The actor has read a notice."""
    ctx.session.execute(
        upsert(StaffNoticeRead)
        .values(notice_id=notice_id, person=ctx.actor.key, read_at=ctx.now)
        .on_conflict_do_nothing()
    )
