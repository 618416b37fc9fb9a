"""Where a diagram's HTTP task may call: hosts the installation lists, at addresses of the public network or of listed ones.

A name is resolved once, here; the call goes to the address that was looked at. Otherwise whoever answers for a name could
say a public address when it is checked and one of ours when it is called.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from config.settings import Settings

_PORTS = {"http": 80, "https": 443}
#: RFC 6052 and RFC 3056: IPv6 addresses with an IPv4 address inside that a gateway would call.
_NAT64, _6TO4 = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")


class HostNotAllowed(Exception):
    """The diagram names a host, or the host an address, that this installation does not allow."""


class HostUnknown(Exception):
    """The name of the host has no address."""


@dataclass(frozen=True, kw_only=True)
class Destination:
    """What is called: the URL with the address in the place of the name, and the name for `Host` and the certificate."""

    url: str
    host: str
    name: str


def destination(url: str, settings: Settings) -> Destination:
    """Where a URL of a diagram leads. Raises `HostNotAllowed`, `HostUnknown`."""
    try:
        parts, asked = urlsplit(url), httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise HostNotAllowed("What the task calls is no address of the web") from error
    # Two readers that see different hosts in one address: it was made for that.
    listed = parts.scheme in _PORTS and parts.netloc in settings.http_allowed_hosts
    if not listed or asked.host != parts.hostname or asked.userinfo:
        # Without what stands before an @: it may be a password.
        named = parts.netloc.rpartition("@")[2] or "What the task calls"
        raise HostNotAllowed(
            f"{named} is not among the hosts this installation may call. "
            "An administrator adds it to http_allowed_hosts."
        )
    addresses = resolve(asked.host, asked.port or _PORTS[parts.scheme])
    for address in addresses:
        if not _is_open(address, settings):
            raise HostNotAllowed(
                f"{asked.host} is at {address}, which is no public address. "
                "An administrator adds its network to http_allowed_networks."
            )
    return Destination(
        url=str(asked.copy_with(host=str(addresses[0]))), host=asked.netloc.decode(), name=asked.host
    )


def resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """The addresses of a host, best first. Raises `HostUnknown`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(f"{host} has no address: {error}") from error
    return [ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def _is_open(address: IPv4Address | IPv6Address, settings: Settings) -> bool:
    inner = _inner(address)
    if any(inner in network for network in settings.http_allowed_networks):
        return True
    return inner.is_global and not inner.is_multicast


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that is called in the end."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _6TO4:
        return IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)
    return address.ipv4_mapped or address
