"""People who sign in by the company's own provider: who they are here, and what their groups there make them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from config import sign_in
from config.sign_in import SignInRules
from engine.runtime import history, identity, organisations
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from engine.store.tables import Person


@dataclass(frozen=True, kw_only=True)
class ProviderAccount:
    """Somebody as the provider vouches for them."""

    issuer: str
    #: What the provider calls them for ever; never given to another.
    subject: str
    #: What they sign in with there; may change.
    key: str
    name: str
    email: str | None
    groups: frozenset[str]

    @property
    def id(self) -> str:
        """As `Person.provider_account` holds it. OpenID Connect Core 5.7: only issuer and subject together name one."""
        return f"{self.issuer} {self.subject}"


class NoMappedGroup(Refusal):
    """The provider knows them; none of their groups is one that the business gave a role."""

    code = "no_mapped_group"
    sentence = (
        "{person} is in none of the groups that may use Aftercare. Ask an administrator to be added to one."
    )


class NotKnownHere(Refusal):
    """People are added by an administrator first."""

    code = "not_known_here"
    sentence = "There is no account for {person} here yet. Ask an administrator to add one."


class AccountTaken(Refusal):
    """Somebody else has this sign-in name here."""

    code = "account_taken"
    sentence = "The sign-in name {person} belongs to another account here. Ask an administrator."


class AccountOff(Refusal):
    """They were kept out."""

    code = "account_off"
    sentence = "The account {person} is switched off. Ask an administrator."


class NoSignInName(Refusal):
    """The provider says no name that somebody could have here."""

    code = "no_sign_in_name"
    sentence = (
        "The provider gave no sign-in name that can be used here. An administrator looks at what it sends."
    )


def admit(ctx: Context, account: ProviderAccount) -> Person:
    """The person this account stands for, with the roles they have now; added where that is allowed.

    Raises `NoMappedGroup`, `NotKnownHere`, `AccountTaken`, `AccountOff`, `NoSignInName`, `RolesClash`, `NobodyLeft`.
    """
    rules = sign_in.read(ctx.engine.settings.sign_in_file)
    roles = rules.roles(account.groups) & set(ctx.organisation.roles)
    # Two first sign-ins of one person at once make one account.
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(account.id, 2))))
    person = ctx.session.scalar(select(Person).where(Person.provider_account == account.id))
    if person is None:
        person = _newcomer(ctx, account, rules, roles)
    if not person.active:
        raise AccountOff(person=person.key)
    if rules.roles_from == "provider":
        _follow(ctx, person, roles)
    if person.password_until is not None:
        # Nobody is left to choose a password with it.
        person.password_hash = person.password_until = None
        ctx.session.flush()
    return person


def _newcomer(ctx: Context, account: ProviderAccount, rules: SignInRules, roles: Collection[str]) -> Person:
    key = account.key.strip().lower()
    if not identity.KEY.fullmatch(key):
        raise NoSignInName()
    person = ctx.session.scalar(select(Person).where(Person.key == key))
    if person is None:
        return _add(ctx, key, account, rules, roles)
    # The emergency account is for when the provider is not to be trusted or asked.
    emergency = key == ctx.engine.settings.emergency_account
    if person.provider_account is not None or not rules.link_by_name or emergency:
        raise AccountTaken(person=key)
    person.provider_account = account.id
    ctx.session.flush()
    history.record_organisation(ctx, "ProviderAccountLinked", person=key, account=account.id)
    return person


def _add(
    ctx: Context, key: str, account: ProviderAccount, rules: SignInRules, roles: Collection[str]
) -> Person:
    if not roles:
        raise NoMappedGroup(person=account.name)
    if not rules.create_people:
        raise NotKnownHere(person=account.name)
    organisations.begin(ctx)
    person = identity.create_person(ctx, key, account.name, roles=roles, password=None)
    person.email, person.provider_account = account.email, account.id
    ctx.session.flush()
    history.record_organisation(ctx, "ProviderAccountLinked", person=key, account=account.id)
    organisations.keep(ctx, person=key)
    return person


def _follow(ctx: Context, person: Person, roles: Collection[str]) -> None:
    """Their roles are those of their groups now."""
    if not roles:
        raise NoMappedGroup(person=person.name)
    if set(person.roles) == set(roles):
        return
    organisations.begin(ctx)
    identity.set_roles(ctx, person.key, roles)
    organisations.keep(ctx, person=person.key)
