"""Which addresses may be asked at all, and where a host is read elsewhere."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback,
    link-local, multicast or reserved, nor such a one wrapped into IPv6.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return all(a.is_global and not a.is_multicast for a in _meant(address))


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address that it stands for, if it does."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield address.teredo[1]
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def is_address(host: str) -> bool:
    """Whether a host is written as an address and not as a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """The host of an address, empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def origin_of(url: str) -> str:
    """Scheme, host and port, a scheme's own port left out: `https://models.dev`."""
    parts = urlsplit(url)
    port = parts.port
    plain = port is None or port == _PORTS.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if plain else f":{port}")


@dataclass(frozen=True)
class Origins:
    """Hosts that are read elsewhere: a mirror, or a test's server on loopback.

    Attributes:
        targets: by origin (`https://models.dev`), the address that its pages stand
            under instead (`http://127.0.0.3:8123`).
    """

    targets: Mapping[str, str] = field(default_factory=dict)

    def target(self, url: str) -> str | None:
        """Where a page is read instead, or None if it is read where it says."""
        base = self.targets.get(origin_of(url))
        if base is None:
            return None
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{base.rstrip('/')}{parts.path or '/'}{query}"

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are named as targets; they alone may be private."""
        return frozenset(host_of(base) for base in self.targets.values())
