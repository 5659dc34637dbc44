"""A database whose every text was written by somebody who means harm, and the same
database with harmless texts, to be compared.
"""

from contextlib import closing
from datetime import timedelta
from typing import Any

from freezegun import freeze_time

from storage.types import text_instant
from tests.support import maps
from tests.support.maps import Map
from tests.support.program import Trail
from tests.support.showroom import FIRST, NOW

CANARY = "zqx"
"""Stands in every text that must stay text, and nowhere in our own pages."""
RUN = "window.zqx=1"
"""What a script would do that somebody managed to put in."""

TEXTS = (
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>{CANARY}",
    f'"><svg/onload={RUN}>',
    f"' onmouseover='{RUN}' {CANARY}='",
    f"</script><script>{RUN}</script>",
    f"</title></style></textarea><{CANARY} a=1>",
    f"]]><{CANARY}/>",
    f"<!--{CANARY}",
    f"--><{CANARY}>",
    f"{{{{7*7}}}}{{% raw %}}{CANARY}",
    f"${{7*7}}`{CANARY}",
    f"javascript:{RUN}//{CANARY}",
    f"data:text/html,<script>{RUN}</script>",
    f"\u202e{CANARY}\u2066gpj.exe",
    f"{CANARY}\u200b\u200d\ufeff\u00ad",
    f"{CANARY}\x01\x08\x0b\x1b[31m\x7f\x9b",
    f"{CANARY}\ufffe\uffff\ufdd0",
    f"{CANARY}\r\nSet-Cookie: {CANARY}=1\r\n\r\n<b>",
    f"{CANARY}\tb\nc\u2028d\u2029e\x85f",
    CANARY + "long" * 2500,
    f"../../../{CANARY}",
    "..",
    ".",
    f"//{CANARY}.example",
    f"/{CANARY}",
    f"http://{CANARY}.example/?a=b#c",
    f"{CANARY}@b@c",
    f"~{CANARY}~7e",
    f"%2e%2e%2f{CANARY}%00%0d%0a",
    f"{CANARY}?q=1&m=2#frag;x",
    f"\\..\\{CANARY}\\",
    f"{CANARY} \U0001f468\u200d\U0001f469\u200d\U0001f467 \u6a21\u578b e\u0301",
    f"{CANARY}-Case",
    f"{CANARY}-case",
    f"{CANARY}-case.",
    f"{CANARY}-case ",
    f" {CANARY}-case",
    f"=cmd|'/c {CANARY}'!A1",
    "__proto__",
    "constructor",
    "toString",
    f"datum['{CANARY}'].a\\.b[0]",
    f"{CANARY}|litellm|input|2026",
    CANARY,
    f"{CANARY}/index.html",
    f"{CANARY}/index.html.gz",
    f"{CANARY}.html",
    f"{CANARY}.json",
    f"a/b/c/d/e/f/g/h/i/{CANARY}",
    f"{CANARY}//",
    "con",
    "-",
    "\u0130\u017f\u00df\ufb03",
    "&lt;b&gt;&amp;&#x27;",
)
HALVES = ('"zqx\\ud800"', '"\\udfff\\ud800zqx"', '"zqx\\u0000a"')
"""Names in JSON that are no text; what is read of them is."""

WEEKS = 5


def plain(number: int) -> str:
    """The harmless name in the place of a text."""
    return f"plain-{number:02d}"


def fill(trail: Trail, *, harm: bool = True) -> None:
    """Fill a database with such texts, or with harmless ones; see `showroom.fill`."""
    said = list(TEXTS) if harm else [plain(n) for n in range(len(TEXTS))]
    bodies = {
        f"{_day(week)}_1.{100 + week}.0.json": _body(said, week, harm=harm)
        for week in range(WEEKS)
    }
    folder = trail.folder / "llm-prices"
    folder.mkdir()
    with freeze_time(NOW - timedelta(hours=3)):
        trail.backfill(bodies)
        for week in range(1, WEEKS):
            trail.file(_listed(said, week), f"llm-prices/{_day(week)}.json")
        trail("backfill", "llm-prices", "--from-dir", str(folder))
    text_instant.cache_clear()
    _scrawl(trail, said)


def _day(week: int) -> str:
    back = timedelta(weeks=13 - WEEKS + 1)
    return (FIRST + back + timedelta(weeks=week)).date().isoformat()


def _body(said: list[str], week: int, *, harm: bool) -> bytes:
    body = maps.body(_map(said, week))
    names = HALVES if harm else ['"half-1"', '"half-2"', '"half-3"']
    for number, name in enumerate(names):
        body = body.replace(f'"half {number}"'.encode(), name.encode())
    return body


def _map(said: list[str], week: int) -> Map:
    """A map in which each text is a model, a provider, a mode, a fact, a meter."""
    found = maps.small_map()
    for n, text in enumerate(said):
        card = _card(n, week)
        found[f"acme/{text}"] = {**card, "litellm_provider": "acme"}
        found[f"model-of-{n}"] = {
            **card,
            "litellm_provider": text,
            "mode": text,
            "deprecation_date": text,
            "max_output_tokens": text,
            "supports_vision": text,
            "supports_" + text: True,
            text: text,
            "source": text,
            text + "_cost_per_token": 1e-6 * (n + week // 2 + 1),
            "search_context_cost_per_query": {"search_context_size_" + text: 0.01},
            "metadata": {text: [text, {"a": text}]},
            "supported_endpoints": [text],
        }
        found[f"azure/eu/{text}"] = {**card, "litellm_provider": "azure"}
    for n in range(len(HALVES)):
        found[f"half {n}"] = {**_card(90 + n, week), "litellm_provider": f"half {n}"}
    if week >= WEEKS - 1:
        for n, text in enumerate(said):
            if n % 9 == 4:
                found[f"acme/{text}"]["input_cost_per_token"] *= 100  # held
            if n % 9 == 7:
                del found[f"azure/eu/{text}"]
    return found


def _card(number: int, week: int) -> dict[str, Any]:
    """Prices that move in every other week, each in a ratio of its own."""
    price = (100 + number) * (1 + (week // 2) * (0.1 + number / 400)) * 1e-8
    return {
        "mode": "chat",
        "max_input_tokens": 128000,
        "input_cost_per_token": round(price, 12),
        "output_cost_per_token": round(4 * price, 12),
    }


def _listed(said: list[str], week: int) -> dict[str, Any]:
    """The same models as llm-prices.com would have them, dearer."""
    prices = [
        {"vendor": "acme", "id": text, "name": text, "input": 9 + n, "output": 90 + n}
        for n, text in enumerate(said)
    ]
    return {"updated_at": _day(week), "prices": prices}


def _scrawl(trail: Trail, said: list[str]) -> None:
    """Put the texts where no price list has a say: addresses, versions, notes, raw
    texts, evidence.
    """
    with closing(trail.tables.connect()) as connection:
        for table, column, *where in _SCRAWLED:
            which = f"WHERE {where[0]}" if where else ""
            asked = f"SELECT id FROM {table} {which} ORDER BY id"
            ids = connection.execute(asked).fetchall()
            mark = "?" if trail.tables.is_sqlite else "%s"
            put = f"UPDATE {table} SET {column} = {mark} WHERE id = {mark}"
            for n, (row,) in enumerate(ids[:2000]):
                connection.execute(put, (said[n % len(said)], row))
        connection.commit()


_SCRAWLED = (
    ("captures", "url"),
    ("captures", "version"),
    ("captures", "note"),
    ("source_runs", "note"),
    ("runs", "note"),
    ("rates", "raw"),
    ("rates", "field"),
    ("holds", "raw"),
    ("source_keys", "renamed_to", "missing_since IS NOT NULL"),
)
