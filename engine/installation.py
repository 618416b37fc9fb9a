"""Setting up: reference data, the shipped procedures, the first people. Each is done once; done again it changes nothing."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import select, update

from config import organisation as organisations
from config.problem import Problem
from config.settings import Settings
from engine.aftersales import reference
from engine.bootstrap import Application
from engine.runtime import bundles, deployments, history, identity, sign_ins
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.refusals import InvalidDeployment
from engine.store.tables import HistoryEvent, Person, ProcessDefinition

_SHIPPED = "ShippedProceduresDeployed"
#: Note of a version that came with the product: only such a version gives way to a newer shipped one.
NOTE = "Shipped with Aftercare"
#: What the first administrator signs in with.
ADMINISTRATOR = "admin"


@dataclass(kw_only=True)
class Shipped:
    """What became of the shipped procedures."""

    deployed: list[str] = field(default_factory=list)
    #: Procedures whose current version was changed here and is therefore kept.
    kept: list[str] = field(default_factory=list)
    #: Procedure -> why it was refused.
    refused: dict[str, list[Problem]] = field(default_factory=dict)


def load_reference(app: Application) -> bool:
    """Shops, warehouses, carriers, reasons, prices, where there are none yet; whether there were none."""
    with app.commands.begin() as ctx:
        return reference.load(ctx, reference.read(ctx.engine.settings.reference_file))


def deploy_shipped(app: Application, settings: Settings, *, told: Callable[[str], None]) -> Shipped | None:
    """Deploy what the product ships; None when the same files were deployed before.

    A procedure that was changed here keeps its version. A refused one does not keep the others from being deployed.
    Raises `engine.bpmn.InvalidDiagram` for a diagram that cannot be read at all.
    """
    digest = _digest(settings.processes_dir, settings.forms_dir)
    with app.commands.begin() as ctx:
        if _deployed_before(ctx) == digest:
            return None
    told("Deploying the procedures ...")
    result = Shipped()
    found = bundles.from_folders(settings.processes_dir, settings.forms_dir)
    keys = {bundle.process_key for bundle in found}
    for bundle in found:
        try:
            with app.commands.begin() as ctx:
                _deploy(ctx, bundle, keys, result)
        except InvalidDeployment as refusal:
            result.refused[bundle.process_key] = refusal.params["problems"]
    if not result.refused:
        with app.commands.begin() as ctx:
            history.record_organisation(
                ctx, _SHIPPED, digest=digest, deployed=result.deployed, kept=result.kept
            )
    return result


def _deploy(ctx: Context, bundle: Bundle, keys: set[str], result: Shipped) -> None:
    current = ctx.session.execute(
        select(ProcessDefinition).where(
            ProcessDefinition.process_key == bundle.process_key, ProcessDefinition.is_current
        )
    ).scalar_one_or_none()
    if current is not None and current.note != NOTE:
        if current.digest != bundle.digest:
            result.kept.append(bundle.process_key)
        return
    _, new = deployments.deploy(ctx, bundle, note=NOTE, together_with=keys)
    if new:
        result.deployed.append(bundle.process_key)


def _deployed_before(ctx: Context) -> str | None:
    payload = ctx.session.execute(
        select(HistoryEvent.payload)
        .where(HistoryEvent.stream == history.ORGANISATION, HistoryEvent.type == _SHIPPED)
        .order_by(HistoryEvent.seq.desc())
        .limit(1)
    ).scalar()
    return orjson.loads(payload)["digest"] if payload else None


def _digest(*folders: Path) -> str:
    """SHA-256 over all files of the folders: telling that nothing changed takes milliseconds, parsing would take seconds."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(str(path.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def first_administrator(app: Application) -> str | None:
    """A one-time password for the first administrator, or None when there are people already."""
    with app.commands.begin() as ctx:
        if ctx.session.scalar(select(Person.id).limit(1)) is not None:
            return None
        password = secrets.token_urlsafe(9)
        identity.create_person(
            ctx,
            ADMINISTRATOR,
            "Administrator",
            roles=["administrator"],
            password=password,
            password_until=sign_ins.one_time_until(ctx),
        )
        return password


def add_sample_people(ctx: Context, *, password: str | None) -> None:
    """The people of the organisation file, those already there left out; all with the same password, or with none."""
    known = set(ctx.session.execute(select(Person.key)).scalars())
    sample = organisations.read(ctx.engine.settings.organisation_file).people
    added = [person for person in sample if person.key not in known]
    for person in added:
        identity.create_person(
            ctx,
            person.key,
            person.name,
            roles=person.roles,
            password=None,
            language=person.language,
            skills=person.skills,
            areas=person.areas,
            shops=person.shops,
            team=person.team,
        )
    if password is not None:
        # Hashed once: it is the sample's, known to everybody, and hashing is slow on purpose.
        ctx.session.execute(
            update(Person)
            .where(Person.key.in_([person.key for person in added]))
            .values(password_hash=identity.hashed(password)),
            execution_options={"synchronize_session": False},
        )
