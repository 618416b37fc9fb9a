"""People, what they may do, and their sign-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
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
    language: Mapped[str] = mapped_column(server_default="en")
    theme: Mapped[str] = mapped_column(server_default="auto")
    active: Mapped[bool] = mapped_column(server_default="true")
    #: Role keys of the organisation: lanes they work in.
    roles: Mapped[list[str]]
    #: What a technician can do and where: used to suggest one.
    skills: Mapped[list[str]] = mapped_column(server_default="{}")
    areas: Mapped[list[str]] = mapped_column(server_default="{}")
    team: Mapped[str | None]
    #: List columns, saved filters and the like, by page.
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    #: Failed sign-ins since the last good one, and until when further ones wait.
    failed_sign_ins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser. The cookie holds the token; we keep only its digest, so a copy of the table opens nothing."""

    __tablename__ = "web_session"

    token_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None]
    user_agent: Mapped[str | None]


class OrganisationVersion(Base):
    """The organisation (roles, limits, teams, calling rules) as a document; the newest version is in force."""

    __tablename__ = "organisation_version"

    id: Mapped[Id]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
