"""OpenTelemetry, where the settings name a collector: spans of requests, commands and work, sent over OTLP/HTTP.

Only the stable API and SDK: the instrumentations of frameworks are pre-releases, and what is worth seeing here are commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from config.settings import Settings
from engine.runtime import spans


def configure(settings: Settings, *, part: str) -> Callable[[], None]:
    """Send spans of this process ("web", "worker") to the collector; without one, SDK and exporter are not even imported.

    Returns what is to be called at the end, so that the last spans leave too."""
    if not settings.otlp_endpoint:
        return lambda: None
    from opentelemetry import propagate
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": f"aftercare-{part}", "service.namespace": "aftercare"})
    provider = TracerProvider(resource=resource)
    address = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    tracer = provider.get_tracer("aftercare")

    @contextmanager
    def opening(name: str, attributes: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[Any]:
        outside = propagate.extract(headers) if headers else None
        with tracer.start_as_current_span(name, context=outside, attributes=dict(attributes)) as span:
            yield span

    spans.collect(opening)

    def end() -> None:
        spans.collect(None)
        provider.shutdown()

    return end
