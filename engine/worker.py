"""Workers: take deferred work from the queue and turn it into commands."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job as QueuedJob
from structlog.contextvars import bound_contextvars

from config.settings import Settings
from engine import telemetry, work, worker_figures
from engine.aftersales import seal_mail
from engine.aftersales.retention import runs as retention
from engine.bootstrap import Application, database_url
from engine.handing import RECONNECT_SECONDS, Handing
from engine.runtime import seals, spans, timers
from engine.runtime.edge import Commands
from engine.runtime.pauses import Pauses
from engine.runtime.queue import KINDS, ProcrastinateQueue
from engine.scenarios import trials
from engine.store.database import is_away
from engine.worker_figures import Outcome, Telling

log = structlog.get_logger()

#: How often a lost notification is made up for by looking.
POLL_SECONDS = 5
#: How often timers are looked for whose time has come, and how many are put on the queue at once.
CLOCK_SECONDS, TIMERS_AT_ONCE = 0.5, 500


def perform(commands: Commands, kind: str, id_: int) -> Outcome:
    """Do one piece of deferred work: the engine's own, or a run of scenarios, which drives the engine itself."""
    if kind == "scenarios":
        trials.run(commands, id_)
        return "done"
    return work.perform(commands, kind, id_)


def queue_app(application: Application, *, threads: int) -> App:
    """The Procrastinate app of a worker of so many threads, with its tasks."""
    queue = application.engine.queue
    assert isinstance(queue, ProcrastinateQueue)  # workers exist only where there is a queue to work
    app, stalled_after = queue.app(), application.settings.stalled_after_seconds
    app.job_manager = Handing(app.connector, threads=threads)
    pauses = Pauses.of(application.settings)
    for kind in KINDS:
        _register(app, application.commands, kind, pauses)

    @app.periodic(cron="* * * * * */5")
    @app.task(name="take_over", queueing_lock="take_over", pass_context=True)
    async def take_over(context: JobContext, timestamp: int) -> None:
        """Give the jobs of dead workers to living ones."""
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after)
        for job in stalled:
            log.warning("job_taken_over", queued_job=job.id, kind=job.task_name)
            await app.job_manager.retry_job(job)

    # Each hour, so that a day on which no worker ran at midnight is sealed all the same.
    @app.periodic(cron="5 * * * *")
    @app.task(name="seal", queueing_lock="seal")
    def seal(timestamp: int) -> None:
        """Seal the history once a day, then let go what was kept long enough."""
        daily_seal(application)

    return app


def daily_seal(application: Application) -> None:
    """Seal the history unless it was today, and mail the seal outside where the settings name an address.

    What the rules let go follows at once: all of it is as that seal covers it."""
    if (made := seals.make_due(application.commands)) is not None:
        retention.make_due(application.commands)
        seal_mail.send(application.settings, made)


def _register(app: App, commands: Commands, kind: str, pauses: Pauses) -> None:
    @app.task(name=kind, retry=Patience(pauses))
    def take(id: int) -> None:
        with (
            bound_contextvars(work=kind, work_id=id),
            worker_figures.counted(kind) as ended,
            spans.span(f"work {kind}", {"aftercare.work_id": id}),
        ):
            ended(perform(commands, kind, id))


class Patience(BaseRetryStrategy):
    """When a command could not run at all (the database was away) it is tried again, for as long as it takes: what is
    queued is somebody's promise. Handlers' own failures are counted by engine.runtime.jobs."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = pauses

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision:
        """After a pause that grows with the attempts, spread at random; the shortest where the database was away, since
        it is back when this is written."""
        pause = self._pauses.after(1 if is_away(exception) else job.attempts + 1)
        log.warning("work_postponed", kind=job.task_name, id=job.task_kwargs.get("id"), error=str(exception))
        return RetryDecision(retry_in={"milliseconds": round(pause.total_seconds() * 1000)})


class Worker:
    """Takes work from the queue on threads of its own, beside whatever else the process does."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self._application, self._threads = application, threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def works(self) -> bool:
        """Whether it takes work, or tries to reach the database again."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, end. What is not done in time is left to other workers."""
        loop, task = self._loop, self._task
        if loop is not None and task is not None and not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        self._thread.join(timeout=self._application.settings.drain_seconds)
        if self._thread.is_alive():
            log.warning("work_left_to_others")

    def _work(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._loop.set_default_executor(WorkThreads(self._threads))
            self._task = asyncio.create_task(self._take_work())
            try:
                await self._task
            except asyncio.CancelledError:
                log.info("worker_stopped")

        asyncio.run(main())

    async def _take_work(self) -> None:
        """Until cancelled; begins again when the database was away."""
        stalled_after = self._application.settings.stalled_after_seconds
        while True:
            app = queue_app(self._application, threads=self._threads)
            try:
                async with app.open_async(), self._watching_the_clock(), _giving_back(app):
                    await app.run_worker_async(
                        concurrency=self._threads,
                        fetch_job_polling_interval=POLL_SECONDS,
                        update_heartbeat_interval=stalled_after / 3,
                        stalled_worker_timeout=stalled_after,
                        delete_jobs="successful",
                        install_signal_handlers=False,
                    )
            except Exception as error:  # whatever it was, work that waits is taken up again
                log.warning("worker_interrupted", error=str(error.__cause__ or error))
                await asyncio.to_thread(_raise_the_embedded, self._application.settings)
            await asyncio.sleep(RECONNECT_SECONDS)

    @asynccontextmanager
    async def _watching_the_clock(self) -> AsyncIterator[None]:
        clock = asyncio.create_task(_watch_the_clock(self._application.commands))
        try:
            yield
        finally:
            clock.cancel()


@asynccontextmanager
async def _giving_back(app: App) -> AsyncIterator[None]:
    try:
        yield
    finally:
        assert isinstance(app.job_manager, Handing)
        await app.job_manager.give_back()


async def _watch_the_clock(commands: Commands) -> None:
    """Put timers on the queue when their time has come. What is not due costs nothing, however much of it there is."""
    while True:
        try:
            queued = await asyncio.to_thread(_queue_due, commands)
        except Exception as error:  # the database is away; the worker itself begins again by then
            log.warning("timers_not_queued", error=str(error))
            queued = 0
        if queued < TIMERS_AT_ONCE:
            await asyncio.sleep(CLOCK_SECONDS)


def _queue_due(commands: Commands) -> int:
    with commands.begin() as ctx:
        return timers.queue_due(ctx, limit=TIMERS_AT_ONCE)


def _raise_the_embedded(settings: Settings) -> None:
    """Nobody else starts the embedded server again when it was killed."""
    try:
        database_url(settings)
    except Exception as error:  # tried again with the next interruption
        log.warning("database_not_started", error=str(error))


class WorkThreads(ThreadPoolExecutor):
    """A thread for each piece of work, which keeps no process from ending: whoever is told to stop stops, and what
    hangs is taken over by another worker."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See `Executor.submit`."""
        future: Future[Any] = Future()

        def run() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work(*args, **kwargs))
                except BaseException as error:  # the future's owner hears of it
                    future.set_exception(error)

        threading.Thread(target=run, name="work", daemon=True).start()
        return future


def run(application: Application, *, threads: int) -> None:
    """Work until SIGINT or SIGTERM; jobs in hand are finished first."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    settings = application.settings
    end_telemetry = telemetry.configure(settings, part="worker")
    worker = Worker(application, threads=threads)
    worker.start()
    if settings.worker_metrics:
        token = settings.metrics_token.get_secret_value()
        Telling(settings.worker_metrics, token=token, works=worker.works)
    told.wait()
    worker.stop()
    end_telemetry()
