"""The generic HTTP handler: a service task done by another system.

Two ways in. `http.call` in a diagram: address and mapping are the task's headers, and the host must be one
the installation allows. An *integration* in the settings: one of the shipped service-task types is sent to
the company's own system instead, without touching a diagram.

The other system answers with a JSON object. To let the diagram catch a business error it answers any status
from 400 with `{"error": {"code": "REFUND_REFUSED", "message": "..."}}`; every other failure is retried and
becomes an incident. Each request carries `Idempotency-Key`, which never changes between retries.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from config.settings import Integration, Settings
from engine.aftersales import http_hosts
from engine.aftersales.http_hosts import Destination
from engine.runtime.context import Engine
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.registry import ServiceTaskType

#: No answer a procedure can use is larger.
_LARGEST_ANSWER = 1 << 20
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class NoSuchSecret(Exception):
    """The secret is not among the installation's settings."""


class CallFailed(Exception):
    """The other system could not be reached or answered with something unusable."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to make and how its answer is read."""

    url: str
    method: str
    #: Body field -> `=FEEL` over the inputs, or a literal; empty sends the inputs.
    request: Mapping[str, str] = field(default_factory=dict)
    #: Result variable -> `=FEEL` over `response`; empty takes the object answered.
    result: Mapping[str, str] = field(default_factory=dict)
    #: Sent as bearer token; shown nowhere.
    token: str | None = field(default=None, repr=False)
    timeout_seconds: float = 10
    #: Where a diagram's call goes, looked at before; None for what the settings themselves name.
    to: Destination | None = None


def call(engine: Engine, job: Job, *, transport: httpx.BaseTransport | None = None) -> dict[str, Any]:
    """`http.call`: headers url, method, secret, request, result -> response, or what `result` maps.

    url may be `=FEEL`; request and result are JSON objects of name to FEEL. Raises `HostNotAllowed`,
    `HostUnknown`, `NoSuchSecret`, `CallFailed`, `FeelError`; throws the BPMN error the other system names.
    """
    headers, settings = job.headers, engine.settings
    url = str(engine.feel.value(headers["url"], job.inputs, now=engine.clock.now()))
    asked = Call(
        url=url,
        method=headers.get("method", "POST").upper(),
        request=_mapping(headers, "request"),
        result=_mapping(headers, "result"),
        token=_secret(settings, headers.get("secret")),
        to=http_hosts.destination(url, settings),
    )
    answer = _send_for(engine, job, asked, transport)
    return answer if asked.result else {"response": answer}


def _mapping(headers: Mapping[str, str], name: str) -> dict[str, str]:
    if not headers.get(name):
        return {}
    try:
        mapping = orjson.loads(headers[name])
    except orjson.JSONDecodeError:
        mapping = None
    if not isinstance(mapping, dict):
        raise CallFailed(f"The header {name} is not a JSON object")
    return {str(key): str(value) for key, value in mapping.items()}


def _secret(settings: Settings, name: str | None) -> str | None:
    if not name:
        return None
    if name not in settings.secrets:
        raise NoSuchSecret(f"There is no secret named {name} in the settings")
    return settings.secrets[name].get_secret_value()


def redirected(
    service_task: ServiceTaskType, integration: Integration, *, transport: httpx.BaseTransport | None = None
) -> ServiceTaskType:
    """The same service-task type, done by the company's own system.

    The result variables stay those of the contract.
    """

    def handler(engine: Engine, job: Job) -> dict[str, Any]:
        return _send_for(engine, job, planned(engine.settings, integration), transport)

    return replace(service_task, handler=handler, remote=True)


def planned(settings: Settings, integration: Integration) -> Call:
    """The request an integration of the settings stands for. Raises `NoSuchSecret`."""
    return Call(
        url=integration.url,
        method=integration.method.upper(),
        request=integration.request,
        result=integration.result,
        token=_secret(settings, integration.secret),
        timeout_seconds=integration.timeout_seconds,
    )


def _send_for(
    engine: Engine, job: Job, planned: Call, transport: httpx.BaseTransport | None
) -> dict[str, Any]:
    return send(
        engine,
        planned,
        inputs=job.inputs,
        idempotency_key=job.idempotency_key,
        business_key=job.business_key,
        transport=transport,
    )


def send(
    engine: Engine,
    planned: Call,
    *,
    inputs: Mapping[str, Any],
    idempotency_key: str,
    business_key: str,
    transport: httpx.BaseTransport | None = None,
) -> dict[str, Any]:
    """Make the request and map the answer. Raises `CallFailed`, `FeelError`, `BpmnError`."""
    if planned.method not in _METHODS:
        raise CallFailed(f"{planned.method} is not a method")
    now = engine.clock.now()
    body = {name: engine.feel.value(text, inputs, now=now) for name, text in planned.request.items()} or dict(
        inputs
    )
    headers = {
        "Idempotency-Key": idempotency_key,
        "Aftercare-Case": business_key,
        "Accept": "application/json",
        # A compressed answer grows in our memory before its size is known.
        "Accept-Encoding": "identity",
    }
    if planned.token:
        headers["Authorization"] = f"Bearer {planned.token}"
    sent: dict[str, Any] = {"headers": headers}
    if planned.method == "GET":
        sent["params"] = {name: value for name, value in body.items() if isinstance(value, str | int | float)}
    else:
        headers["Content-Type"] = "application/json"
        sent["content"] = orjson.dumps(body)
    answer = _exchange(planned, sent, transport)
    if not planned.result:
        return answer
    scope = {**inputs, "response": answer}
    return {name: engine.feel.value(text, scope, now=now) for name, text in planned.result.items()}


def _exchange(planned: Call, sent: dict[str, Any], transport: httpx.BaseTransport | None) -> dict[str, Any]:
    url, host = planned.url, urlsplit(planned.url).netloc
    if planned.to:
        url = planned.to.url
        sent["headers"]["Host"] = planned.to.host
        sent["extensions"] = {"sni_hostname": planned.to.name}
    # A redirect would carry the token and the customer's data to a host nobody allowed.
    client = httpx.Client(timeout=planned.timeout_seconds, follow_redirects=False, transport=transport)
    latest = time.monotonic() + planned.timeout_seconds
    try:
        with client, client.stream(planned.method, url, **sent) as response:
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > _LARGEST_ANSWER:
                    raise CallFailed(f"{host} answered with more than {_LARGEST_ANSWER} bytes")
                # The client's own limit is for each piece: a drop every second would go on for ever.
                if time.monotonic() > latest:
                    raise CallFailed(f"{host} took more than {planned.timeout_seconds:g} seconds to answer")
            status = response.status_code
    except httpx.HTTPError as error:
        raise CallFailed(f"{host} could not be reached: {error or type(error).__name__}") from error
    answer = _json(content)
    if status >= 400:
        named = answer.get("error") if isinstance(answer, dict) else None
        if isinstance(named, dict) and isinstance(named.get("code"), str):
            raise BpmnError(named["code"], str(named.get("message") or ""))
    if not 200 <= status < 300:
        raise CallFailed(f"{host} answered {status}")
    if not content.strip():
        return {}
    if not isinstance(answer, dict):
        raise CallFailed(f"{host} answered something that is not a JSON object")
    return answer


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content) if content.strip() else None
    except orjson.JSONDecodeError:
        return None
