"""The least that the web page's server can do: one word, by the same server.

Run as `python -m benchmarks.web_hello`; prints where it listens.
"""

import sys
from typing import Any

import uvicorn

from tracker.web.serving import Place, listening, log_plainly

BODY = b"hello"
HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"5")]


async def hello(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer every request with the same word."""
    if scope["type"] == "http":
        await send(
            {"type": "http.response.start", "status": 200, "headers": HEADERS},
        )
        await send({"type": "http.response.body", "body": BODY})


def main() -> None:
    """Serve until killed."""
    with listening(Place("127.0.0.1", 0, "")) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        log_plainly()
        print(f"serving hello at {address} ", file=sys.stderr, flush=True)
        config = uvicorn.Config(
            hello, log_config=None, lifespan="off", server_header=False
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
