"""Legal holds: a case that stays whatever its age, with the reason somebody gave."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from engine.aftersales.tables import AftersalesCase, LegalHold
from engine.aftersales.visibility import RecordsRemoved
from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal

#: Events of the organisation's history, under the number of the case.
EVENTS = HELD, LIFTED = ("CaseHeld", "CaseHoldLifted")


class ReasonNeeded(Refusal):
    """Something that has to be explained, without a reason."""

    code = "reason_needed"
    of_form = True
    sentence = "Say why; it goes into the history."


class AlreadyHeld(Refusal):
    """The case is held already."""

    code = "already_held"
    sentence = "Case {case} is held already: {reason}"


class NotHeld(Refusal):
    """The case is not held."""

    code = "not_held"
    sentence = "Case {case} is not held."


def place(ctx: Context, number: str, reason: str) -> None:
    """Keep a case until somebody lifts the hold. Raises `NotFound`, `ReasonNeeded`, `AlreadyHeld`, `RecordsRemoved`."""
    found, reason = _case(ctx, number), reason.strip()
    if not reason:
        raise ReasonNeeded()
    if found.receipt is not None:
        raise RecordsRemoved(case=number, receipt=found.receipt)
    if held := ctx.session.get(LegalHold, found.id):
        raise AlreadyHeld(case=number, reason=held.reason)
    ctx.session.execute(
        insert(LegalHold), [{"case_id": found.id, "reason": reason, "at": ctx.now, "by": ctx.actor.key}]
    )
    history.record_organisation(ctx, HELD, business_key=number, case=number, reason=reason)


def lift(ctx: Context, number: str, reason: str) -> None:
    """Let a case go its way again. Raises `NotFound`, `ReasonNeeded`, `NotHeld`."""
    found, reason = _case(ctx, number), reason.strip()
    if not reason:
        raise ReasonNeeded()
    if ctx.session.get(LegalHold, found.id) is None:
        raise NotHeld(case=number)
    ctx.session.execute(delete(LegalHold).where(LegalHold.case_id == found.id))
    history.record_organisation(ctx, LIFTED, business_key=number, case=number, reason=reason)


def _case(ctx: Context, number: str) -> AftersalesCase:
    """The case, which nobody removes until this command ends."""
    found = ctx.session.scalar(
        select(AftersalesCase).where(AftersalesCase.number == number).with_for_update()
    )
    if found is None:
        raise NotFound(what="case", id=number)
    return found
