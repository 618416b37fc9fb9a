"""People, what they may do, and their sign-ins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, Id


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'zh')", name="language"),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"),
        Index("ix_person_roles", "roles", postgresql_using="gin"),
    )

    id: Mapped[Id]
    #: What they type to sign in, and what history calls them: "li.na".
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str | None]
    #: Argon2; None cannot sign in by password.
    password_hash: Mapped[str | None]
    #: Who they are at the company's own provider of sign-ins: its address, a blank, and what it calls them for ever.
    provider_account: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str] = mapped_column(server_default="en")
    theme: Mapped[str] = mapped_column(server_default="auto")
    active: Mapped[bool] = mapped_column(server_default="true")
    #: Role keys of the organisation: lanes they work in.
    roles: Mapped[list[str]]
    #: What a technician can do and where: used to suggest one.
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    areas: Mapped[list[str]] = mapped_column(server_default="{}")
    #: Keys of shops whose cases are theirs to see, where their roles see those of shops.
    shops: Mapped[list[str]] = mapped_column(server_default="{}")
    team: Mapped[str | None]
    #: List columns, saved filters and the like, by page.
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    #: A one-time password is good until then, and only to choose one's own; None: the password is their own.
    password_until: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser. The cookie holds the token; we keep only its digest, so a copy of the table opens nothing."""

    __tablename__ = "web_session"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: The password was right, the code of the second factor is still asked for: opens nothing yet.
    awaits_code: Mapped[bool] = mapped_column(server_default="false")
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class Absence(Base):
    """Somebody is away; meanwhile another person stands in for them. Both days belong to it."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("begins <= ends", name="in_order"),
        CheckConstraint("person <> substitute", name="another"),
        Index("ix_absence_substitute", "substitute", "ends"),
    )

    id: Mapped[Id]
    person: Mapped[str] = mapped_column(ForeignKey("person.key"), index=True)
    substitute: Mapped[str] = mapped_column(ForeignKey("person.key"))
    begins: Mapped[date]
    ends: Mapped[date]
    remark: Mapped[str] = mapped_column(server_default="")


class OrganisationVersion(Base):
    """The whole organisation as it stood after a change; the newest version is in force. Rows are never changed."""

    __tablename__ = "organisation_version"

    id: Mapped[Id]
    #: `{organisation, calendar, people, absences}`; as text, since the order of roles carries meaning.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    #: What changed and why, in the administrator's words.
    note: Mapped[str] = mapped_column(server_default="")
