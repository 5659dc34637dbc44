"""Delivery into a folder, as .eml files that any mail program opens."""

import hashlib
import os
import tempfile
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path

from tracker.delivery.errors import Unreachable


def put(folder: Path, message: EmailMessage, *, day: str, name: str) -> str:
    """Write one message; the same message again replaces itself.

    Args:
        folder: where; made if it is not there.
        message: what.
        day: ISO date, for the file's name.
        name: the subscription, for the file's name.

    Returns:
        the file's name.

    Raises:
        Unreachable: nothing can be written there.
    """
    mark = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:12]
    word = "".join(c if c.isalnum() else "-" for c in name)
    path = folder / f"{day}_{word}_{mark}.eml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as clean_up:
            handle, draft = tempfile.mkstemp(dir=folder, suffix=".part")
            clean_up.callback(Path(draft).unlink, missing_ok=True)
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
            Path(draft).replace(path)
    except OSError as fault:
        raise Unreachable(f"{folder}: {fault.strerror or fault}") from fault
    return path.name
