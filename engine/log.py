"""The log of a process: events with their fields, for people on a console or as JSON for a collector."""

from __future__ import annotations

import sys

import structlog

from config.settings import Settings


def configure(settings: Settings) -> None:
    """Set the log up as the settings say. Every process does it once, those that the web server spawns too."""
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info if settings.log_json else structlog.dev.set_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.upper()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
