"""The unit of work of one command: what it locked, what it moved, what it has to write. One flush, few statements."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import insert, select
from structlog.contextvars import bind_contextvars

from engine.bpmn import Execution, Limits, NewerState, StateTooLarge, UnstorableValue
from engine.runtime import notices, projection
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.environment import Environment
from engine.runtime.history import FORMAT, GENESIS, Recorded, Recorder
from engine.runtime.house import newest
from engine.runtime.queue import Deferred
from engine.runtime.refusals import (
    CaseSuspended,
    InstanceNotActive,
    NotFound,
    StartsByEvent,
    ValueNotKept,
    WrittenByNewerRelease,
)
from engine.runtime.rows import Rows
from engine.store.batch import Batch
from engine.store.tables import HistoryEvent, Job, ProcessInstance, Timer, UserTask

_SCRATCH = "unit"
#: What a case waits for by rows of its own.
Waits = TypeVar("Waits", UserTask, Job, Timer)


class Unit:
    """Everything one command does to process instances, gathered and written at its end."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rows = Rows()
        self.deferred: list[Deferred] = []
        #: (instance, activity) whose error a caller caught: the incident that would follow does not happen.
        self.caught: set[tuple[int, int]] = set()
        self._instances: dict[int, ProcessInstance] = {}
        self._user_tasks: dict[int, UserTask] = {}
        self._executions: dict[int, Execution] = {}
        self._recorders: dict[int, Recorder] = {}
        self._locked: set[int] = set()
        self._depth = 0

    @classmethod
    def of(cls, ctx: Context) -> Unit:
        """The unit of the command in progress, or a new one; `with Unit.of(ctx) as unit:` finishes it at the outermost end.

        A handler or listener that issues a command of its own takes part in the one that called it.
        """
        return ctx.scratch.setdefault(_SCRATCH, cls(ctx))

    @staticmethod
    def in_progress(ctx: Context) -> Unit | None:
        """The unit of the command in progress, if there is one."""
        return ctx.scratch.get(_SCRATCH)

    def __enter__(self) -> Unit:
        self._depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            try:
                if kind is None:
                    self._finish()
            finally:
                self.ctx.scratch.pop(_SCRATCH, None)

    @property
    def instances(self) -> frozenset[int]:
        """Ids of the instances this command has in hand."""
        return frozenset(self._instances)

    def lock(self, root_id: int) -> ProcessInstance:
        """Lock the case's outermost instance: first in every command, so that no two commands on a case overlap."""
        if root_id not in self._locked:
            row = self.ctx.session.execute(
                select(ProcessInstance, newest())
                .where(ProcessInstance.id == root_id)
                .with_for_update(of=ProcessInstance)
                .execution_options(populate_existing=True)
            ).one_or_none()
            if row is None:
                raise NotFound(what="process instance", id=root_id)
            root, organisation = row
            self.ctx.engine.organisation.seen(self.ctx.session, organisation)
            self._hold(root)
        return self._instances[root_id]

    def _hold(self, root: ProcessInstance) -> None:
        """A case is locked from now on; what is logged while it is in hand says its number."""
        self._instances[root.id] = root
        self._locked.add(root.id)
        bind_contextvars(case=root.business_key)

    def user_task(self, user_task_id: int) -> tuple[UserTask, ProcessInstance]:
        """A user task and its instance as they stand once their case is locked. Raises `NotFound`."""
        if user_task_id not in self._user_tasks:
            found = self.row(UserTask, user_task_id)
            if found is None:
                raise NotFound(what="user task", id=user_task_id)
            self._user_tasks[user_task_id] = found
        task = self._user_tasks[user_task_id]
        return task, self.instance(task.instance_id)

    def row(self, table: type[Waits], id_: int) -> Waits | None:
        """What a case waits for, as it stands once the case is locked; None when there is no such row."""
        session = self.ctx.session
        if not self._locked:
            # PostgreSQL locks in the order named, the case first.
            found = session.execute(
                select(table, ProcessInstance, newest())
                .join(ProcessInstance, ProcessInstance.id == table.root_id)
                .where(table.id == id_)
                .with_for_update(of=[ProcessInstance, table])
                .execution_options(populate_existing=True)
            ).one_or_none()
            if found is None:
                return None
            row, root, organisation = found
            self.ctx.engine.organisation.seen(session, organisation)
            self._hold(root)
            return row
        # A command is in progress already, which may have this row's case in hand.
        wanted = select(table).where(table.id == id_)
        row = session.execute(wanted).scalar_one_or_none()
        if row is None:
            return None
        self.lock(row.root_id)
        return session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()

    def instance(self, instance_id: int) -> ProcessInstance:
        """An instance of a case that is locked."""
        if instance_id not in self._instances:
            found = self.ctx.session.execute(
                select(ProcessInstance)
                .where(ProcessInstance.id == instance_id)
                .execution_options(populate_existing=True)
            ).scalar_one_or_none()
            if found is None:
                raise NotFound(what="process instance", id=instance_id)
            self._instances[instance_id] = found
        return self._instances[instance_id]

    def adopt(self, instance: ProcessInstance, execution: Execution | None = None) -> None:
        """Take in an instance that this command created, or read while its case was locked."""
        self._instances[instance.id] = instance
        self._locked.add(instance.root_id or instance.id)
        if execution is not None:
            self._executions[instance.id] = execution

    def definition(self, instance: ProcessInstance) -> Definition:
        """The version the instance is pinned to."""
        return self.ctx.engine.definitions.get(self.ctx.session, instance.definition_id)

    def environment(self, definition: Definition) -> Environment:
        """What an execution of this version sees of the world now."""
        return Environment(self.ctx.engine, definition, self.ctx.now)

    def execution(self, instance: ProcessInstance) -> Execution:
        """The live workflow of an active instance.

        Raises `InstanceNotActive`, `CaseSuspended`, `WrittenByNewerRelease`.
        """
        if instance.state != "active":
            raise (
                CaseSuspended() if instance.state == "suspended" else InstanceNotActive(state=instance.state)
            )
        execution = self._executions.get(instance.id)
        if execution is None:
            definition = self.definition(instance)
            environment = self.environment(definition)
            execution = self.ctx.engine.live.take(instance.id, instance.revision)
            if execution is None:
                execution = _load(definition, instance, environment, self.limits)
            else:
                execution.environment = environment
            self._executions[instance.id] = execution
        return execution

    @property
    def limits(self) -> Limits:
        """What the installation allows one instance."""
        allowed = self.ctx.engine.settings.limits
        return Limits(
            steps=allowed.steps,
            seconds=allowed.seconds,
            repetitions=allowed.repetitions,
            tokens=allowed.tokens,
            result_bytes=allowed.variable_bytes,
        )

    def record(self, instance: ProcessInstance, type_: str, /, **fields: Any) -> Recorded:
        """Append an event to the instance's history."""
        return self._recorder(instance).record(type_, **fields)

    def act(self, instance: ProcessInstance, type_: str, /, **fields: Any) -> Recorded:
        """Append what the actor did themselves, and where from; what it led to is recorded without."""
        return self.record(instance, type_, **fields, **self.ctx.actor.whence)

    def _recorder(self, instance: ProcessInstance) -> Recorder:
        if instance.id not in self._recorders:
            self._recorders[instance.id] = Recorder(self.ctx, instance)
        return self._recorders[instance.id]

    def start(
        self,
        definition: Definition,
        variables: Mapping[str, Any],
        *,
        business_key: str,
        parent: ProcessInstance | None = None,
        parent_activity_id: str | None = None,
        start_event: str | None = None,
    ) -> ProcessInstance:
        """Create an instance and let it run to its first wait states (its effects are projected at the end).

        Raises `StartsByEvent` when no start event is given and the procedure has none of its own.
        Raises `ValueNotKept`.
        """
        ctx = self.ctx
        if start_event is None and not Execution.can_start(definition.process):
            raise StartsByEvent(process=definition.key)
        values = {
            "definition_id": definition.id,
            "process_key": definition.key,
            "business_key": business_key,
            "root_id": (parent.root_id or parent.id) if parent else None,
            "parent_id": parent.id if parent else None,
            "parent_activity_id": parent_activity_id,
            "state": "active",
            "started_at": ctx.now,
            "started_by": ctx.actor.key,
            "ended_at": None,
            "blob": None,
            "revision": 0,
            "variables": {},
            "history_seq": 0,
            "history_hash": GENESIS,
        }
        instance = ctx.session.execute(
            insert(ProcessInstance).returning(ProcessInstance), [values]
        ).scalar_one()
        if parent is None:
            instance.root_id = instance.id
        (self.act if parent is None else self.record)(
            instance,
            "ProcessInstanceStarted",
            element_id=start_event,
            format=FORMAT,
            process=definition.key,
            version=definition.version,
            definition_id=definition.id,
            parent=parent.id if parent else None,
            variables=variables,
        )
        try:
            execution = Execution.start(
                definition.process,
                variables,
                self.environment(definition),
                start_event=start_event,
                limits=self.limits,
            )
        except UnstorableValue as error:
            raise ValueNotKept(why=str(error)) from error
        self.adopt(instance, execution)
        return instance

    def _finish(self) -> None:
        """Project all effects, then write everything this command did."""
        moved = self._project_all()
        self._write(moved)

    def _project_all(self) -> set[int]:
        """Effects of one instance can move another (a called instance ends, its caller goes on): until none is left."""
        moved: set[int] = set()
        pending = True
        while pending:
            pending = False
            for instance_id, execution in list(self._executions.items()):
                effects = execution.take_effects()
                if effects:
                    pending = True
                    moved.add(instance_id)
                    projection.project(self, self._instances[instance_id], effects)
        return moved | set(self._executions)

    def _write(self, moved: set[int]) -> None:
        session, batch = self.ctx.session, Batch()
        instances = []
        for instance_id in moved | set(self._recorders):
            instance = self._instances[instance_id]
            execution = self._executions.get(instance_id)
            if execution is not None:
                instance.revision += 1
                instance.variables = execution.variables()
                instance.blob = _dumped(execution) if instance.ended_at is None else None
                if instance.ended_at is None:
                    self.ctx.after_commit.append(
                        partial(self.ctx.engine.live.put, instance.id, instance.revision, execution)
                    )
            instances.append(_columns(instance))
            session.expunge(instance)
        self.rows.write(batch)
        batch.update(ProcessInstance, instances)
        batch.insert(HistoryEvent, [row for recorder in self._recorders.values() for row in recorder.rows])
        notices.send(batch, self.rows.concerned)
        ids = batch.send(session)
        self.ctx.engine.queue.defer(session, self.deferred + self.rows.deferred(ids))


def _load(
    definition: Definition, instance: ProcessInstance, environment: Environment, limits: Limits
) -> Execution:
    try:
        return Execution.load(definition.process, instance.blob, environment, limits=limits)
    except NewerState as reason:
        raise WrittenByNewerRelease(
            case=instance.business_key, found=reason.found, known=reason.known
        ) from reason


#: The columns that commands change.
_CHANGING = (
    "id",
    "root_id",
    "state",
    "ended_at",
    "definition_id",
    "blob",
    "revision",
    "variables",
    "history_seq",
    "history_hash",
)


def _dumped(execution: Execution) -> bytes:
    try:
        return execution.dump()
    except StateTooLarge as error:
        raise ValueNotKept(why=str(error)) from error


def _columns(instance: ProcessInstance) -> dict[str, Any]:
    return {name: getattr(instance, name) for name in _CHANGING}
