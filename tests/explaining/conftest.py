"""The small office of tests/runtime."""

from tests.runtime.conftest import office

__all__ = ["office"]
