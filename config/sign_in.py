"""sign_in.toml: whom the company's own provider lets in and as what, and what is mailed; changed without touching code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PasswordLinkWords(BaseModel):
    """The mail with a link to choose a new password; its text has the places {person}, {minutes} and {link}."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str
    subject_zh: str
    text: str
    text_zh: str


class SignInRules(BaseModel):
    """Everything of sign_in.toml; see there for each field's meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    name_zh: str
    scopes: tuple[str, ...]
    name_claim: str
    groups_claim: str
    create_people: bool
    link_by_name: bool
    roles_from: Literal["provider", "here"]
    password_link: PasswordLinkWords
    #: Group of the provider -> keys of roles.
    groups: dict[str, frozenset[str]] = Field(default_factory=dict)

    def roles(self, groups: Iterable[str]) -> frozenset[str]:
        """What these groups of the provider make somebody; others count for nothing."""
        return frozenset().union(*(self.groups.get(group, frozenset()) for group in groups))


@cache
def read(path: Path) -> SignInRules:
    """The rules in a TOML file, read once a process. Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError`."""
    return SignInRules.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
