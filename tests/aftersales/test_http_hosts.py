"""A diagram's HTTP task reaches what the installation lists and nothing else, whatever an address or a name says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network

import pytest

from engine.aftersales import http_call, http_hosts

ALLOWED = (
    "bank.example",
    "bank.example:8443",
    "93.184.216.34",
    "127.0.0.1",
    "localhost",
    "[::1]",
    "xn--bnk-qla.example",
)
#: With every one of these an attacker hopes that the host that is checked is another than the host that is called.
ADDRESSES = (
    "https://evil.example/", "https://bank.example@evil.example/", "https://evil.example#@bank.example/",
    "https://evil.example?bank.example", "https://evil.example/bank.example", "https://bank.example.evil.example/",
    "https://evil-bank.example/", "https://bank.example:443@evil.example/", "https://bank.example:9999/",
    "https://bank.example\\@evil.example/", "https://evil.example\\@bank.example/", "https://bank.example%2f@evil.example/",
    "https://bank.example%00.evil.example/", "https://bank.example\t.evil.example/", "https://bank.example\r\nHost: evil/",
    "https://bank.example /", " https://evil.example/", "https:evil.example", "https:///evil.example/", "//bank.example/",
    "bank.example", "https://user:password@bank.example/", "https://@bank.example/", "https://BANK.EXAMPLE.evil.example/",
    "https://bank.example./", "https://ban\u212a.example/", "https://b\u0430nk.example/", "https://bank\u3002example/",
    "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://0/", "http://[::ffff:127.0.0.1]/",
    "http://[::]/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25eth0]/", "http://127.0.0.1.nip.example/",
    "file:///etc/passwd", "gopher://bank.example/", "ftp://bank.example/", "dict://bank.example/", "data:text/plain,x",
    "unix:///run/postgresql", "javascript:1", "ldap://bank.example/", "", "null", "https://", "https://[", "https://:443/",
)  # fmt: skip
#: What a listed name must not lead to, while no network is listed.
INSIDE = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.0.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "2002:a00:1::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "100::1",
)  # fmt: skip
OUTSIDE = ("93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101")


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"http_allowed_hosts": ALLOWED})


@pytest.fixture
def named(monkeypatch) -> Callable[..., None]:
    def answer(*addresses: str) -> None:
        monkeypatch.setattr(
            http_hosts, "resolve", lambda host, port: [ip_address(each) for each in addresses]
        )

    return answer


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_spelling_of_an_address_leads_elsewhere(settings, named, address):
    named("1.1.1.1")
    with pytest.raises(http_hosts.HostNotAllowed):
        http_hosts.destination(address, settings)


@pytest.mark.parametrize("address", INSIDE)
def test_a_listed_name_does_not_lead_into_the_house(settings, named, address):
    for answer in ([address], ["1.1.1.1", address]):
        named(*answer)
        with pytest.raises(http_hosts.HostNotAllowed, match="no public address"):
            http_hosts.destination("https://bank.example/", settings)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_listed_name_in_the_public_network_is_called_at_the_address_looked_at(settings, named, address):
    named(address)
    to = http_hosts.destination("https://bank.example:8443/a?b=%2F", settings)
    assert ip_address(to.url.split("//")[1].rsplit(":", 1)[0].strip("[]")) == ip_address(address)
    assert to.url.endswith(":8443/a?b=%2F") and (to.host, to.name) == ("bank.example:8443", "bank.example")


def test_a_network_of_the_house_that_is_listed_is_reached(settings, named):
    named("10.20.0.7")
    listed = settings.model_copy(update={"http_allowed_networks": (ip_network("10.20.0.0/16"),)})
    assert http_hosts.destination("http://bank.example/", listed).url == "http://10.20.0.7/"
    named("10.21.0.7")
    with pytest.raises(http_hosts.HostNotAllowed):
        http_hosts.destination("http://bank.example/", listed)


def test_a_listed_name_of_this_very_machine_is_not_called(settings):
    for address in ("http://localhost/", "http://127.0.0.1/", "http://[::1]/"):
        with pytest.raises(http_hosts.HostNotAllowed, match="no public address"):
            http_hosts.destination(address, settings)


def test_a_name_that_nobody_has_is_a_sentence(settings, monkeypatch):
    def nobody(*_args, **_kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(http_hosts.HostUnknown, match=r"bank\.example has no address"):
        http_hosts.destination("https://bank.example/", settings)


class Answers(BaseHTTPRequestHandler):
    """A server in the house: /slow says a blank every tenth of a second, /elsewhere sends on."""

    asked: list[tuple[str, str | None]] = []

    def do_POST(self) -> None:
        self.asked.append((self.path, self.headers["Host"]))
        self.send_response(302 if self.path == "/elsewhere" else 200)
        if self.path == "/elsewhere":
            self.send_header("Location", "/secret")
        self.end_headers()
        for _ in range(50 if self.path == "/slow" else 0):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)
        self.wfile.write(b'{"ok": true}' if self.path == "/" else b"")

    def log_message(self, *_args: object) -> None: ...


@pytest.fixture
def house() -> Iterator[int]:
    Answers.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


class TestWithAServerInTheHouse:
    @pytest.fixture
    def settings(self, settings, house):
        return settings.model_copy(
            update={
                "http_allowed_hosts": (f"erp.example:{house}",),
                "http_allowed_networks": (ip_network("127.0.0.0/8"),),
            }
        )

    def call(self, desk, house, path):
        job = desk.job(
            "http.call", {}, headers={"url": f"http://erp.example:{house}{path}"}, idempotency_key="1"
        )
        return http_call.call(desk.app.engine, job)

    def test_the_name_is_asked_for_once(self, desk, house, monkeypatch):
        """The second answer would be another, which nobody looked at."""
        answers = [["127.0.0.1"], ["127.0.0.2"]]
        monkeypatch.setattr(
            http_hosts, "resolve", lambda host, port: [ip_address(each) for each in answers.pop(0)]
        )
        assert self.call(desk, house, "/") == {"response": {"ok": True}}
        assert Answers.asked == [("/", f"erp.example:{house}")] and answers == [["127.0.0.2"]]

    def test_a_redirect_within_the_host_is_not_followed_either(self, desk, house, named):
        named("127.0.0.1")
        with pytest.raises(http_call.CallFailed, match="answered 302"):
            self.call(desk, house, "/elsewhere")
        assert [path for path, _ in Answers.asked] == ["/elsewhere"]

    def test_an_answer_in_drops_ends_in_time(self, desk, house, named, monkeypatch):
        named("127.0.0.1")
        monkeypatch.setattr(http_call, "Call", partial(http_call.Call, timeout_seconds=0.5))
        started = time.monotonic()
        with pytest.raises(http_call.CallFailed, match=r"took more than 0\.5 seconds"):
            self.call(desk, house, "/slow")
        assert time.monotonic() - started < 3


def test_the_lists_are_counted(capsys):
    assert len(ADDRESSES) == len(set(ADDRESSES)) and len(INSIDE) == len(set(INSIDE))
    with capsys.disabled():
        print(f"\ncalls elsewhere: {len(ADDRESSES)} addresses, {len(INSIDE)} places of the house", end="")
