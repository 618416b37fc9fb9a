"""Workers: take deferred work from the queue and turn it into commands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import procrastinate
import structlog
from procrastinate import App, JobContext

from engine.aftersales import sending
from engine.bootstrap import Application
from engine.runtime import jobs, messages, signals, timers
from engine.runtime.edge import Commands
from engine.runtime.queue import KINDS, ProcrastinateQueue

log = structlog.get_logger()

#: How often a lost notification is made up for by looking.
POLL_SECONDS = 5


def perform(commands: Commands, kind: str, id_: int, variables: Mapping[str, Any] | None = None) -> None:
    """Do one piece of deferred work. Doing it again does no harm: each command checks what still waits."""
    match kind:
        case "job":
            jobs.run(commands, id_)
        case "timer":
            with commands.begin() as ctx:
                timers.fire(ctx, id_)
        case "message":
            with commands.begin() as ctx:
                messages.correlate(ctx, id_)
        case "signal":
            with commands.begin() as ctx:
                signals.deliver(ctx, id_, variables or {})
        case "delivery":
            sending.deliver(commands, id_)
        case _:
            raise ValueError(f"unknown kind of work: {kind}")


def queue_app(application: Application) -> App:
    """The Procrastinate app of this process with its tasks."""
    queue = application.engine.queue
    assert isinstance(queue, ProcrastinateQueue)  # workers exist only where there is a queue to work
    app, stalled_after = queue.app, application.settings.stalled_after_seconds
    for kind in KINDS:
        _register(app, application.commands, kind)

    @app.periodic(cron="* * * * * */5")
    @app.task(name="take_over", queueing_lock="take_over", pass_context=True)
    async def take_over(context: JobContext, timestamp: int) -> None:
        """Give the jobs of dead workers to living ones."""
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after)
        for job in stalled:
            log.warning("job_taken_over", queued_job=job.id, kind=job.task_name)
            await app.job_manager.retry_job(job)

    return app


def _register(app: App, commands: Commands, kind: str) -> None:
    # Retried by Procrastinate only when a command could not run at all (the database was away): handlers' own failures
    # are counted by engine.runtime.jobs.
    retry = procrastinate.RetryStrategy(max_attempts=20, exponential_wait=2)

    @app.task(name=kind, retry=retry)
    def work(id: int, variables: dict[str, Any] | None = None) -> None:
        perform(commands, kind, id, variables)


def run(application: Application, *, threads: int) -> None:
    """Work until SIGINT or SIGTERM; jobs in hand are finished first."""
    asyncio.run(_run(application, threads, install_signal_handlers=True))


async def _run(application: Application, threads: int, *, install_signal_handlers: bool) -> None:
    app, stalled_after = queue_app(application), application.settings.stalled_after_seconds
    async with app.open_async():
        await app.run_worker_async(
            concurrency=threads,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=stalled_after / 3,
            stalled_worker_timeout=stalled_after,
            delete_jobs="successful",
            install_signal_handlers=install_signal_handlers,
        )


class BackgroundWorker:
    """A worker inside the web process."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self._application, self._threads = application, threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand and end."""
        loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        self._thread.join(timeout=30)

    def _work(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.create_task(
                _run(self._application, self._threads, install_signal_handlers=False)
            )
            try:
                await self._task
            except asyncio.CancelledError:
                log.info("worker_stopped")

        asyncio.run(main())
