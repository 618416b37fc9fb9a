"""Another system does a service task."""

from __future__ import annotations

from ipaddress import ip_address

import httpx
import orjson
import pytest
from pydantic import SecretStr

from config.settings import BadSetting, Integration
from engine.aftersales import catalogue, http_call, http_hosts
from engine.runtime.jobs import BpmnError
from engine.runtime.registry import Registry, ServiceTaskType


class Bank:
    """Answers, and remembers what it was sent."""

    def __init__(self, status=200, answer=None, **response):
        self.requests, self._status, self._response = [], status, response
        self._answer = {"content": orjson.dumps(answer)} if answer is not None else {}

    def transport(self):
        def answer(request):
            self.requests.append(request)
            return httpx.Response(self._status, **self._answer, **self._response)

        return httpx.MockTransport(answer)


@pytest.fixture
def settings(settings):
    return settings.model_copy(
        update={"http_allowed_hosts": ("bank.example",), "secrets": {"bank": SecretStr("s3cret")}}
    )


@pytest.fixture(autouse=True)
def names(monkeypatch):
    monkeypatch.setattr(http_hosts, "resolve", lambda host, port: [ip_address("93.184.216.34")])


def call(desk, bank, *, inputs=None, **headers):
    job = desk.job("http.call", inputs or {"amount": 12.5}, headers=headers, idempotency_key="once")
    return http_call.call(desk.app.engine, job, transport=bank.transport())


def test_a_call_carries_key_secret_and_mapped_body(desk):
    bank = Bank(answer={"payment": {"id": "P1"}})
    result = call(
        desk,
        bank,
        url='="https://bank.example/refunds/" + string(amount)',
        secret="bank",
        request='{"sum": "=amount * 2", "currency": "CNY"}',
        result='{"payment": "=response.payment.id"}',
    )
    assert result == {"payment": "P1"}
    (request,) = bank.requests
    # To the address that was looked at, under the bank's name.
    assert str(request.url) == "https://93.184.216.34/refunds/12.5"
    assert request.headers["Host"] == request.extensions["sni_hostname"] == "bank.example"
    assert request.headers["Idempotency-Key"] == "once"
    assert request.headers["Authorization"] == "Bearer s3cret"
    assert orjson.loads(request.content) == {"sum": 25, "currency": "CNY"}


def test_without_mapping_the_inputs_go_and_the_answer_comes_as_it_is(desk):
    bank = Bank(answer={"ok": True})
    assert call(desk, bank, url="https://bank.example/x") == {"response": {"ok": True}}
    assert orjson.loads(bank.requests[0].content) == {"amount": 12.5}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://bank.example@evil.example/",
        "https://bank.example:8443/",
        "file:///etc/passwd",
        "https://BANK.example.evil/",
    ],
)
def test_only_allowed_hosts_are_called(desk, url):
    bank = Bank(answer={})
    with pytest.raises(http_hosts.HostNotAllowed):
        call(desk, bank, url=url)
    assert bank.requests == []


def test_a_redirect_is_not_followed(desk):
    bank = Bank(status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(http_call.CallFailed, match="answered 302"):
        call(desk, bank, url="https://bank.example/x")
    assert len(bank.requests) == 1


def test_a_business_error_is_the_diagrams_to_catch(desk):
    bank = Bank(status=422, answer={"error": {"code": "REFUND_REFUSED", "message": "account closed"}})
    with pytest.raises(BpmnError, match="account closed") as caught:
        call(desk, bank, url="https://bank.example/x")
    assert caught.value.code == "REFUND_REFUSED"


@pytest.mark.parametrize(
    "bank",
    [
        Bank(status=500),
        Bank(status=404, text="no"),
        Bank(text="<html>"),
        Bank(answer=[1]),
        Bank(text='"' + "a" * (1 << 20) + '"'),
    ],
)
def test_everything_else_is_a_failure_to_retry(desk, bank):
    with pytest.raises(http_call.CallFailed):
        call(desk, bank, url="https://bank.example/x")


def test_an_unknown_secret_is_named_but_never_shown(desk):
    with pytest.raises(http_call.NoSuchSecret, match="shop"):
        call(desk, Bank(answer={}), url="https://bank.example/x", secret="shop")


def test_a_shipped_type_can_be_sent_to_the_companys_own_system(desk):
    bank = Bank(answer={"id": "P1", "at": "2026-11-02T10:00:00+08:00"})
    integration = Integration(
        url="https://erp.internal/refunds",
        secret="bank",
        request={"order": "=orderNumber", "total": "=refund.total"},
        result={
            "payment": '={number: response.id, amount: refund.total, paidAt: response.at, method: "erp"}'
        },
    )
    redirected = http_call.redirected(
        ServiceTaskType(type="refund.pay", handler=lambda ctx, job: {}),
        integration,
        transport=bank.transport(),
    )
    assert redirected.remote
    job = desk.job("refund.pay", {"orderNumber": "SO-1", "refund": {"total": 80}})
    assert redirected.handler(desk.app.engine, job)["payment"] == {
        "number": "P1",
        "amount": 80,
        "paidAt": "2026-11-02T10:00:00+08:00",
        "method": "erp",
    }


def test_the_settings_decide_which_types_go_elsewhere(settings):
    registry = Registry()
    elsewhere = {"refund.pay": Integration(url="https://erp.internal/refunds")}
    catalogue.register(registry, settings.model_copy(update={"integrations": elsewhere}))
    assert registry.service_task("refund.pay").remote
    assert not registry.service_task("refund.compute").remote


@pytest.mark.parametrize("type_", ["refund.pays", "case.state"])
def test_a_redirection_that_cannot_work_is_said_at_start_up(settings, type_):
    wrong = {type_: Integration(url="https://erp.internal/")}
    with pytest.raises(BadSetting, match=type_):
        catalogue.register(Registry(), settings.model_copy(update={"integrations": wrong}))
