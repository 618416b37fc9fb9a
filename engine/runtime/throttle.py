"""Tries that fail are counted, and after several in a row the next ones wait: slow for a guesser, short for a person.

What is counted is never a name alone for everybody: whoever tries a colleague's name over and over keeps out himself, not
the colleague. A browser on which a person signed in before is counted by itself. Everybody else is counted by name and
address together, by address, and, much later, by name: guessing from many addresses has an end too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.runtime.context import Context
from engine.store.tables import SignInFailures

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
#: Failures are forgotten so long after the last one.
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Bucket:
    """One thing whose failures are counted."""

    digest: bytes
    #: After so many failures in a row a further try waits, longer each time.
    patience: int


def bucket(patience: int, *parts: str) -> Bucket:
    """What `parts` name together."""
    return Bucket(hashlib.sha256("\0".join(parts).encode()).digest(), patience)


def waiting(ctx: Context, buckets: Collection[Bucket]) -> datetime | None:
    """Until when these wait, or None. Tries of the first of them go one after the other from here on, until the commit."""
    first = next(iter(buckets))
    ctx.session.execute(
        insert(SignInFailures)
        .values(bucket=first.digest, failures=0, last_at=ctx.now)
        .on_conflict_do_update(index_elements=[SignInFailures.bucket], set_={"bucket": SignInFailures.bucket})
    )
    until = select(func.max(SignInFailures.waits_until)).where(
        SignInFailures.bucket.in_([each.digest for each in buckets]), SignInFailures.waits_until > ctx.now
    )
    return ctx.session.scalar(until)


def failed(ctx: Context, buckets: Collection[Bucket]) -> None:
    """Count a failure in each."""
    old = SignInFailures.last_at < ctx.now - FORGOTTEN_AFTER
    for each in sorted(buckets, key=lambda found: found.digest):
        counted = ctx.session.execute(
            insert(SignInFailures)
            .values(bucket=each.digest, failures=1, last_at=ctx.now)
            .on_conflict_do_update(
                index_elements=[SignInFailures.bucket],
                set_={
                    "failures": case((old, 1), else_=SignInFailures.failures + 1),
                    "last_at": ctx.now,
                },
            )
            .returning(SignInFailures.failures)
        ).scalar_one()
        if counted >= each.patience:
            # A day of failures would make a number that no time holds.
            wait = min(FIRST_WAIT * 2 ** min(counted - each.patience, 10), LONGEST_WAIT)
            ctx.session.execute(
                update(SignInFailures)
                .where(SignInFailures.bucket == each.digest)
                .values(waits_until=ctx.now + wait),
                execution_options={"synchronize_session": False},
            )


def succeeded(ctx: Context, tried: Bucket) -> None:
    """Forget the failures of one; those that are old are swept away with it."""
    ctx.session.execute(
        delete(SignInFailures).where(
            or_(
                SignInFailures.bucket == tried.digest,
                SignInFailures.last_at < ctx.now - FORGOTTEN_AFTER,
            )
        ),
        execution_options={"synchronize_session": False},
    )
