"""Spans reach a collector where there is one, and where there is none no SDK of OpenTelemetry is loaded."""

from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from engine import telemetry
from engine.runtime.edge import Commands
from engine.runtime.spans import span

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def collector():
    """A collector that takes what is sent as OpenTelemetry's own protocol says: (address, spans by name, services)."""
    spans, services = {}, set()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-type"] == "application/x-protobuf"
            for each in ExportTraceServiceRequest.FromString(body).resource_spans:
                services.update(_said(each.resource.attributes)["service.name"].split())
                for one in (one for scope in each.scope_spans for one in scope.spans):
                    spans.setdefault(one.name, []).append(one)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans, services
    server.shutdown()
    server.server_close()


def test_a_request_and_its_commands_reach_the_collector(office, browser, collector):
    address, spans, services = collector
    settings = office.app.settings.model_copy(update={"otlp_endpoint": address})
    li = browser("li.na")
    end = telemetry.configure(settings, part="web")
    try:
        answer = li.get("/inbox", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    finally:
        end()
    assert services == {"aftercare-web"}
    (request,) = spans["GET /inbox"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    said = _said(request.attributes)
    assert (said["http.route"], said["http.response.status_code"]) == ("/inbox", 200)
    assert said["aftercare.request"] == answer.headers["X-Request-ID"]
    assert spans["command"]
    for command in spans["command"]:
        assert (command.trace_id, command.parent_span_id) == (request.trace_id, request.span_id)
        assert command.start_time_unix_nano <= command.end_time_unix_nano <= request.end_time_unix_nano


def test_what_fails_is_marked_in_its_span(office, collector):
    address, spans, _ = collector
    end = telemetry.configure(
        office.app.settings.model_copy(update={"otlp_endpoint": address}), part="worker"
    )
    try:
        with (
            pytest.raises(ZeroDivisionError),
            span("work job", {"aftercare.work_id": 7}),
            Commands(office.app.database.begin, office.app.engine).begin(),
        ):
            raise ZeroDivisionError
    finally:
        end()
    (work,), (command,) = spans["work job"], spans["command"]
    assert _said(work.attributes)["aftercare.work_id"] == 7
    assert command.parent_span_id == work.span_id
    assert work.status.code == command.status.code == 2
    assert work.events[0].name == "exception"


def test_a_collector_that_is_away_costs_no_request_anything(office, browser):
    settings = office.app.settings.model_copy(update={"otlp_endpoint": "http://127.0.0.1:9"})
    li, end = browser("li.na"), telemetry.configure(settings, part="web")
    assert li.get("/inbox").status_code == 200
    Thread(target=end, daemon=True).start()


def test_without_a_collector_no_sdk_and_no_exporter_is_loaded():
    asked = (
        "import sys, web.server, engine.worker\n"
        "from config import settings\n"
        "from engine import telemetry\n"
        "telemetry.configure(settings.load(), part='web')()\n"
        "kept_out = ('opentelemetry.sdk', 'opentelemetry.exporter', 'google.protobuf', 'requests')\n"
        "print(sorted(name for name in sys.modules if name.startswith(kept_out)))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"


def _said(attributes):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
