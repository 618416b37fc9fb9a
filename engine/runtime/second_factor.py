"""The second factor: codes of an app that change every half minute (TOTP, RFC 6238), and recovery codes for a lost one.

What the app shares with us is not kept: it is made anew each time, from the installation's secret key and a salt of the
person's. A copy of the database gives nobody a code. Without a secret key there is no second factor to set up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime import history, throttle
from engine.runtime.context import Context
from engine.runtime.identity import digest_of
from engine.runtime.refusals import Refusal
from engine.runtime.sign_ins import PATIENCE, SignInWait
from engine.store.tables import Person, SecondFactor

#: RFC 6238, 4: time steps of 30 seconds; 5.2: one step before and after for clocks that go wrong.
STEP, APART = 30, 1
#: RFC 4226, 5.3: six digits; RFC 4226, 4: a shared secret of 160 bits.
DIGITS, OCTETS = 6, 20
RECOVERY_CODES = 8


class NoSecretKey(Refusal):
    """The installation has no key to make codes from."""

    code = "no_secret_key"
    sentence = "This installation has no secret key yet. Whoever runs it sets AFTERCARE_SECRET_KEY."


class WrongCode(Refusal):
    """Not the code of this half minute, or used already."""

    code = "wrong_code"
    sentence = "That code is not right, or was used before. Wait for the next one."


def is_offered(ctx: Context) -> bool:
    """Whether people can set one up here."""
    return bool(ctx.engine.settings.secret_key.get_secret_value())


def is_on(ctx: Context, key: str) -> bool:
    """Whether somebody signs in with a code."""
    row = _row(ctx, key)
    return row is not None and row.confirmed_at is not None


def begin(ctx: Context) -> str:
    """What the actor gives their app to know, as text (base32). In force once a code of it is told; one they had is off.

    Raises `NoSecretKey`.
    """
    if not is_offered(ctx):
        raise NoSecretKey()
    if is_on(ctx, ctx.actor.key):
        turn_off(ctx, ctx.actor.key)
    salt = secrets.token_bytes(OCTETS)
    ctx.session.execute(
        insert(SecondFactor)
        .values(person_id=ctx.actor.person_id, salt=salt)
        .on_conflict_do_update(
            index_elements=[SecondFactor.person_id],
            set_={"salt": salt, "confirmed_at": None, "last_step": 0, "recovery": []},
        )
    )
    return base64.b32encode(_shared(ctx, salt)).decode()


def address(ctx: Context, shared: str) -> str:
    """The same as an address that apps open. Source: the key URI format of authenticator apps."""
    house = quote(ctx.organisation.name, safe="")
    return f"otpauth://totp/{house}:{quote(ctx.actor.key, safe='')}?secret={shared}&issuer={house}"


def turn_on(ctx: Context, code: str) -> Sequence[str] | Refusal:
    """The actor's app works: from now on they sign in with its codes. Returns recovery codes, told this once.

    A refusal is returned, not raised, because the count of failures must be committed.
    """
    row = _row(ctx, ctx.actor.key)
    if row is None:
        return WrongCode()
    refused = _check(ctx, ctx.actor.key, row, code)
    if refused is not None:
        return refused
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    _set(ctx, row, confirmed_at=ctx.now, recovery=[digest_of(each).hex() for each in codes])
    history.record_organisation(ctx, "SecondFactorOn", person=ctx.actor.key)
    return codes


def turn_off(ctx: Context, key: str) -> None:
    """Somebody signs in without a code again."""
    person = select(Person.id).where(Person.key == key).scalar_subquery()
    gone = ctx.session.scalars(
        delete(SecondFactor).where(SecondFactor.person_id == person).returning(SecondFactor.person_id),
        execution_options={"synchronize_session": False},
    ).all()
    if gone:
        history.record_organisation(ctx, "SecondFactorOff", person=key)


def check(ctx: Context, key: str, code: str) -> Refusal | None:
    """Whether a code, or a recovery code, is somebody's; each is good once. A refusal is returned, as by `turn_on`."""
    row = _row(ctx, key)
    return WrongCode() if row is None else _check(ctx, key, row, code)


def code_at(shared: bytes, at: datetime) -> str:
    """The code of a moment. RFC 6238, 4.2; RFC 4226, 5.3."""
    return _code(shared, int(at.timestamp()) // STEP)


def _code(shared: bytes, step: int) -> str:
    digest = hmac.new(shared, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _check(ctx: Context, key: str, row: Any, code: str) -> Refusal | None:
    buckets = [throttle.bucket(PATIENCE, "code of", key)]
    until = throttle.waiting(ctx, buckets)
    if until is not None:
        return SignInWait(until=until)
    # Locked from here: the same code sent twice at once is good once.
    row = _row(ctx, key)
    given = "".join(code.split()).lower()
    present = int(ctx.now.timestamp()) // STEP
    shared = _shared(ctx, row.salt)
    for step in range(max(present - APART, row.last_step + 1), present + APART + 1):
        if hmac.compare_digest(_code(shared, step).encode(), given.encode()):
            _set(ctx, row, last_step=step)
            throttle.succeeded(ctx, buckets[0])
            return None
    if (recovery := digest_of(given).hex()) in row.recovery:
        _set(ctx, row, recovery=[each for each in row.recovery if each != recovery])
        throttle.succeeded(ctx, buckets[0])
        return None
    throttle.failed(ctx, buckets)
    return WrongCode()


def _shared(ctx: Context, salt: bytes) -> bytes:
    key = ctx.engine.settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"second factor\0" + salt, hashlib.sha256).digest()[:OCTETS]


def _row(ctx: Context, key: str) -> Any | None:
    return ctx.session.execute(
        select(
            SecondFactor.person_id,
            SecondFactor.salt,
            SecondFactor.confirmed_at,
            SecondFactor.last_step,
            SecondFactor.recovery,
        )
        .join(Person, Person.id == SecondFactor.person_id)
        .where(Person.key == key)
    ).one_or_none()


def _set(ctx: Context, row: Any, **values: Any) -> None:
    ctx.session.execute(
        update(SecondFactor).where(SecondFactor.person_id == row.person_id).values(**values),
        execution_options={"synchronize_session": False},
    )
