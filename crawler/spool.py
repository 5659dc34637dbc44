"""The spool: where a crawl leaves its bodies, and a manifest for each source.

    SPOOL/<source>/000.body, 001.body, ...    as they came, unpacked
    SPOOL/<source>/manifest.json              last of all, at one stroke

A source without a manifest was not finished, whatever else lies there. What is
missing from it, and what went wrong in our own code, stands in the manifest: Scrapy
ends as "finished" and with exit code 0 in either case.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.python.failure import Failure

from crawler.items import Fetched, Missed, NotModified, Page

MANIFEST = "manifest.json"
LONGEST_TEXT = 300


@dataclass
class Record:
    """What became of one source, as its manifest says it.

    Attributes:
        not_modified: the page that the server says has not changed, if it does.
        parts: the pages that came, each with its file, in their order.
        failures: those that did not, each with a reason.
        exceptions: how many faults our own code had; `first_exception` is one.
    """

    source: str
    bundled: bool
    started_at: str
    finished_at: str = ""
    finish_reason: str = ""
    not_modified: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    exceptions: int = 0
    first_exception: str = ""

    def fault(self, fault: BaseException) -> None:
        """Count a fault of our own code."""
        self.exceptions += 1
        if self.exceptions == 1:
            text = f"{type(fault).__name__}: {fault}"
            self.first_exception = " ".join(text.split())[:LONGEST_TEXT]

    def write(self, folder: Path, reason: str) -> None:
        """Write the manifest at one stroke, as the last file of its source."""
        self.finish_reason, self.finished_at = reason, instant()
        text = json.dumps(asdict(self), indent=1)
        new = folder / f"{MANIFEST}.new"
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(folder / MANIFEST)


class Spool:
    """One source's folder in the spool, filled while its spider runs.

    Args:
        folder: where its bodies and its manifest go.
        record: what the manifest will say.
    """

    def __init__(self, folder: Path, record: Record) -> None:
        self._folder = folder
        self._record = record

    @classmethod
    def of(cls, crawler: Crawler) -> "Spool | None":
        """The folder for a crawler's source; None if its crawl has no spool."""
        where = crawler.settings.get("PRICETRAIL_SPOOL")
        if not where:
            return None
        source = crawler.spidercls
        spool = cls(folder_of(Path(where), source.name), record_of(source))
        crawler.signals.connect(spool.spider_error, signals.spider_error)
        crawler.signals.connect(spool.spider_closed, signals.spider_closed)
        return spool

    def keep(self, page: Page) -> None:
        """Keep a page, or what is known of one that did not come.

        Raises:
            OSError: it cannot be written. The spider ends there: what cannot be
                kept need not be fetched.
        """
        match page:
            case Fetched():
                self._keep_body(page)
            case Missed():
                self._record.failures.append(asdict(page))
            case NotModified():
                self._record.not_modified = page.url

    def spider_error(self, failure: Failure) -> None:
        """The spider raised: a fault of our own code, or of the disk."""
        self._record.fault(failure.value or RuntimeError(str(failure)))

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """The source is done, one way or the other."""
        del spider
        self._record.write(self._folder, reason)

    def _keep_body(self, page: Fetched) -> None:
        name = f"{len(self._record.parts):03d}.body"
        (self._folder / name).write_bytes(page.body)
        said = asdict(page)
        body: bytes = said.pop("body")
        digest = hashlib.sha256(body).hexdigest()
        self._record.parts.append(
            {**said, "file": name, "size": len(body), "sha256": digest}
        )


def record_of(spider: type[Spider]) -> Record:
    """The record of a source that is about to be read."""
    bundled = bool(getattr(spider, "bundled", False))
    return Record(source=spider.name, bundled=bundled, started_at=instant())


def folder_of(spool: Path, source: str) -> Path:
    """The folder of one source, made if it is missing."""
    folder = spool / source
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def instant() -> str:
    """The time now, ISO 8601 in UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
