"""`aftercare real-orders`: a real shop's export in, its cancellations and 300 of its lines through the procedures."""

from __future__ import annotations

import io
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from config.settings import Settings
from engine import bootstrap, installation
from engine.aftersales import imports
from engine.aftersales.tables import CustomerOrder, OrderLine, Refund, RefundLine
from engine.bootstrap import Application
from engine.proving import export as exports
from engine.proving import picks as picking
from engine.proving.export import Export
from engine.proving.floor import Floor
from engine.proving.picks import Pick, Unmatched
from engine.proving.reckoning import Paid, expected
from engine.runtime import bundles, deployments, verifying
from engine.runtime.clock import HandClock
from engine.runtime.queue import HandQueue


@dataclass(frozen=True, kw_only=True)
class Result:
    """How it went."""

    imported: imports.Report
    matched: list[Pick]
    unmatched: list[Unmatched]
    #: Procedure -> cases run.
    cases: dict[str, int]
    #: Seconds for all cases, import and set-up not counted.
    seconds: float
    paid: list[Paid]
    #: What the ledger holds and the reckoning does not, and the other way round, in words.
    differences: list[str]
    broken: list[str]

    @property
    def good(self) -> bool:
        """The ledger is what it must be, and so is the history."""
        return self.imported.good and not self.differences and not self.broken


def read_rules(settings: Settings) -> dict[str, Any]:
    """The rules of `config/real_orders.toml`."""
    return tomllib.loads(settings.real_orders_file.read_text(encoding="utf-8"))


def run(
    settings: Settings,
    url: str,
    path: Path,
    *,
    rules: Mapping[str, Any],
    told: Callable[[str], None],
) -> Result:
    """Run it on the empty, migrated database at `url`.

    Raises `export.BadExport`, `imports.BadFile`, `floor.Stuck`.
    """
    export = exports.read(path)
    matched, unmatched = picking.cancellations(export, rules)
    but = {pick.sale.invoice for pick in matched}
    picks = matched + picking.picked(export, rules, but=but, each=rules["each"])
    begins = min((lines[0].at for lines in export.sales.values()), default=None)
    if begins is None:
        raise exports.BadExport(f"{path.name} holds no sale.")
    clock, queue = HandClock(begins - timedelta(days=1)), HandQueue()
    app = bootstrap.application(settings, url=url, clock=clock, queue=queue)
    try:
        told("Setting up procedures and people")
        _furnish(app, settings)
        told(f"Importing {path.name}")
        imported = _import(app, settings, path)
        if not imported.good:
            return _only_imported(imported, matched, unmatched)
        _stock(app, export, rules)
        floor = Floor(app, clock, queue)
        began = time.monotonic()
        floor.run(
            picks,
            rules["hours"],
            told=lambda done, of: told(f"{done} of {of} cases ended, {clock.now():%d %b %Y}"),
        )
        seconds = time.monotonic() - began
        paid = _ledger(app)
        with app.commands.begin() as ctx:
            broken = [
                f"instance {each.stream}, event {each.seq}: {each.reason}"
                for each in verifying.verify(ctx.session)
            ]
        return Result(
            imported=imported,
            matched=matched,
            unmatched=unmatched,
            cases=dict(Counter(pick.procedure for pick in picks)),
            seconds=seconds,
            paid=paid,
            differences=differences(paid, expected(floor.outcome(), rules["rules"])),
            broken=broken,
        )
    finally:
        app.close()


def _only_imported(imported: imports.Report, matched: list[Pick], unmatched: list[Unmatched]) -> Result:
    return Result(
        imported=imported,
        matched=matched,
        unmatched=unmatched,
        cases={},
        seconds=0,
        paid=[],
        differences=[],
        broken=[],
    )


def _furnish(app: Application, settings: Settings) -> None:
    installation.load_reference(app)
    with app.commands.begin() as ctx:
        installation.add_sample_people(ctx, password=None)
    found = bundles.from_folders(settings.processes_dir, settings.forms_dir)
    keys = {bundle.process_key for bundle in found}
    for bundle in found:
        with app.commands.begin() as ctx:
            deployments.deploy(ctx, bundle, note=installation.NOTE, together_with=keys)


def _import(app: Application, settings: Settings, path: Path) -> imports.Report:
    mapping = imports.read(settings.processes_dir / "imports" / "online_retail.toml")
    with app.commands.begin() as ctx, path.open("rb") as content:
        return imports.run(ctx, mapping, content, name=path.name)


def _stock(app: Application, export: Export, rules: Mapping[str, Any]) -> None:
    """Enough of every product, so that exchanges find their replacement."""
    skus = sorted({sale.sku for lines in export.sales.values() for sale in lines})
    rows = [f"{rules['warehouse']},{sku},{rules['pieces']}" for sku in skus]
    content = "\n".join(["warehouse,sku,quantity", *rows]).encode()
    with app.commands.begin() as ctx:
        imports.run(ctx, imports.plain("stock"), io.BytesIO(content), name="stock")


def _ledger(app: Application) -> list[Paid]:
    """Every refunded order line as the database holds it, the refund's deductions with its only line."""
    query = (
        select(CustomerOrder.number, OrderLine.line, RefundLine.quantity, RefundLine.amount, Refund.deducted)
        .join(OrderLine, OrderLine.order_id == CustomerOrder.id)
        .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
        .join(Refund, Refund.id == RefundLine.refund_id)
    )
    with app.database.begin() as session:
        return sorted(
            Paid(order=order, line=line, quantity=quantity, amount=amount, deducted=deducted)
            for order, line, quantity, amount, deducted in session.execute(query)
        )


def differences(paid: list[Paid], wanted: list[Paid]) -> list[str]:
    """Lines that only one of the two has, in words; a line paid twice is one."""
    is_there, must_be = Counter(paid), Counter(wanted)
    return [f"paid, but should not be: {each}" for each in sorted((is_there - must_be).elements())] + [
        f"should be paid, but is not: {each}" for each in sorted((must_be - is_there).elements())
    ]
