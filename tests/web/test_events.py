"""News for open pages."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from engine.runtime import user_tasks
from web.events import Subscriber, listening
from web.queries import work


def test_a_new_step_wakes_those_whose_groups_it_is_for_and_nobody_else(app, office):
    operations = Subscriber(person="gao.yuan", groups=frozenset({"operations"}))
    finance = Subscriber(person="xu.dan", groups=frozenset({"finance"}))

    async def story() -> None:
        async with listening(app.database) as news:
            news.subscribers |= {operations, finance}
            await asyncio.wait_for(operations.news.wait(), 10)  # told once that somebody listens again
            operations.news.clear()
            finance.news.clear()
            await asyncio.to_thread(office.case)
            await asyncio.wait_for(operations.news.wait(), 10)

    # In a thread of its own: a real browser, if tests drove one before, keeps its loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, story()).result()
    assert not finance.news.is_set()


def test_the_state_has_another_mark_whenever_a_list_would_look_different(app, office):
    def mark() -> str:
        with app.commands.begin(office.actor("gao.yuan")) as ctx:
            return work.counts(ctx).mark

    marks = [mark()]
    office.case()
    marks.append(mark())
    office.do("gao.yuan", user_tasks.claim, office.task("review").id)
    marks.append(mark())
    office.do("gao.yuan", user_tasks.release, office.task("review").id)
    assert len(set(marks)) == 3 and mark() == marks[1]


def test_a_stranger_gets_no_stream(stranger):
    assert stranger.get("/events", follow_redirects=False).headers["location"].startswith("/sign-in")
