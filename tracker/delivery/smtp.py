"""Delivery by a mail server: STARTTLS, TLS from the first byte, or neither."""

import smtplib
import ssl
from contextlib import ExitStack
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from tracker.delivery.errors import (
    DeliveryError,
    Postponed,
    Refused,
    Unreachable,
)
from tracker.delivery.letters import envelope_sender
from tracker.reports.settings import Mail, bare

PERMANENT = 500
"""From this code on an SMTP server means it for good (RFC 5321)."""
TOO_LARGE = 552
"""What it says to a letter larger than it takes (RFC 1870)."""


class MailServer:
    """A connection to a mail server, made when the first letter is sent.

    Args:
        mail: which server, and how.
        context: what certificates are trusted; the system's if None.
    """

    def __init__(self, mail: Mail, context: ssl.SSLContext | None = None) -> None:
        self._mail = mail
        self._context = context
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def send(self, message: EmailMessage, to: str) -> str:
        """Hand over one letter.

        Returns:
            what was done, in words.

        Raises:
            Refused: this letter is refused for good.
            Postponed: it is to be tried again.
            Unreachable: no letter can be sent now.
        """
        server = self._connected()
        try:
            server.send_message(
                message, from_addr=envelope_sender(self._mail), to_addrs=[bare(to)]
            )
        except smtplib.SMTPNotSupportedError as fault:
            raise Refused(f"the server cannot take this address: {fault}") from fault
        except smtplib.SMTPRecipientsRefused as fault:
            code, text = next(iter(fault.recipients.values()))
            raise _answered(code, text, "recipient") from fault
        except smtplib.SMTPSenderRefused as fault:
            raise _not_begun(fault) from fault
        except smtplib.SMTPResponseException as fault:
            raise _answered(fault.smtp_code, fault.smtp_error, "message") from fault
        except (smtplib.SMTPException, OSError) as fault:
            # It may have been taken before the connection broke: it is sent again
            # under the same Message-ID.
            self._hang_up()
            raise Postponed(f"the connection broke: {_words(fault)}") from fault
        return f"taken by {self._mail.server}"

    def _connected(self) -> smtplib.SMTP:
        # A server that has taken enough letters says 421 and hangs up.
        if self._server is None or self._server.sock is None:
            try:
                self._server = self._connect()
            except smtplib.SMTPAuthenticationError as fault:
                raise Unreachable(
                    f"{self._mail.server} refused the login ({fault.smtp_code}); "
                    f"check username and ${self._mail.password_env}"
                ) from fault
            except (smtplib.SMTPException, OSError, UnicodeError) as fault:
                raise Unreachable(
                    f"{self._mail.server}:{self._mail.smtp_port}: {_words(fault)}"
                ) from fault
        return self._server

    def _connect(self) -> smtplib.SMTP:
        mail, host = self._mail, self._mail.server or ""
        context = self._context or ssl.create_default_context()
        wait, port = mail.timeout_seconds, mail.smtp_port
        server: smtplib.SMTP
        if mail.security == "tls":
            server = smtplib.SMTP_SSL(host, port, timeout=wait, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=wait)
        with ExitStack() as on_failure:
            on_failure.callback(server.close)
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.username:
                server.login(mail.username, _password(mail))
            on_failure.pop_all()
        return server

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def _password(mail: Mail) -> str:
    if not mail.password:
        raise Unreachable(f"no password: set ${mail.password_env}")
    if not mail.password.isascii():
        raise Unreachable(
            f"the password in ${mail.password_env} holds letters beyond ASCII, which "
            "not every server reads alike; choose another"
        )
    return mail.password


def _not_begun(fault: smtplib.SMTPSenderRefused) -> DeliveryError:
    """What a refusal at the first word means: of this letter if it is too large or its
    time has not come, else of everything that we send.
    """
    if fault.smtp_code == TOO_LARGE:
        return _answered(fault.smtp_code, fault.smtp_error, "message")
    answer = _answered(fault.smtp_code, fault.smtp_error, "sender")
    return Unreachable(str(answer)) if isinstance(answer, Refused) else answer


def _answered(code: int, text: bytes | str, what: str) -> Refused | Postponed:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    told = f"{what} refused: {code} {' '.join(words.split())[:300]}"
    return Refused(told) if code >= PERMANENT else Postponed(told)


def _words(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:300] or type(fault).__name__
