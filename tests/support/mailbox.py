"""A real mail server on this machine: encryption, logins, and scripted answers."""

import contextlib
import datetime as dt
import ipaddress
import os
import signal
import socket
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = "robot", "open sesame"


@dataclass
class Mailbox:
    """What a server was sent, and how it answers.

    Attributes:
        taken: messages as they arrived, with their recipients.
        raw: the same as bytes.
        refusals: answers to recipients, by address.
        answers: answers to the next messages; when they run out, all is taken.
        most: how many bytes a message may have; any if None.
    """

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    most: int | None = None
    victim: int = 0
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd names it
        """Take a recipient, or refuse it."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd names it
        """Take a message, or do what was planned."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith(("4", "5")):
            return answer
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=SMTP)
        self.taken.append((envelope.rcpt_tos[0], message))
        self.raw.append(envelope.content)
        if answer == "hang up":
            server.transport.abort()
        if answer == "kill":
            os.kill(self.victim, signal.SIGKILL)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, given):
        """Let the one user in."""
        self.logins.append(given.login.decode())
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)


@contextlib.contextmanager
def serving(mailbox: Mailbox, *, security: str, certificate=None, login=False):
    """The mailbox behind a server of its own; gives its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    given = {}
    if login:
        given = {
            "authenticator": mailbox.authenticate,
            "auth_required": True,
            "auth_require_tls": security == "starttls",
        }
    if security == "starttls":
        given |= {"tls_context": context, "require_starttls": True}
    if mailbox.most is not None:
        given["data_size_limit"] = mailbox.most
    mailbox.port = mailbox.port or free_port()
    controller = _controller(mailbox, context if security == "tls" else None, given)
    controller.start()
    try:
        yield mailbox.port
    finally:
        controller.stop()


def _controller(mailbox, context, given):
    return Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        ssl_context=context,
        **given,
    )


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def certificate_in(folder):
    """A certificate of our own for 127.0.0.1, with its key: a file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    place = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(place, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        made.public_bytes(pem)
        + key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
