"""Where roles are used: lanes and candidate groups of live versions, people. What is used does not go."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, union

from config.organisation import Organisation
from engine.bpmn import NOBODY_NAMED
from engine.runtime.assignment import names
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.identity import RolesClash
from engine.runtime.refusals import Refusal
from engine.store.tables import Person, PlannedStart, ProcessDefinition, ProcessInstance


class RoleInUse(Refusal):
    """Steps would be nobody's."""

    code = "role_in_use"
    sentence = (
        "“{role}” is needed: “{step}” in {process} (version {version}) is for it. Change the procedure first, and let "
        "its running cases finish."
    )


class RoleHeld(Refusal):
    """People would hold a role that is no more."""

    code = "role_held"
    sentence = "“{role}” is held by {people}. Take it from them first."


def check(ctx: Context, wanted: Organisation) -> None:
    """Whether the roles of `wanted` still do all that is asked of them.

    Raises `RoleInUse`, `RoleHeld`, `identity.RolesClash`."""
    present = ctx.organisation
    language = ctx.actor.language
    for definition in live(ctx):
        for lane, step in lanes(definition):
            role = present.role_of_lane(lane)
            if role is not None and wanted.role_of_lane(lane) != role:
                raise RoleInUse(
                    role=present.label(role, language),
                    step=definition.translate(step, language),
                    process=definition.translate(definition.name, language),
                    version=definition.version,
                )
        for group, step in groups(definition):
            if group in present.roles and group not in wanted.roles:
                raise RoleInUse(
                    role=present.label(group, language),
                    step=definition.translate(step, language),
                    process=definition.translate(definition.name, language),
                    version=definition.version,
                )
    for key, roles in ctx.session.execute(select(Person.key, Person.roles)):
        if clash := wanted.clash(frozenset(roles)):
            one, other = (wanted.label(role, language) for role in clash)
            raise RolesClash(person=key, role=one, other=other)
    gone = sorted(set(present.roles) - set(wanted.roles))
    for role in gone:
        people = ctx.session.execute(
            select(Person.name).where(Person.roles.contains([role])).order_by(Person.name).limit(5)
        ).scalars()
        if held := people.all():
            raise RoleHeld(role=present.label(role, language), people=held)


def live(ctx: Context) -> Iterator[Definition]:
    """Versions that are current, will be, or have running cases."""
    running = select(ProcessInstance.definition_id).where(ProcessInstance.ended_at.is_(None)).distinct()
    ids = union(
        select(ProcessDefinition.id).where(ProcessDefinition.is_current),
        select(PlannedStart.definition_id),
        running,
    )
    for id_ in ctx.session.execute(ids).scalars().all():
        yield ctx.engine.definitions.get(ctx.session, id_)


def lanes(definition: Definition) -> Iterator[tuple[str, str]]:
    """(lane, name of a step or start) for everything whose lane says who does it."""
    for element in definition.process.elements.values():
        by_lane = element.type == "userTask" and element.assignment == NOBODY_NAMED
        if element.lane and (by_lane or element.type == "startEvent"):
            yield element.lane, element.name or element.id


def groups(definition: Definition) -> Iterator[tuple[str, str]]:
    """(candidate group, name of the step) for every step that names its groups."""
    for element in definition.process.elements.values():
        for group in names(element.assignment.candidate_groups):
            yield group, element.name or element.id
