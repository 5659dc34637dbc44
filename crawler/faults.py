"""What can go wrong with a page: a stable word for programs, a line for people."""

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity.exceptions import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import ResponseFailed

from crawler.net.addresses import host_of


class Refused(Exception):
    """A page that is not asked for, or not taken; asking again changes nothing.

    Args:
        word: the stable reason.
        text: the reason for a person, in one line.
    """

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word
        self.text = text


NETWORK = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
    ConnectError,
    ConnectionClosed,
    TunnelError,
    OSError,
)
"""What Scrapy and Twisted raise for a fault of the network or of the other side."""

_TLS = (SSL.Error, VerificationError)

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "refused"),
    (DownloadTimeoutError, "timeout"),
    (ResponseDataLossError, "truncated"),
    # Only a body that grew too large is cancelled; a time-out has its own name.
    (DownloadCancelledError, "too_large"),
    (UnsupportedURLSchemeError, "insecure"),
    (TunnelError, "proxy"),
    (ConnectError, "unreachable"),
    (OSError, "unreachable"),
)

_TEXTS = {
    "dns": "the name {host} does not resolve",
    "refused": "{host} refused the connection",
    "timeout": "{host} did not answer in time",
    "truncated": "the body from {host} broke off",
    "too_large": "the body from {host} is larger than is read of this source",
    "insecure": "the address is not an https address",
    "unreachable": "no way to {host}",
    "proxy": "the proxy does not lead to {host}",
    "reset": "{host} broke the connection off",
    "garbled": "{host} does not answer as a web server does",
    "tls": "the certificate of {host} is not trusted",
}


def word_of(fault: Exception) -> str:
    """The stable word for a fault, one of those in NETWORK or a Refused."""
    if isinstance(fault, Refused):
        return fault.word
    causes = [*_causes(fault), fault]
    if any(isinstance(cause, _TLS) for cause in causes):
        return "tls"
    word = next((word for kind, word in _WORDS if isinstance(fault, kind)), None)
    closed = any(isinstance(cause, ConnectionClosed) for cause in causes)
    return word or ("reset" if closed else "garbled")


def text_of(fault: Exception, url: str) -> str:
    """The same fault in one line for a person."""
    if isinstance(fault, Refused):
        return fault.text
    return _TEXTS[word_of(fault)].format(host=host_of(url))


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """What lies below a fault; Twisted gathers several failures under one."""
    below = fault.__cause__
    if isinstance(below, ResponseFailed):
        yield from (failure.value for failure in below.reasons)
    elif below is not None:
        yield below
