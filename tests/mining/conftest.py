"""The office of the web's tests, with goods to sell and cases about them."""

from __future__ import annotations

import pytest

from tests.web import goods
from tests.web.conftest import Office, office  # noqa: F401 - a fixture


@pytest.fixture
def house(office: Office) -> Office:  # noqa: F811
    """Shops, goods and order SO-1; no case yet."""
    goods.furnish(office)
    return office
