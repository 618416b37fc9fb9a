"""What guards signing in: failures counted, browsers known, tokens of programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class SignInFailures(Base):
    """Failed tries of one kind in a row: of a name from an address, of a name, of an address. Swept away after a day."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    #: SHA-256 of what is counted: people type passwords into the field for their name.
    bucket: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    #: Further tries are not looked at before.
    waits_until: Mapped[datetime | None]


class KnownBrowser(Base):
    """A browser on which somebody once signed in: what strangers fail at elsewhere does not keep them out here."""

    __tablename__ = "known_browser"

    #: SHA-256 of the cookie's token.
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    seen_at: Mapped[datetime] = mapped_column(index=True)


class SecondFactor(Base):
    """That somebody signs in with codes of an app. What the app shares with us is not here: it is made from the salt and
    the installation's secret key."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    #: When a code of the app was told first; None: it is being set up and not asked for yet.
    confirmed_at: Mapped[datetime | None]
    #: Half minute of the last code used: no code is good twice.
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    #: SHA-256 (hex) of the recovery codes that are left.
    recovery: Mapped[list[str]] = mapped_column(server_default="{}")


class PasswordLink(Base):
    """Somebody asked for a link to choose a new password. A row is there for a name of nobody, too, until it is looked at:
    whoever asks cannot tell by the time it takes."""

    __tablename__ = "password_link"

    id: Mapped[Id]
    #: None: the name that was typed is nobody's.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the token in the link; None: not mailed yet.
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    until: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """Lets a program do for a person what its scopes name, until it expires or is revoked. We keep only the digest."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires"),
        CheckConstraint("cardinality(scopes) > 0", name="scopes"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    #: What it is for, in its owner's words.
    name: Mapped[str]
    scopes: Mapped[list[str]]
    #: SHA-256 of the token.
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: The token's last characters, so that people recognise it.
    ending: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
