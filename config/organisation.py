"""The organisation as a document: roles, house rules, sample people. Pure: reading and checking, no storage."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Which cases a role sees besides its holder's own: every one, those of customers in their areas, those of their shops,
#: or none.
Sight = Literal["all", "areas", "shops", "own"]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Role(_Document):
    """A lane: what a group of people is called and which places of the product it opens."""

    name: str
    name_zh: str
    #: Roles whose members may do this role's work on its behalf (the customer's, by customer service).
    recorded_by: tuple[str, ...] = ()
    #: Roles nobody may hold besides this one: whoever handles complaints is independent of after-sales.
    not_with: tuple[str, ...] = ()
    #: What a member may promise a customer alone, in the organisation's currency; None: nothing.
    compensation_limit: Decimal | None = None
    places: tuple[str, ...] = ()
    #: Which cases it sees on those places.
    sees: Sight = "all"


class Calling(_Document):
    """When consumers may be called. Source: procedures, "Calling customers"."""

    from_: time = Field(alias="from")
    until: time
    max_per_day: int = Field(gt=0)


class Attachments(_Document):
    """What may be attached to a case."""

    max_megabytes: int = Field(gt=0)
    types: tuple[str, ...]


class Trust(_Document):
    """Which buyers count as trusted."""

    #: Refunds within so many days count as recent.
    recent_days: int = Field(gt=0)
    #: At least so many completed orders, and at most so many recent refunds.
    completed_orders: int = Field(ge=0)
    recent_refunds: int = Field(ge=0)


class SamplePerson(_Document):
    """One of the sample company's people."""

    key: str
    name: str
    roles: tuple[str, ...]
    language: str = "en"
    skills: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    #: Keys of the shops whose cases are theirs to see.
    shops: tuple[str, ...] = ()
    team: str | None = None


class Organisation(_Document):
    """Everything of the house that is not one procedure's: see config/organisation.toml for each field's meaning."""

    name: str
    name_zh: str
    currency: str
    zone: str
    retention_years: int
    case_number: str
    #: Whether an administrator may approve a draft they worked on themselves.
    self_approval: bool = False
    #: What people can be in, can do, and where: offered when a person is edited.
    teams: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    calling: Calling
    attachments: Attachments
    trust: Trust
    roles: dict[str, Role]
    people: tuple[SamplePerson, ...] = ()

    @model_validator(mode="after")
    def roles_exist(self) -> Organisation:
        """Every role that is named is defined."""
        named = {role for person in self.people for role in person.roles}
        named |= {by for role in self.roles.values() for by in (*role.recorded_by, *role.not_with)}
        if unknown := sorted(named - set(self.roles)):
            raise ValueError(f"roles used but not defined under [roles]: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def people_hold_roles_that_go_together(self) -> Organisation:
        """Nobody holds two roles that must be apart."""
        for person in self.people:
            if clash := self.clash(frozenset(person.roles)):
                raise ValueError(f"{person.key} cannot be both {clash[0]} and {clash[1]}")
        return self

    def clash(self, roles: frozenset[str]) -> tuple[str, str] | None:
        """Two of these roles that one person may not hold together, or None."""
        for role in sorted(roles & set(self.roles)):
            for other in self.roles[role].not_with:
                if other in roles:
                    return role, other
        return None

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        """The business zone."""
        return ZoneInfo(self.zone)

    @cached_property
    def _lanes(self) -> dict[str, str]:
        names = {}
        for key, role in self.roles.items():
            names |= {key.casefold(): key, role.name.casefold(): key, role.name_zh.casefold(): key}
        return names

    def role_of_lane(self, lane: str) -> str | None:
        """The key of the role a lane names, in whichever language; None when there is no such role."""
        return self._lanes.get(lane.strip().casefold())

    def label(self, role: str, language: str) -> str:
        """The name of a role in a language; its key where there is no such role."""
        defined = self.roles.get(role)
        if defined is None:
            return role
        return defined.name_zh if language == "zh" else defined.name

    def workers_of(self, role: str) -> frozenset[str]:
        """Roles whose members may do the work of `role`: itself and those who record for it."""
        defined = self.roles.get(role)
        return frozenset((role, *(defined.recorded_by if defined else ())))

    def sight(self, roles: frozenset[str]) -> frozenset[Sight]:
        """What somebody with these roles sees besides their own cases: the parts add up."""
        return frozenset(self.roles[role].sees for role in roles if role in self.roles)

    def compensation_limit(self, roles: frozenset[str]) -> Decimal:
        """What somebody with these roles may promise a customer alone (0: nothing)."""
        limits = (self.roles[role].compensation_limit for role in roles if role in self.roles)
        return max((limit for limit in limits if limit is not None), default=Decimal(0))


def document(organisation: Organisation) -> dict[str, Any]:
    """The organisation as a document that `parse` reads; the sample company's people stay in their file."""
    return organisation.model_dump(mode="json", by_alias=True, exclude={"people"})


def changed(organisation: Organisation, **fields: Any) -> Organisation:
    """The same organisation with other fields, checked anew. Raises `pydantic.ValidationError`."""
    return parse({**document(organisation), **fields})


def read(path: Path) -> Organisation:
    """The organisation in a TOML file. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return parse(tomllib.loads(path.read_text(encoding="utf-8")))


def parse(document: Mapping[str, Any]) -> Organisation:
    """The organisation in an already decoded document. Raises `pydantic.ValidationError`."""
    return Organisation.model_validate(document)
