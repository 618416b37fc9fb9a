"""Metrics for Prometheus: what this process served, and what the database says of engine and queue when it is asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from engine.runtime.edge import Commands
from engine.worker_figures import WORK
from web.queries import health

#: Where the web processes of one machine keep their figures for each other; set before they start (web.server).
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_own = CollectorRegistry()
_requests = Histogram(
    "aftercare_http_request_seconds",
    "Time until an answer begins, by route and status.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_own,
)


def served(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests.labels(method, route, str(status)).observe(seconds)


def exposition(commands: Commands) -> bytes:
    """Everything in Prometheus's text format. Without its database a process still tells what it served, and what work the
    worker inside it did."""
    if SHARED in os.environ:
        own = [CollectorRegistry()]
        MultiProcessCollector(own[0])
    else:
        own = [_own, WORK]
    asked = CollectorRegistry()
    asked.register(_Asked(commands))
    return b"".join(generate_latest(registry) for registry in (*own, asked))


class _Asked:
    """Collects what the database says, now."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def collect(self) -> Iterator[Any]:
        """See `prometheus_client.registry.Collector`."""
        found = health.measured(self._commands)
        yield GaugeMetricFamily(
            "aftercare_database_up", "Whether the database answers.", value=float(found is not None)
        )
        for metric, rows in (found or {}).items():
            family = CounterMetricFamily if metric.counts_up else GaugeMetricFamily
            told = family(metric.name, metric.text, labels=metric.labels)
            for *labels, value in rows:
                told.add_metric([str(label) for label in labels], float(value))
            yield told
