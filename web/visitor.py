"""Whoever looks at the page being made: signed in or not, in which language, at which moment."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from config.organisation import Organisation
from engine.runtime.context import Actor


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """What a page needs to know of its reader."""

    #: None while nobody is signed in.
    actor: Actor | None
    language: str
    #: "auto", "light" or "dark".
    theme: str
    #: The moment the page speaks of, timezone-aware.
    now: datetime
    organisation: Organisation
    #: Proof that a form came from a page of ours; empty while nobody is signed in.
    csrf: str = ""
    #: Whether they signed in with a one-time password: they choose their own before anything else.
    one_time: bool = False
    #: Personal data of customers that they see masked: "phone", "email", "address", "name".
    hidden: frozenset[str] = frozenset()
    #: The person's own choices by page: columns, saved filters.
    preferences: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """The business zone: all times on pages are in it."""
        return self.organisation.tzinfo

    @property
    def roles(self) -> frozenset[str]:
        """The person's roles."""
        return self.actor.roles if self.actor else frozenset()

    @property
    def places(self) -> frozenset[str]:
        """Keys of the places the person's roles open."""
        defined = self.organisation.roles
        return frozenset(place for role in self.roles if role in defined for place in defined[role].places)


_looking: ContextVar[Visitor] = ContextVar("visitor")


def looking() -> Visitor:
    """The visitor whose page is being made. Raises LookupError outside of `web.render`."""
    return _looking.get()


def look(visitor: Visitor):
    """Make `visitor` the one whose page is being made; returns the token that undoes it."""
    return _looking.set(visitor)


def look_away(token) -> None:
    """Undo `look`."""
    _looking.reset(token)
