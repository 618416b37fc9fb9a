"""Taking work from the queue and saying what became of it: several pieces in one round trip while there is much to do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

#: Between two tries to reach a database that is away.
RECONNECT_SECONDS = 1.0

# Procrastinate's own functions, each called for several rows. The worker's number is said to differ by row so that the
# function is called for each of them.
_TAKE = (
    "SELECT job.* FROM generate_series(1, %(most)s) AS turn,"
    " LATERAL procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker_id)s + 0 * turn) AS job"
    " WHERE job.id IS NOT NULL"
)
_END = (
    "SELECT procrastinate_finish_job_v1(id, status::procrastinate_job_status, gone)"
    " FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(gone)s::boolean[]) AS ended (id, status, gone)"
)


class Handing(JobManager):
    """Procrastinate's job manager for one worker of so many threads.

    Takes no more than there are threads free for, so that nothing waits here while another worker has nothing to do. Says
    what became of a piece of work until the database has heard it: said once only, work that ended while the database
    was away would count as in hand for as long as its worker lives.
    """

    def __init__(self, connector: BaseConnector, *, threads: int) -> None:
        super().__init__(connector)
        self._threads = threads
        #: Ids of what is in hand: taken, and not yet told what became of it.
        self._in_hand: set[int | None] = set()
        #: Taken with others, and about to be begun.
        self._taken: deque[Job] = deque()
        #: How many to ask for: one while there is little to do, more while each answer is full.
        self._most = 1
        self._ended: list[tuple[Job, Status, bool, asyncio.Future[None]]] = []
        self._telling: asyncio.Task[None] | None = None

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """See `JobManager.fetch_job`."""
        if not self._taken:
            most = max(1, min(self._most, self._threads - len(self._in_hand)))
            rows = await self.connector.execute_query_all_async(
                query=_TAKE, queues=queues, worker_id=worker_id, most=most
            )
            self._most = most * 2 if len(rows) == most else 1
            self._taken.extend(Job.from_row(row) for row in rows)
            self._in_hand.update(job.id for job in self._taken)
        return self._taken.popleft() if self._taken else None

    async def give_back(self) -> None:
        """Leave what was taken and not begun to other workers, who would else find it only once this one counts as dead."""
        with suppress(ConnectorException, TimeoutError):
            async with asyncio.timeout(RECONNECT_SECONDS):
                while self._taken:
                    await super().retry_job(self._taken.popleft())

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """See `JobManager.finish_job`."""
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((job, status, delete_job, heard))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())
        try:
            await heard
        finally:
            self._in_hand.discard(job.id)

    async def _tell(self) -> None:
        """Tell all that ended since the last time at once; what the database refuses together, one by one."""
        while self._ended:
            ended, self._ended = self._ended, []
            try:
                await insist(self._end, ended)
            except Exception:  # one of them was ended by somebody else, who took it for lost
                await asyncio.gather(*(self._tell_one(each) for each in ended))
            else:
                for *_, heard in ended:
                    _heard(heard)

    async def _tell_one(self, each: tuple[Job, Status, bool, asyncio.Future[None]]) -> None:
        try:
            await insist(self._end, [each])
        except Exception as error:  # told to whoever waits for it
            _heard(each[-1], error)
        else:
            _heard(each[-1])

    async def _end(self, ended: list[tuple[Job, Status, bool, asyncio.Future[None]]]) -> None:
        await self.connector.execute_query_async(
            query=_END,
            ids=[job.id for job, *_ in ended],
            statuses=[status.value for _, status, *_ in ended],
            gone=[gone for _, _, gone, _ in ended],
        )

    async def retry_job(self, job: Job, *args: Any, **kwargs: Any) -> None:
        """See `JobManager.retry_job`."""
        try:
            await insist(super().retry_job, job, *args, **kwargs)
        finally:
            self._in_hand.discard(job.id)


def _heard(waiting: asyncio.Future[None], error: Exception | None = None) -> None:
    """Let whoever waits go on; they may have been called off meanwhile, and the others must hear all the same."""
    if waiting.done():
        return
    if error is None:
        waiting.set_result(None)
    else:
        waiting.set_exception(error)


async def insist(say: Callable[..., Awaitable[None]], *args: Any, **kwargs: Any) -> None:
    """Say something to the database until it has heard it, however long it is away."""
    heard = False
    while True:
        try:
            return await say(*args, **kwargs)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                if heard:
                    return  # it was done the time before, and only the answer was lost
                raise
            heard = True
            await asyncio.sleep(RECONNECT_SECONDS)
