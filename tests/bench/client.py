"""A browser that costs next to nothing: one kept-alive socket, as little parsing as will do."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlencode

#: The server closes connections that rest for five seconds; browsers open another then, and so does this one.
IDLE_SECONDS = 3.0
#: Names of cookies worth carrying on; answers are carried in one as well.
Cookies = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer from the server."""

    status: int
    #: Where a redirect leads; empty for any other answer.
    location: str
    body: bytes


class Client:
    """One connection to one web process."""

    def __init__(self, port: int, *, cookies: Cookies | None = None) -> None:
        self._address = ("127.0.0.1", port)
        self._host = f"127.0.0.1:{port}"
        self._cookies = dict(cookies or {})
        self._socket = self._connect()
        self._last = time.monotonic()
        self.requests = 0

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self._address, timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def connect_again(self) -> None:
        """A new connection, which any of the server's processes may take."""
        self.close()
        self._socket, self._last = self._connect(), time.monotonic()

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask(f"GET {path}", b"")

    def post(self, path: str, fields: dict[str, str] | list[tuple[str, str]]) -> Answer:
        """Send a form."""
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return self._ask(f"POST {path}", urlencode(fields).encode(), kind)

    def follow(self, answer: Answer) -> tuple[Answer, str]:
        """Go where redirects lead; the page there and its path."""
        path = ""
        while answer.location:
            path = answer.location
            answer = self.get(path)
        return answer, path

    def _ask(self, line: str, body: bytes, extra: str = "") -> Answer:
        self.requests += 1
        if time.monotonic() - self._last > IDLE_SECONDS:
            self.connect_again()
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        head = (
            f"{line} HTTP/1.1\r\nHost: {self._host}\r\nSec-Fetch-Site: same-origin\r\n{extra}"
            f"Cookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        answer = self._answer()
        self._last = time.monotonic()
        return answer

    def _answer(self) -> Answer:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end].decode("latin-1").split("\r\n")
        length, location = 0, ""
        for line in head[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    location = value
                case "set-cookie":
                    self._keep(value)
        body = received[end + 4 :]
        while len(body) < length:
            body += self._more()
        return Answer(int(head[0][9:12]), location, body)

    def _more(self) -> bytes:
        octets = self._socket.recv(65536)
        if not octets:
            raise ConnectionError("the server closed the connection")
        return octets

    def _keep(self, header: str) -> None:
        pair, _, attributes = header.partition(";")
        name, _, value = pair.partition("=")
        if "max-age=0" in attributes.lower():
            self._cookies.pop(name, None)
        else:
            self._cookies[name] = value
