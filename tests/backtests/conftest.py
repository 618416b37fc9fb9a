"""A shop whose refunds up to 500 are paid without a review, and cases of it that came to their end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from engine import installation
from engine.aftersales import reference
from engine.bootstrap import Application
from engine.runtime import bundles, deployments, drafts, identity
from engine.runtime.bundles import Bundle
from engine.runtime.clock import HandClock
from engine.runtime.context import Actor
from engine.runtime.queue import HandQueue
from engine.scenarios import acting, given
from engine.store.tables import Draft, Person, ProcessDefinition, UserTask
from engine.worker import perform

REFUND = "refund_only"
TABLES = ("dmn", "refund_rules.dmn")
DIAGRAM = ("bpmn", "refund_only.bpmn")


class Shop:
    """What happens in these stories."""

    def __init__(self, app: Application, clock: HandClock, queue: HandQueue) -> None:
        self.app, self.clock, self.queue = app, clock, queue
        settings = app.settings
        self.shipped = {
            b.process_key: b for b in bundles.from_folders(settings.processes_dir, settings.forms_dir)
        }
        with app.commands.begin() as ctx:
            installation.add_sample_people(ctx, password=None)
            reference.load(ctx, reference.read(settings.reference_file))
            deployments.deploy(ctx, self.shipped["satisfaction_rating"])
        self.deploy(TABLES, "<text>2000</text>", "<text>500</text>")

    def changed(self, file: tuple[str, str], *changes: str) -> Bundle:
        """The shop's refund procedure with texts of one file replaced: old, new, old, new ..."""
        files = dict(self.files)
        text = files[file].decode()
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text, old
            text = text.replace(old, new)
        return Bundle(process_key=REFUND, files={**files, file: text.encode()})

    @property
    def files(self) -> Any:
        with self.app.commands.begin() as ctx:
            live = select(ProcessDefinition.id).where(
                ProcessDefinition.process_key == REFUND, ProcessDefinition.is_current
            )
            found = ctx.session.execute(live).scalar()
            return deployments.files(ctx, found) if found else self.shipped[REFUND].files

    def deploy(self, file: tuple[str, str], *changes: str) -> ProcessDefinition:
        bundle = self.changed(file, *changes)
        with self.app.commands.begin() as ctx:
            return deployments.deploy(ctx, bundle, together_with=self.shipped.keys())[0]

    def draft(self, file: tuple[str, str], *changes: str) -> Draft:
        content = self.changed(file, *changes).files[file]
        with self.app.commands.begin(self.actor("qian.yu")) as ctx:
            draft = drafts.open_(ctx, REFUND)
            return drafts.save(ctx, draft.id, {file: content}, revision=draft.revision)

    def actor(self, key: str) -> Actor:
        with self.app.database.begin() as session:
            return identity.actor(session.execute(select(Person).where(Person.key == key)).scalar_one())

    def do(self, by: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.app.commands.begin(self.actor(by)) as ctx:
            return command(ctx, *args, **kwargs)

    def work(self) -> None:
        while self.queue.work:
            item = self.queue.work.pop(0)
            perform(self.app.commands, item.kind, item.id)

    def refund(self, number: int, amount: Decimal, tier: str = "standard") -> str:
        """A refund asked for, reviewed where the rules want it, and paid; the case's number."""
        order, customer = f"SO-{number}", f"C-{number}"
        lines = [{"sku": f"CHAIR-{number}", "quantity": 1, "unitPrice": float(amount)}]
        world = {
            "customer": {"number": customer, "tier": tier, "phone": f"138{number:08d}"},
            "order": {
                "number": order,
                "state": "paid",
                "salesChannel": "website",
                "lines": lines,
                "shippingFee": 0.0,
            },
        }
        with self.app.database.begin() as session:
            given.create(session, world, now=self.clock.now())
        form = {
            "orderNumber": order,
            "request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"},
            "channel": "phone",
            "urgency": "general",
        }
        case = self.do(
            "li.na", acting.register, REFUND, form, order_number=order, customer_number=customer
        ).number
        self.work()
        for step, by in (("review_application", "wang.fang"), ("review_amount", "xu.dan")):
            with self.app.database.begin() as session:
                waiting = select(UserTask.id).where(
                    UserTask.business_key == case, UserTask.element_id == step, UserTask.state == "created"
                )
                task = session.execute(waiting).scalar()
            if task is not None:
                self.do(by, acting.complete, task, {"decision": "approve"})
                self.work()
        return case


@pytest.fixture
def shop(app: Application, clock: HandClock, queue: HandQueue) -> Shop:
    """The shop on its first day."""
    return Shop(app, clock, queue)
