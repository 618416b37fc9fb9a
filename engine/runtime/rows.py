"""The rows people can list and workers can take: what one command inserts and ends, over all its instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.runtime.notices import Concerned
from engine.runtime.queue import Deferred
from engine.store.batch import Batch
from engine.store.tables import (
    Incident,
    Job,
    MessageSubscription,
    SignalSubscription,
    Timer,
    UserTask,
)

#: (instance id, activity, timer or subscription id)
Key = tuple[int, int]
#: A job whose incident is retried opens again with its inputs read anew and the same idempotency key.
_OPENED_AGAIN = "ON CONFLICT (instance_id, activity_id) DO UPDATE SET " + ", ".join(
    f"{column} = excluded.{column}"
    for column in ("state", "inputs", "headers", "retries_left", "run_at", "ended_at")
)


@dataclass
class Rows:
    """Rows to insert, to change and to end."""

    user_tasks: list[dict[str, Any]] = field(default_factory=list)
    #: Columns of open user tasks by their `id`.
    user_tasks_set: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    #: Columns of jobs by their `id`.
    jobs_set: list[dict[str, Any]] = field(default_factory=list)
    timers: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    cancelled_user_tasks: list[Key] = field(default_factory=list)
    cancelled_jobs: list[Key] = field(default_factory=list)
    cancelled_timers: list[Key] = field(default_factory=list)
    ended_messages: list[Key] = field(default_factory=list)
    ended_signals: list[Key] = field(default_factory=list)
    resolved_incidents: list[Key] = field(default_factory=list)
    now: Any = None
    actor: str = "system"
    concerned: Concerned = field(default_factory=Concerned)

    def write(self, batch: Batch) -> None:
        """Put all rows into the batch; what is ended goes before what is new."""
        batch.update(UserTask, self.user_tasks_set, only="t.state = 'created'")
        batch.update(Job, self.jobs_set)
        for key in self.cancelled_user_tasks:
            batch.execute(_CANCEL_USER_TASK, (self.now, *key))
        for key in self.cancelled_jobs:
            batch.execute(_CANCEL_JOB, (self.now, *key))
        for key in self.resolved_incidents:
            batch.execute(_RESOLVE_INCIDENT, (self.now, self.actor, *key))
        for key in self.cancelled_timers:
            batch.execute("DELETE FROM timer WHERE instance_id = %s AND timer_id = %s", key)
        for key in self.ended_messages:
            batch.execute(_END_MESSAGE, key)
        for key in self.ended_signals:
            batch.execute(_END_SIGNAL, key)
        batch.insert_numbered(Job, self.jobs, clause=_OPENED_AGAIN)
        batch.insert(Timer, self.timers)
        batch.insert(UserTask, self.user_tasks)
        batch.insert(MessageSubscription, self.messages)
        batch.insert(SignalSubscription, self.signals)
        batch.insert(Incident, self.incidents)

    def deferred(self, ids: Sequence[list[int]]) -> list[Deferred]:
        """The work that the written jobs defer; `ids` as the batch numbered them."""
        return [Deferred(kind="job", id=id_) for numbered in ids for id_ in numbered]


_CANCEL_USER_TASK = (
    "UPDATE user_task SET state = 'cancelled', ended_at = %s"
    " WHERE instance_id = %s AND activity_id = %s AND state = 'created'"
)
_CANCEL_JOB = (
    "UPDATE job SET state = 'cancelled', ended_at = %s"
    " WHERE instance_id = %s AND activity_id = %s AND ended_at IS NULL"
)
_RESOLVE_INCIDENT = (
    "UPDATE incident SET resolved_at = %s, resolved_by = %s"
    " WHERE instance_id = %s AND activity_id = %s AND resolved_at IS NULL"
)
_END_MESSAGE = "DELETE FROM message_subscription WHERE instance_id = %s AND subscription_id = %s"
_END_SIGNAL = "DELETE FROM signal_subscription WHERE instance_id = %s AND subscription_id = %s"
