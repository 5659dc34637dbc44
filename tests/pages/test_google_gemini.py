"""What is read from Google's price page of the Gemini API."""

import contextlib
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from crawler.pages import google_gemini
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Quote, Statement
from tracker.domain.schedule import in_effect

TURN = date(2027, 1, 1)
TOKENS = "Paid Tier, per 1M tokens in USD"
USED = "| Used to improve our products | [Yes](/terms) | [No](/terms) |"


def table(
    *rows: tuple[str, str], paid: str = TOKENS, free: str = "Not available"
) -> str:
    """A table of one tier; each row is its label and the cell of the paid column."""
    lines = [f"|   | Free Tier | {paid} |", "|---|---|---|"]
    lines += [f"| {label} | {free} | {cell} |" for label, cell in rows]
    return "\n".join([*lines, USED, ""])


def section(heading: str, ids: str, *tables: str, said: str = "A model.") -> str:
    """A section of the page, with the line of ids as the page writes it."""
    line = re.sub(r"[a-z]+-[a-z0-9.-]+", lambda m: f"[`{m[0]}`](/models/{m[0]})", ids)
    line = f"*{line}*" if line != ids else ids
    return "\n\n".join([f"## {heading}", line, "[Try it](/new)", said, *tables])


def tier(name: str, *rows: tuple[str, str]) -> str:
    """A tier's heading and table."""
    return f"### {name}\n\n{table(*rows)}"


def page(*sections: str) -> bytes:
    """A whole page."""
    tools = table(("[Google Search](/s)", "500 RPD free, then $35 / 1,000 prompts"))
    end = f"## Pricing for tools\n\nBilled apart.\n\n{tools}\n\n## Notes\n\n- None.\n"
    return "\n\n".join(["# Gemini Developer API pricing", *sections, end]).encode()


def one(*rows: tuple[str, str], name: str = "Standard") -> bytes:
    """A page with one model and one tier."""
    return page(section("Gemini 9 Flash", "gemini-9-flash", tier(name, *rows)))


def said_of(body: bytes) -> dict[str, Statement]:
    """Every key's statement."""
    return damage.statements(google_gemini, google_gemini.parse(body))


def prices(body: bytes, key: str = "gemini-9-flash") -> dict[str, str]:
    """Meter to price of one key, in dollars per million or per one."""
    return damage.card(said_of(body)[key])


def dated(said: Statement) -> dict[str, list[tuple[str, date | None, date | None]]]:
    """Meter to prices with their days."""
    return {
        key: [(plain(q.price_nano), q.effective_from, q.effective_to) for q in quotes]
        for key, quotes in said.dated.items()
    }


def refusal(body: bytes) -> str:
    """Why a page is refused."""
    with pytest.raises(UnreadableBody) as told:
        google_gemini.parse(body)
    assert str(told.value).startswith("google gemini pricing: ")
    assert "\n" not in str(told.value)
    return str(told.value)


Facts = set[tuple[str, str, str, date | None, date | None]]


def everything(read: Document) -> Facts:
    """Every price: key, meter, amount and days."""
    found: Facts = set()
    for key, said in damage.statements(google_gemini, read).items():
        held = itertools.chain.from_iterable(said.dated.values())
        for quote in itertools.chain(said.quotes.values(), held):
            found.add((key, *told(quote)))
    return found


def told(quote: Quote) -> tuple[str, str, date | None, date | None]:
    """Meter, amount and days of a quote."""
    days = (quote.effective_from, quote.effective_to)
    return (quote.meter.key, plain(quote.price_nano), *days)


def test_a_model_with_its_tiers() -> None:
    """Each tier is a table of its own; the ids name the offers."""
    body = page(
        section(
            "Gemini 9 Flash",
            "gemini-9-flash",
            tier("Standard", ("Input price", "$0.30"), ("Output price", "$2.50")),
            tier("Batch", ("Input price", "$0.15"), ("Output price", "$1.25")),
            tier("Flex", ("Input price", "$0.15")),
            tier("Priority", ("Input price", "$0.54")),
        )
    )
    assert prices(body) == {
        "input": "0.3",
        "output": "2.5",
        "input+batch": "0.15",
        "output+batch": "1.25",
        "input+flex": "0.15",
        "input+priority": "0.54",
    }
    said = said_of(body)["gemini-9-flash"]
    assert said.offer.text == "gemini/gemini-9-flash"
    assert said.quotes["input"].raw == "$0.30"
    assert said.quotes["input+batch"].field == "Gemini 9 Flash › batch › Input price"


@pytest.mark.parametrize(
    ("label", "cell", "expected"),
    [
        (
            "Input price",
            r"$1.25, prompts \<= 200k tokens $2.50, prompts \> 200k tokens",
            {"input": "1.25", "input@>200k": "2.5"},
        ),
        (
            "Output price (including thinking tokens)",
            "$10.00, prompts <= 200k tokens<br>$15.00, prompts > 200k",
            {"output": "10", "output@>200k": "15"},
        ),
        (
            "Input price (text, image, video)",
            "$0.10 (text / image / video)<br>$0.30 (audio)",
            {"input": "0.1", "input.audio_token": "0.3"},
        ),
        ("Input price", "$0.30 (text / image / video / audio)", {"input": "0.3"}),
        (
            "Input price",
            "$0.50 (text)<br>$3.00 (audio / video)",
            {"input": "0.5", "input.audio_token": "3", "input.video_token": "3"},
        ),
        (
            "Output price",
            "$9.00 (text) $17.50 (video)^\\*^",
            {"output": "9", "output.video_token": "17.5"},
        ),
        ("Output price", "$20.00 (audio)", {"output.audio_token": "20"}),
        (
            "Context caching price",
            (
                "$0.03 (text / image / video) $0.1 (audio) "
                "$1.00 / 1,000,000 tokens per hour (storage price)"
            ),
            {
                "cache_read": "0.03",
                "cache_read.audio_token": "0.1",
                "storage;per=hour": "1",
            },
        ),
        (
            "Context caching price",
            (
                r"*Same as Standard* $0.20, prompts \<= 200k tokens $0.40, "
                r"prompts \> 200k $4.50 / 1,000,000 tokens per hour (storage price)"
            ),
            {"cache_read": "0.2", "cache_read@>200k": "0.4", "storage;per=hour": "4.5"},
        ),
        (
            "Context caching price",
            (
                "$0.025 / 1,000,000 tokens (text/image/video)<br>"
                "$0.175 / 1,000,000 tokens (audio)"
            ),
            {"cache_read": "0.025", "cache_read.audio_token": "0.175"},
        ),
        (
            "Context caching (storage)",
            "$1.00 / 1,000,000 tokens per hour",
            {"storage;per=hour": "1"},
        ),
        ("Output price", "$0.039 per image*", {"output.image": "0.039"}),
        (
            "Output price",
            (
                "$3 (text and thinking) $60.00 (images) Equivalent to $0.045 per 0.5K "
                "image^\\*^ $0.067 per 1K image^\\*^, $0.101 per 2K image^\\*^, and "
                "$0.151 per 4K image^\\*^."
            ),
            {
                "output": "3",
                "output.image_token": "60",
                "output.image;resolution=0.5k": "0.045",
                "output.image;resolution=1k": "0.067",
                "output.image;resolution=2k": "0.101",
                "output.image;resolution=4k": "0.151",
            },
        ),
        (
            "Output price",
            (
                "$6.00 (text and thinking) $0.067 per 1K/2K image^\\*\\*^ and $0.12 "
                "per 4K image^\\*\\*^"
            ),
            {
                "output": "6",
                "output.image;resolution=1k": "0.067",
                "output.image;resolution=2k": "0.067",
                "output.image;resolution=4k": "0.12",
            },
        ),
        (
            "Input price",
            "$2.00 (text/image), equivalent to $0.0011 per image*",
            {"input": "2", "input.image": "0.0011"},
        ),
        (
            "Image input price",
            "$0.45 ($0.00012 per image)",
            {"input.image_token": "0.45", "input.image": "0.00012"},
        ),
        (
            "Audio input price",
            "$6.50 ($0.00016 per second)",
            {"input.audio_token": "6.5"},
        ),
        ("Text input price", "$0.20", {"input": "0.2"}),
        (
            "Grounding with Google Search^\\*^",
            "5,000 free search requests per month, then $14 per 1,000 requests.",
            {"search.query": "0.014"},
        ),
        (
            "Grounding with Google Maps",
            "5,000 prompts per month (free), then $14 / 1,000 search queries",
            {"google_maps_grounding.query": "0.014"},
        ),
        (
            "Grounding with Google Search",
            (
                "1,500 RPD (free, limit shared with Flash), then $35 / 1,000 grounded "
                "prompts"
            ),
            {"search.request": "0.035"},
        ),
        (
            "Grounding with Google Web and Image Search^\\*\\*^",
            "then $14 per 1,000 requests for text and image-based grounding.",
            {"search.query": "0.014"},
        ),
    ],
)
def test_one_cell_with_several_prices(
    label: str, cell: str, expected: dict[str, str]
) -> None:
    """Prompt length, modality, storage and pictures in one cell are meters apart."""
    assert prices(one((label, cell))) == expected


def test_prices_by_date_are_never_taken_for_current() -> None:
    """A cell with days gives prices for those days; which holds is asked by day."""
    cell = (
        "$0.075 through December 31, 2026. $0.15 starting January 1, 2027. "
        "$0.50 / 1,000,000 tokens per hour (storage price) through December 31, 2026. "
        "$1.00 / 1,000,000 tokens per hour (storage price) starting January 1, 2027."
    )
    body = one(("Context caching price", cell), ("Input price", "$0.75"))
    said = said_of(body)["gemini-9-flash"]
    assert damage.card(said) == {"input": "0.75"}
    assert dated(said) == {
        "cache_read": [("0.075", None, TURN), ("0.15", TURN, None)],
        "storage;per=hour": [("0.5", None, TURN), ("1", TURN, None)],
    }
    for day, price in (
        (datetime(2026, 12, 31, tzinfo=UTC), "0.075"),
        (datetime(2027, 1, 1, tzinfo=UTC), "0.15"),
    ):
        held = in_effect(said, day)
        assert damage.card(held)["cache_read"] == price


def test_dates_behind_a_modality() -> None:
    """`(audio) through ...` is a modality and days."""
    cell = (
        "$9.00 (audio) through December 31, 2026. $18.00 (audio) starting January 1, "
        "2027. Equivalent to $0.00225 per 10s audio^\\*^ through December 31, 2026. "
        "Equivalent to $0.0045 per 10s audio^\\*^ starting January 1, 2027."
    )
    said = said_of(one(("Output price", cell)))["gemini-9-flash"]
    assert dated(said) == {
        "output.audio_token": [("9", None, TURN), ("18", TURN, None)]
    }
    restated = "0.00225 USD per 10s audio; 0.0045 USD per 10s audio"
    assert said.facts["equivalent:output.audio_token"] == restated


def test_equivalents_per_minute_are_facts() -> None:
    """What only restates a price by the minute, rounded, is no price of its own."""
    cell = "$0.75 (text) $3.00 or $0.005/min (audio) $1.00 or $0.002/min (image/video)"
    said = said_of(one(("Input price", cell)))["gemini-9-flash"]
    assert damage.card(said) == {
        "input": "0.75",
        "input.audio_token": "3",
        "input.image_token": "1",
        "input.video_token": "1",
    }
    assert said.facts == {
        "equivalent:input.audio_token": "0.005 USD /min",
        "equivalent:input.image_token": "0.002 USD /min",
        "equivalent:input.video_token": "0.002 USD /min",
        "free_tier": "false",
    }


def test_several_ids_under_one_heading() -> None:
    """A section of several models holds for each of its ids."""
    body = page(
        section(
            "Gemini 9 Live, Gemini 9 Live Plus, and Gemini 8 Live",
            "gemini-9-live, gemini-9-live-plus, and gemini-8-live",
            tier("Standard", ("Input price", "$0.75 (text) $3.00 (audio)")),
        ),
        section(
            "Gemini 9 Pro",
            "gemini-9-pro and gemini-9-pro-customtools",
            table(("Input price", "$2.00")),
        ),
    )
    said = said_of(body)
    assert list(said) == [
        "gemini-9-live",
        "gemini-9-live-plus",
        "gemini-8-live",
        "gemini-9-pro",
        "gemini-9-pro-customtools",
    ]
    assert {damage.card(said[key])["input"] for key in list(said)[:3]} == {"0.75"}
    assert damage.card(said["gemini-9-pro-customtools"]) == {"input": "2"}


def test_more_names_than_ids_make_an_incomplete_list() -> None:
    """The models named without an id are not missing, only not told."""
    body = page(
        section("Gemini 9, Gemini 9 Lite", "gemini-9", table(("Input price", "$1.00")))
    )
    read = google_gemini.parse(body)
    assert (read.complete, len(read.notes)) == (False, 1)


def test_a_model_without_an_id_is_held_not_guessed() -> None:
    """Its prices are not read, others are, and the list is not complete."""
    body = page(
        section("Gemini 9", "gemini-9", table(("Input price", "$1.00"))),
        section("Gemini 10", "Soon.", tier("Standard", ("Input price", "$7.00"))),
    )
    read = google_gemini.parse(body)
    assert read.held_keys == {"gemini-10": "no_id"}
    assert read.complete is False
    assert everything(read) == {("gemini-9", "input", "1", None, None)}


def test_a_free_model_without_an_id_is_ignored() -> None:
    """A table without a single amount prices nothing."""
    body = page(
        section("Gemini 9", "gemini-9", table(("Input price", "$1.00"))),
        section("Gemma 9", "Open.", table(("Input price", "Not available"))),
    )
    read = google_gemini.parse(body)
    assert (read.held_keys, read.complete) == ({}, True)
    assert any("Gemma 9" in name for name in read.ignored)


def test_a_page_without_ids_is_refused() -> None:
    """If no section has ids, the page is laid out otherwise."""
    body = page(section("Gemini 9", "Soon.", table(("Input price", "$1.00"))))
    assert "no line of model ids" in refusal(body)


def test_tiers_that_lost_their_headings_are_refused() -> None:
    """Two tables of one model without tiers are told apart only by order."""
    two = [table(("Input price", price)) for price in ("$0.30", "$0.15")]
    body = page(section("Gemini 9", "gemini-9", *two))
    assert "two tables" in refusal(body)


def test_an_unknown_tier_is_refused() -> None:
    """A new heading may mean anything."""
    message = refusal(one(("Input price", "$0.30"), name="Turbo"))
    assert "Turbo: the tier is not known" in message


def test_free_in_the_paid_column_is_a_price_of_zero() -> None:
    """Free for who pays is free; the free tier beside a price is a fact."""
    free = table(
        ("Input price", "$0.30"),
        ("Output price", "Free of charge"),
        free="Free of charge",
    )
    said = said_of(page(section("Gemini 9", "gemini-9", free)))["gemini-9"]
    assert damage.card(said) == {"input": "0.3", "output": "0"}
    assert said.facts == {"free_tier": "true"}


def test_what_is_not_available_is_a_state() -> None:
    """Neither a price nor a problem, with the reason in brackets or not."""
    body = one(
        ("Input price", "$0.10"),
        ("Context caching price", "Not available"),
        ("Image generation pricing", "Not available ([shut down](/x))"),
        ("Grounding with Google Search", "Not available"),
        ("Tuning price", "Not available"),
        ("Output price", "-"),
    )
    said = said_of(body)["gemini-9-flash"]
    assert damage.card(said) == {"input": "0.1"}
    assert said.problems == ()
    assert said.facts == {
        "free_tier": "false",
        "pricing:cache_read": "not_available",
        "pricing:output": "not_available",
        "pricing:search.query": "not_available",
    }


def test_free_searches_are_a_fact() -> None:
    """How many searches cost nothing is kept beside their price."""
    cell = "5,000 free search requests per month (shared), then $14 per 1,000 requests."
    other = "1,500 RPD (free), then $25 / 1,000 grounded prompts"
    body = one(
        ("Grounding with Google Search", cell), ("Grounding with Google Maps", other)
    )
    facts = said_of(body)["gemini-9-flash"].facts
    assert facts == {
        "free_quota:search.query": "5000 per month",
        "free_quota:google_maps_grounding.request": "1500 per day",
    }


def test_a_price_of_whole_images_among_those_of_tokens_is_no_price_of_tokens() -> None:
    """`$0.0006 (image)` beside `$1.00 (text)` is for an image, not a million tokens."""
    body = one(("Input price", "$1.00 (text), $0.0006 (image)*"))
    read = google_gemini.parse(body)
    assert prices(body) == {"input": "1"}
    assert len(read.notes) == 1


IMAGES = "Paid Tier, per Image in USD"
SECONDS = "Paid Tier, per second in USD"
REQUESTS = "Paid Tier, per request in USD"


def test_rows_that_name_one_model_of_several() -> None:
    """Each row goes to the id with its word in it, `Standard` to the one without."""
    body = page(
        section(
            "Imagen 9",
            "imagen-9.0-generate-001, imagen-9.0-ultra-generate-001, "
            "imagen-9.0-fast-generate-001",
            table(
                ("Imagen 9 Fast image price", "$0.02"),
                ("Imagen 9 Standard image price", "$0.04"),
                ("Imagen 9 Ultra image price", "$0.06"),
                paid=IMAGES,
            ),
        ),
        section(
            "Veo 9.1",
            "veo-9.1-generate-preview, veo-9.1-fast-generate-preview, "
            "veo-9.1-lite-generate-preview",
            table(
                (
                    "Veo 9.1 Standard video with audio price (default)",
                    "$0.40 (720p and 1080p) $0.60 (4k)",
                ),
                (
                    "Veo 9.1 Fast video with audio price (default)",
                    "$0.10 (720p) $0.12 (1080p) $0.30 (4k)",
                ),
                (
                    "Veo 9.1 Lite video with audio price (default)",
                    "$0.05 (720p) $0.08 (1080p) (4k output not supported)",
                ),
                paid=SECONDS,
            ),
        ),
        section(
            "Veo 2",
            "veo-2.0-generate-001",
            table(("Video price", "$0.35"), paid=SECONDS),
        ),
        section(
            "Lyria 9",
            "lyria-9-clip-preview and lyria-9-pro-preview",
            table(
                ("Lyria 9 Clip Preview (30s)", "$0.04 per song"),
                ("Lyria 9 Pro Preview (Full Song)", "$0.08 per song"),
                paid=REQUESTS,
            ),
        ),
    )
    cards = {key: damage.card(said) for key, said in said_of(body).items()}
    assert cards == {
        "imagen-9.0-generate-001": {"output.image": "0.04"},
        "imagen-9.0-ultra-generate-001": {"output.image": "0.06"},
        "imagen-9.0-fast-generate-001": {"output.image": "0.02"},
        "veo-9.1-generate-preview": {
            "output.second;resolution=720p": "0.4",
            "output.second;resolution=1080p": "0.4",
            "output.second;resolution=4k": "0.6",
        },
        "veo-9.1-fast-generate-preview": {
            "output.second;resolution=720p": "0.1",
            "output.second;resolution=1080p": "0.12",
            "output.second;resolution=4k": "0.3",
        },
        "veo-9.1-lite-generate-preview": {
            "output.second;resolution=720p": "0.05",
            "output.second;resolution=1080p": "0.08",
        },
        "veo-2.0-generate-001": {"output.second": "0.35"},
        "lyria-9-clip-preview": {"output.song": "0.04"},
        "lyria-9-pro-preview": {"output.song": "0.08"},
    }


def test_a_row_that_names_none_of_the_ids_is_refused() -> None:
    """Which of several models it is for must be told."""
    body = page(
        section(
            "Veo 9",
            "veo-9-generate, veo-9-fast-generate",
            table(("Veo 9 Mega video price (default)", "$0.40"), paid=SECONDS),
        )
    )
    assert "is not told" in refusal(body)


@pytest.mark.parametrize("mark", ["", "> ", "| "])
def test_a_shut_down_is_a_fact(mark: str) -> None:
    """The day a model ends stands in the text of its section, however set apart."""
    said = f"{mark}**Warning:** Deprecated; it will be shut down on August 17, 2026."
    body = page(
        section("Gemini 9", "gemini-9", table(("Input price", "$1.00")), said=said)
    )
    assert said_of(body)["gemini-9"].facts == {
        "deprecation_date": "2026-08-17",
        "status": "deprecated",
        "free_tier": "false",
    }


@pytest.mark.parametrize(
    "cell",
    [
        "$1.00 $2.00",
        "$1.00 (text) $2.00 (text)",
        "$1.00 (taste)",
        "$1.00 on weekends",
        "from $1.00",
        "$1.00 per page",
        "$1.00 (720p)",
        "€1.00",
        "$1.00 / 1,000 requests",
        "one dollar",
        "$1.00 through December 31",
    ],
)
def test_a_cell_that_is_not_understood_fails_the_page(cell: str) -> None:
    """The message names the section, the tier and the row."""
    message = refusal(one(("Input price", cell)))
    assert "Gemini 9 Flash › standard › Input price" in message


def test_an_unknown_row_with_amounts_fails_the_page() -> None:
    """Without an amount it says nothing."""
    assert "the row is not understood" in refusal(one(("Mind reading", "$1.00")))
    body = one(("Mind reading", "Not available"), ("Input price", "$1.00"))
    assert prices(body) == {"input": "1"}


GOOD = one(("Input price", "$0.30"), ("Output price", "$2.50"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><html lang=en><title>Gemini pricing</title>", "HTML"),
        (b"# Pricing\n\n- [Flash](/flash.md)\n", "no line of model ids"),
        (b'{"data": [{"id": "a/b", "pricing": {}}]}', "no line of model ids"),
        (GOOD[: GOOD.index(b"$2.50")], "cut off in the row"),
        (GOOD[: GOOD.index(b"## Pricing for tools")] + b"## B\n\n*`b-1`*", "for b-1"),
        (GOOD.replace(b"Free Tier", b"Cheap Tier"), "'cheap tier'"),
        (GOOD.replace(b"in USD", b"in EUR"), "'paid tier, per 1m tokens in eur'"),
        (GOOD.replace(b"1M tokens", b"1M atoms"), "'paid tier, per 1m atoms in usd'"),
        (GOOD.replace(b"| Not available | $0.30", b"| $0.30 | $0.10"), "'Free Tier'"),
    ],
)
def test_what_is_not_this_page_is_refused(body: bytes, reason: str) -> None:
    """Other documents, torn ones and other columns are told apart in one line."""
    assert reason in refusal(body)


def mutations(body: bytes) -> Iterator[bytes]:
    """The page with two names of a header swapped, one gone, and one another."""
    text = body.decode()
    header = f"|   | Free Tier | {TOKENS} |"
    names = header.strip("|").split("|")
    for one_name, other in itertools.combinations(range(3), 2):
        swapped = [*names]
        swapped[one_name], swapped[other] = names[other], names[one_name]
        yield text.replace(header, f"|{'|'.join(swapped)}|").encode()
    for gone in range(3):
        fewer = f"|{'|'.join([*names[:gone], *names[gone + 1 :]])}|"
        yield text.replace(header, fewer).encode()
        yield text.replace(f"{header}\n|---|---|---|", f"{fewer}\n|---|---|").encode()
        other_name = [*names[:gone], " Else ", *names[gone + 1 :]]
        yield text.replace(header, f"|{'|'.join(other_name)}|").encode()


def check_damage(body: bytes, *, cuts: int, flips: int) -> None:
    """Torn and flipped bodies are read or refused, and tearing changes no price."""
    right = everything(google_gemini.parse(body))
    for torn in damage.cut(body, cuts):
        with contextlib.suppress(UnreadableBody):
            assert everything(google_gemini.parse(torn)) <= right
    for changed in damage.flipped(body, flips):
        damage.read(google_gemini, changed)


def test_no_change_of_a_header_makes_a_wrong_price() -> None:
    """Names of columns swapped, dropped or changed fail the page."""
    for changed in mutations(GOOD):
        refusal(changed)


def test_damaged_pages_are_read_or_refused() -> None:
    """No damage makes the parser fail in another way, or a price another."""
    check_damage(GOOD, cuts=200, flips=200)


def test_the_real_layout(shared) -> None:
    """Every kind of cell of the captured layout, as read by eye."""
    path = next((shared / "samples" / "google-gemini").glob("2026-09-30*"))
    read = google_gemini.parse(path.read_bytes())
    said = damage.statements(google_gemini, read)
    assert (len(said), len(everything(read))) == (9, 57)
    assert (read.held_keys, read.notes, read.complete) == ({}, (), True)
    assert damage.card(said["gemini-2.5-pro"]) == {
        "input": "1.25",
        "input@>200k": "2.5",
        "output": "10",
        "output@>200k": "15",
        "cache_read": "0.125",
        "cache_read@>200k": "0.25",
        "storage;per=hour": "4.5",
    }
    live = damage.card(said["gemini-3.8-live-extended-thinking"])
    assert live == {
        "input": "0.75",
        "input.audio_token": "3",
        "input.image_token": "1",
        "input.video_token": "1",
        "output": "4.5",
        "output.audio_token": "12",
    }
    image = damage.card(said["gemini-3.1-flash-image"])
    assert (image["output.image_token"], image["output"]) == ("60", "3")
    assert image["output.image;resolution=4k"] == "0.151"
    assert dated(said["gemini-3.8-flash"])["input+batch"] == [
        ("0.375", None, TURN),
        ("0.75", TURN, None),
    ]
    assert dated(said["gemini-3.8-flash-tts"])["output.audio_token"][1][0] == "18"


def test_the_real_excerpt(shared) -> None:
    """Four tiers of one model and two of another, as read by eye."""
    path = next((shared / "samples" / "google-gemini").glob("2026-10*"))
    read = google_gemini.parse(path.read_bytes())
    said = damage.statements(google_gemini, read)
    assert (len(said), len(everything(read))) == (2, 46)
    flash = in_effect(said["gemini-3.8-flash"], datetime(2026, 10, 15, tzinfo=UTC))
    card = damage.card(flash)
    assert [card[f"output{t}"] for t in ("", "+batch", "+flex", "+priority")] == [
        "3.75",
        "1.875",
        "1.875",
        "6.75",
    ]
    assert card["cache_read+flex"] == "0.0375"
    lite = damage.card(said["gemini-3.5-flash-lite"])
    assert (lite["cache_read"], lite["cache_read+batch"]) == ("0.03", "0.02")
    assert lite["google_maps_grounding.query"] == "0.014"


def test_real_pages_with_other_headers_make_no_wrong_price(shared) -> None:
    """Any header of the real layout that is changed is refused."""
    path = next((shared / "samples" / "google-gemini").glob("2026-09-30*"))
    for changed in mutations(path.read_bytes()):
        refusal(changed)


def test_real_pages_damaged_are_read_or_refused(shared) -> None:
    """Torn and flipped real pages give no wrong price and no other error."""
    path = next((shared / "samples" / "google-gemini").glob("2026-09-30*"))
    check_damage(path.read_bytes(), cuts=60, flips=60)


def test_other_providers_pages_are_refused(shared) -> None:
    """No other sample passes for this page."""
    for path in sorted((shared / "samples").rglob("*")):
        if path.is_file() and path.parent.name != "google-gemini":
            refusal(path.read_bytes()[:400_000])
