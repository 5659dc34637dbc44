"""Where readers reach the web page, for what needs whole addresses: mail, feeds."""

import re
from urllib.parse import urlsplit, urlunsplit

_PLAIN = re.compile(r"""[!#-;=?-\[\]_a-z~]+""")
"""What may stand in an address and needs no quotes anywhere: ASCII less "<>\\^`{|}."""


def site_url(text: str) -> str:
    """The address with a slash at its end; empty if none was given. A host's name in
    letters beyond ASCII is written as servers know it.

    Raises:
        ValueError: it is no address of a site.
    """
    if not text:
        return ""
    try:
        known = _known(text)
    except ValueError:  # of a port or a host; UnicodeError is one
        known = ""
    parts = urlsplit(known)
    odd = parts.query or parts.fragment or "@" in parts.netloc or len(known) > 500
    if not _PLAIN.fullmatch(known) or odd:
        raise ValueError(
            f"{text!r:.200} is no address of a site; write https://prices.example.org/"
        )
    return known if known.endswith("/") else f"{known}/"


def _known(text: str) -> str:
    """The address with its host as servers know it; empty if it is none of a site."""
    parts = urlsplit(text)
    host, _ = parts.hostname, parts.port  # a port that is none raises
    if parts.scheme not in ("http", "https") or not host:
        return ""
    if host.isascii():
        return text
    port = f":{parts.port}" if parts.port else ""
    place = host.encode("idna").decode("ascii")
    return urlunsplit(parts._replace(netloc=f"{place}{port}"))
