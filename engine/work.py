"""Deferred work turned into commands: what a job, a timer, a message means once its turn has come."""

from __future__ import annotations

from typing import Literal

from engine.aftersales import password_links, sending
from engine.aftersales.retention import runs as retention
from engine.backtests import runs as back_tests
from engine.runtime import jobs, messages, releases, signals, starts, timers, verification
from engine.runtime.edge import Commands
from engine.runtime.moving import runs as moves
from engine.runtime.operating import bulk


def perform(commands: Commands, kind: str, id_: int) -> Literal["done", "retried", "failed"]:
    """Do one piece of deferred work. Doing it again does no harm: each command checks what still waits.

    Returns what became of it; only service tasks fail without an exception, since their handlers are others' work."""
    match kind:
        case "job":
            return jobs.run(commands, id_)
        case "timer":
            with commands.begin() as ctx:
                timers.fire(ctx, id_)
        case "message":
            with commands.begin() as ctx:
                messages.correlate(ctx, id_)
        case "signal":
            with commands.begin() as ctx:
                signals.deliver(ctx, id_)
        case "start":
            with commands.begin() as ctx:
                starts.begin(ctx, id_)
        case "delivery":
            sending.deliver(commands, id_)
        case "planned_start":
            with commands.begin() as ctx:
                releases.begin_planned(ctx, id_)
        case "move":
            moves.go_on(commands, id_)
        case "back_test":
            back_tests.run(commands, id_)
        case "bulk":
            bulk.go_on(commands, id_)
        case "verification":
            verification.run(commands, id_)
        case "retention":
            retention.run(commands, id_)
        case "password_link":
            with commands.begin() as ctx:
                password_links.send(ctx, id_)
        case _:
            raise ValueError(f"unknown kind of work: {kind}")
    return "done"
