"""The child process that reads all due sources at once: `python -m crawler.run FILE`.

FILE is the request, a JSON object. What comes of it lies in the spool
(`crawler.spool`); the name of each source is printed as soon as it is done. The exit
code says nothing about the sources: their manifests do.
"""

import asyncio
import json
import os
import stat
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.settings import user_agent
from crawler.spool import MANIFEST, Record, folder_of, instant

_ABANDONED = 3
_LONGEST_START = 10.0


def main(words: list[str]) -> int:
    """Read the sources that the request names, all at once."""
    request = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    process = AsyncCrawlerProcess(_settings(request))
    loop = asyncio.get_event_loop()
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        loop.add_reader(0, _abandoned)
    for source in request["sources"]:
        _begin(process, Path(request["spool"]), source)
    process.start()
    return 0


def _settings(request: dict[str, Any]) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.setdict(
        {
            "PRICETRAIL_SPOOL": request["spool"],
            "PRICETRAIL_ORIGINS": request["origins"],
            "PRICETRAIL_ENDS_AT": time.monotonic() + _left(request),
            "PRICETRAIL_BACKOFF": request["backoff"],
            "DOWNLOAD_DELAY": request["delay"],
            "DOWNLOAD_TIMEOUT": request["timeout"],
            "DNS_TIMEOUT": min(request["timeout"], settings.getfloat("DNS_TIMEOUT")),
            "USER_AGENT": user_agent(request["contact"]),
            "LOG_LEVEL": "WARNING",
            "STATS_DUMP": False,
        },
        priority="cmdline",
    )
    return settings


def _left(request: dict[str, Any]) -> float:
    """The seconds that are left of the time, which began when the request was made."""
    gone = time.time() - float(request["asked_at"])
    # The wall clock may have been set meanwhile; to start takes a second or two.
    return float(request["time_limit"]) - min(max(gone, 0.0), _LONGEST_START)


def _begin(process: AsyncCrawlerProcess, spool: Path, source: dict[str, Any]) -> None:
    name = source["name"]
    try:
        crawler = process.create_crawler(name)
    except KeyError as fault:
        _write_fault(spool, name, fault)
        print(name, flush=True)
        return
    crawler.settings.set("DOWNLOAD_MAXSIZE", source["max_bytes"], priority="cmdline")
    task = process.crawl(
        crawler,
        etag=source.get("etag") or "",
        last_modified=source.get("last_modified") or "",
        **source.get("arguments", {}),
    )
    task.add_done_callback(partial(_ended, spool, name))


def _ended(spool: Path, name: str, task: "asyncio.Task[None]") -> None:
    """Tell that a source is done; one that never began gets its manifest here."""
    fault = None if task.cancelled() else task.exception()
    if fault is not None and not (spool / name / MANIFEST).exists():
        _write_fault(spool, name, fault)
    print(name, flush=True)


def _write_fault(spool: Path, name: str, fault: BaseException) -> None:
    record = Record(source=name, bundled=False, started_at=instant())
    record.fault(fault)
    record.write(folder_of(spool, name), "start_error")


def _abandoned() -> None:
    """End at once: our standard input is closed, so whoever asked for this is gone."""
    os._exit(_ABANDONED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
