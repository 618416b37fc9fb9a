"""Files given as text, imported into an installation with its reference data."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from engine.aftersales import imports, reference
from engine.aftersales.imports import Mapping, Report
from engine.bootstrap import Application

Import = Callable[..., Report]


@pytest.fixture
def shop(app: Application) -> Application:
    """An installation with shops and warehouses."""
    with app.commands.begin() as ctx:
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
    return app


@pytest.fixture
def bring_in(shop: Application) -> Import:
    """Import a text as a file of some kind; further arguments are keys of the mapping."""

    def bring_in(kind: str, text: str | bytes, **mapping: object) -> Report:
        content = text if isinstance(text, bytes) else text.encode("utf-8")
        how = Mapping(kind=kind, **mapping)  # type: ignore[arg-type]
        with shop.commands.begin() as ctx:
            return imports.run(ctx, how, io.BytesIO(content), name="file.csv")

    return bring_in
