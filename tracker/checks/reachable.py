"""Whether hosts can be reached: their names looked up, a connection made, no more."""

import socket
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

ASKED = (
    "https://raw.githubusercontent.com",
    "https://models.dev",
    "https://openrouter.ai",
)
"""Where the sources that cover most are read."""


def unreachable(origins: Mapping[str, str], seconds: float) -> dict[str, str]:
    """Try to reach the hosts of sources, all at once.

    Args:
        origins: hosts that are read elsewhere, as in the crawl's settings.
        seconds: how long that may take in all.

    Returns:
        By host: why it cannot be reached; empty if it can.
    """
    places = [origins.get(origin, origin) for origin in ASKED]
    found = {_name(place): f"no answer within {seconds:g} s" for place in places}

    def reach(place: str) -> None:
        found[_name(place)] = _fault(place, seconds)

    # Looking up a name can hang for longer than anybody wants to wait, and cannot be
    # interrupted: such a thread is left behind.
    threads = [
        threading.Thread(target=reach, args=(place,), daemon=True) for place in places
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    return dict(found)


def _name(place: str) -> str:
    return urlsplit(place).netloc


def _fault(place: str, seconds: float) -> str:
    parts = urlsplit(place)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=seconds).close()
    except OSError as fault:
        return fault.strerror or str(fault)
    return ""
