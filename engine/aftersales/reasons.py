"""After-sales reasons, as operations keep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, any_, cast, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from engine.aftersales.tables import ReturnReason
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal


class ReasonNotOffered(Refusal):
    """The reason is hidden, or not for this procedure."""

    code = "reason_not_offered"
    sentence = "The reason “{reason}” is not offered any more. Choose another one."


class ReasonExists(Refusal):
    """Another reason has this key."""

    code = "reason_exists"
    sentence = "There is already a reason with the key {key}."


def by_key(ctx: Context, key: str) -> ReturnReason | None:
    """The reason of that key."""
    return ctx.session.scalar(
        select(ReturnReason).where(ReturnReason.key == key).execution_options(populate_existing=True)
    )


def offered(ctx: Context, process_key: str) -> list[ReturnReason]:
    """The reasons a buyer may pick in a procedure, in operations' order."""
    return list(
        ctx.session.scalars(
            select(ReturnReason)
            .where(
                ReturnReason.hidden.is_(False),
                or_(ReturnReason.applies_to == [], literal(process_key) == any_(ReturnReason.applies_to)),
            )
            .order_by(ReturnReason.position, ReturnReason.id)
        )
    )


def options(ctx: Context, process_key: str, language: str) -> list[dict[str, Any]]:
    """The offered reasons as a form's select takes them: {value, label}."""
    return [
        {"value": reason.key, "label": (reason.label_zh if language == "zh" else "") or reason.label}
        for reason in offered(ctx, process_key)
    ]


def check_offered(ctx: Context, process_key: str, key: str) -> None:
    """Raise `ReasonNotOffered` for a reason that is hidden or kept for other procedures.

    A key that operations do not keep is left to the procedure's own form.
    """
    reason = by_key(ctx, key) if key else None
    if reason is None:
        return
    if reason.hidden or (reason.applies_to and process_key not in reason.applies_to):
        raise ReasonNotOffered(reason=reason.label)


def variables(reason: ReturnReason) -> dict[str, Any]:
    """The reason as procedures see it."""
    return {
        "key": reason.key,
        "label": reason.label,
        "kind": reason.kind,
        "requiresPhoto": reason.requires_photo,
    }


def all_reasons(ctx: Context) -> list[ReturnReason]:
    """Every reason, hidden ones too, in operations' order."""
    return list(ctx.session.scalars(select(ReturnReason).order_by(ReturnReason.position, ReturnReason.id)))


def add(ctx: Context, key: str, **fields: Any) -> ReturnReason:
    """Add a reason at the end. Raises `ReasonExists`."""
    if by_key(ctx, key) is not None:
        raise ReasonExists(key=key)
    last = ctx.session.scalar(select(func.coalesce(func.max(ReturnReason.position), 0)))
    return ctx.session.scalars(
        insert(ReturnReason).returning(ReturnReason), [{"key": key, "position": last + 1, **fields}]
    ).one()


def change(ctx: Context, key: str, **fields: Any) -> None:
    """Change a reason's label, kind, procedures, photo rule or whether it is hidden. Raises `NotFound`."""
    changed = ctx.session.execute(
        update(ReturnReason).where(ReturnReason.key == key).values(fields).returning(ReturnReason.id),
        execution_options={"synchronize_session": False},
    ).scalar_one_or_none()
    if changed is None:
        raise NotFound(what="reason", id=key)


def order(ctx: Context, keys: Sequence[str]) -> None:
    """Put the reasons in this order; those not named keep their place behind."""
    places = func.array_position(cast(list(keys), ARRAY(Text)), ReturnReason.key)
    ctx.session.execute(
        update(ReturnReason).where(ReturnReason.key.in_(keys)).values(position=places),
        execution_options={"synchronize_session": False},
    )


def move(ctx: Context, key: str, by: int) -> None:
    """Move a reason `by` places down (negative: up), as far as there are places. Raises `NotFound`."""
    keys = [reason.key for reason in all_reasons(ctx)]
    if key not in keys:
        raise NotFound(what="reason", id=key)
    place = keys.index(key)
    keys.insert(min(max(place + by, 0), len(keys) - 1), keys.pop(place))
    order(ctx, keys)
