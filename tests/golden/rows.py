"""Rows of a case taken out of a database as JSON, and put into another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, select, text
from sqlalchemy.orm import Session

from engine.store.base import Base
from engine.store.tables import (
    DefinitionResource,
    HistoryEvent,
    Incident,
    Job,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    Resource,
    SignalSubscription,
    Timer,
    UserTask,
)
from tests.golden.files import Row

#: What hangs on an instance.
_WAITING = (UserTask, Job, Timer, MessageSubscription, SignalSubscription, Incident)
_TABLES = {
    table.__tablename__: table
    for table in (Resource, ProcessDefinition, DefinitionResource, ProcessInstance, *_WAITING, HistoryEvent)
}
#: Files that decide how a case runs; its words only decide how it reads.
_KINDS = ("bpmn", "dmn", "form")


def taken(session: Session, root_id: int) -> dict[str, list[Row]]:
    """An instance, those it called and everything that waits for somebody outside, as they stand."""
    instances = _rows(session, ProcessInstance, ProcessInstance.root_id == root_id)
    ids = [row["id"] for row in instances]
    found = {ProcessInstance.__tablename__: instances}
    return found | {
        table.__tablename__: _rows(session, table, table.instance_id.in_(ids)) for table in _WAITING
    }


def versions(session: Session, process_keys: Select[tuple[str]]) -> dict[str, list[Row]]:
    """The current versions of procedures, which a query names, with their files."""
    definitions = _rows(
        session,
        ProcessDefinition,
        ProcessDefinition.process_key.in_(process_keys),
        ProcessDefinition.is_current,
    )
    ids = [row["id"] for row in definitions]
    files = _rows(
        session,
        DefinitionResource,
        DefinitionResource.definition_id.in_(ids),
        DefinitionResource.kind.in_(_KINDS),
    )
    contents = _rows(session, Resource, Resource.digest.in_({row["digest"] for row in files}))
    return {
        Resource.__tablename__: contents,
        ProcessDefinition.__tablename__: definitions,
        DefinitionResource.__tablename__: files,
    }


def history(session: Session, root_id: int) -> list[Row]:
    """Every event of an instance and those it called, in order."""
    streams = select(ProcessInstance.id).where(ProcessInstance.root_id == root_id)
    return _rows(session, HistoryEvent, HistoryEvent.stream.in_(streams))


def put(session: Session, rows: Mapping[str, Sequence[Row]]) -> None:
    """Write rows with the ids they had; what is numbered later goes on after them."""
    for name, found in rows.items():
        table = _TABLES[name]
        if found:
            session.execute(insert(table), [_loaded(table, row) for row in found])
        if "id" in table.__table__.columns:
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"
                    f" WHERE EXISTS (SELECT FROM {name})"
                )
            )


def put_history(session: Session, events: Sequence[Row]) -> None:
    """Write events as they were recorded, hashes and all."""
    put(session, {HistoryEvent.__tablename__: events})


def _rows(session: Session, table: type[Base], *where: Any) -> list[Row]:
    columns = table.__table__.columns
    query = select(*columns).where(*where).order_by(*table.__table__.primary_key.columns)
    return [{name: _plain(value) for name, value in row.items()} for row in session.execute(query).mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _loaded(table: type[Base], row: Row) -> dict[str, Any]:
    kinds = {column.name: column.type.python_type for column in table.__table__.columns if column.name in row}
    return {name: _value(kinds[name], given) for name, given in row.items()}


def _value(kind: type, given: Any) -> Any:
    if given is not None and kind is datetime:
        return datetime.fromisoformat(given)
    return bytes.fromhex(given) if given is not None and kind is bytes else given
