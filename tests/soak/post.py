"""A mail server in a process of its own: it writes down what it took before it says so.

python -m tests.soak.post FILE
"""

import hashlib
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path


@dataclass(frozen=True)
class Post:
    """Where the server listens, and the file that it writes to."""

    port: int
    file: Path

    def clear(self) -> None:
        """Forget what was taken."""
        self.file.write_bytes(b"")

    def taken(self) -> Counter[tuple[str, str]]:
        """How often each message was taken, by its Message-ID and its hash."""
        lines = self.file.read_text().splitlines()
        return Counter((name, digest) for name, digest in map(str.split, lines))


@contextmanager
def office(folder: Path) -> Iterator[Post]:
    """A server for the length of a block."""
    file = folder / "post"
    file.touch()
    words = [sys.executable, "-m", "tests.soak.post", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise AssertionError("the mail server cannot be heard")
            yield Post(int(process.stdout.readline()), file)
        finally:
            process.terminate()


class _Clerk:
    """Takes everything."""

    def __init__(self, file: str) -> None:
        self._handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd names it
        """Write a message down, then say that it is taken."""
        name = message_from_bytes(envelope.content)["Message-ID"]
        digest = hashlib.sha256(envelope.content).hexdigest()
        os.write(self._handle, f"{name} {digest}\n".encode())
        return "250 OK"


def main() -> None:
    """Serve until told to stop."""
    from aiosmtpd.controller import Controller

    from tests.support.mailbox import free_port

    port = free_port()
    Controller(_Clerk(sys.argv[1]), hostname="127.0.0.1", port=port).start()
    print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
