"""What is read from MiniMax's pay-as-you-go page."""

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress

import pytest

from crawler.pages import minimax
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement

BADGE = '<span className="rounded bg-red-50">Permanent 50% off</span>'
CUT = "~~\\$0.60~~ \\$0.30"
SHORT = f"**MiniMax-M3**<br />≤ 512k input tokens {BADGE}"
LONG = f"**MiniMax-M3**<br />> 512k input tokens\\* {BADGE}"
H3 = "<div style={{minWidth:'240px'}}>MiniMax-H3</div>"
AGAIN = "<div style={{minWidth:'240px'}}>MiniMax-H3-Regeneration</div>"
IR = "<div style={{minWidth:'240px'}}>MiniMax-H3-IR</div>"
RULES = "| **Model / API** | **Resolution** | **Billing Rules** | **List Price** |"
BY_LENGTH = "Billed by input video duration and output video resolution"
SPEECH = "| **API** | **Model** | **Description** | **Price** |"
SONG = "\\$0.15/up-to-5 minutes music"

PAGE = f"""> ## Documentation Index

# Pay as You Go

## LLM

[Recharge](https://example.com/balance)

<Tabs>
  <Tab title="Standard">
    | Model | Input | Output | Prompt caching Read |
    | :- | :- | :- | :- |
    | {SHORT} | {CUT} / M tokens | \\$1.20 / M tokens | \\$0.06 / M tokens |
    | {LONG} | \\$0.60 / M tokens | \\$2.40 / M tokens | \\$0.12 / M tokens |
  </Tab>

  <Tab title="Priority*">
    | Model | Input | Output | Prompt caching Read |
    | :- | :- | :- | :- |
    | {SHORT} | \\$0.45 / M tokens | \\$1.80 / M tokens | \\$0.09 / M tokens |
    | {LONG} | \\$0.90 / M tokens | \\$3.60 / M tokens | \\$0.18 / M tokens |

    \\* Costs 1.5 times as much.
  </Tab>
</Tabs>

| Model | Input | Output | Prompt caching Read | Prompt caching Write |
| :- | :- | :- | :- | :- |
| **MiniMax-M2.7** | \\$0.3 / M tokens | \\$1.2 / M tokens | \\$0.06 / M tokens | - |

<Accordion title="Legacy Models">
  | Model | Input | Output | Prompt caching Read | Prompt caching Write |
  | :- | :- | :- | :- | :- |
  | **MiniMax-M2** | \\$0.3 / M tokens | \\$1.2 / M tokens | - | \\$0.375 / M tokens |
</Accordion>

<Info>
  Note:

  1. Tokens are counted.
</Info>

## Audio

**Speech recognition**

| **API** | **Endpoint** | **Description** | **Price** |
| :- | :- | :- | :- |
| Speech Recognition | Speech-to-Text | With subtitles. | \\$0.36 / hour |

**Speech**

{SPEECH}
| :- | :- | :- | :- |
| **T2A** (Sync) | speech-2.8-hd | At once. | \\$100 / M characters |
| **T2A Async** | speech-2.8-hd | Later. | \\$100 / M characters |
| **Rapid Voice Cloning** | All Models | A copy. | \\$1.5 per voice |

| **API** | **Description** | **Price** | **Notes** |
| :- | :- | :- | :- |
| **Voice Design** | In words. | \\$3 per voice | Trials cost \\$60 / M characters. |

<Accordion title="Legacy Models">
  | API | Model | Price |
  | :- | :- | :- |
  | **T2A** | speech-2.6-turbo / speech-02-turbo | \\$60/M characters |
</Accordion>

## Video

**Output**

{RULES}
| :- | :- | :- | :- |
| {H3} | 768P | By the second | \\$0.08 / second |
| {H3} | 2K | By the second | \\$0.13 / second |

**Input**

| **Model / API** | **Material Type** | **Billing Rules** |
| :- | :- | :- |
| {H3} | Audio | Free |
| {H3} | Image | First **5 images** free; **\\$0.04 per additional image** |
| {H3} | Video | {BY_LENGTH}: **2K \\$0.13/sec**, **768P \\$0.08/sec** |
| {AGAIN} | Video | Billed anew: **\\$0.05 / second** |

**Regeneration**

{RULES}
| :- | :- | :- | :- |
| {AGAIN} | 768P → 2K | By the second | \\$0.05 / second |

| **Model / API** | **Input Price** | **Output Price** |
| :- | :-: | :-: |
| {IR} | \\$0.90 / M tokens | \\$3.60 / M tokens |

<Accordion title="Legacy Models">
  | Model | Price |
  | :- | :- |
  | MiniMax-Hailuo-2.3 | \\$0.28 per 768P, 6s video |
  | MiniMax-Hailuo-2.3 | \\$0.49 per 1080P, 6s video |
</Accordion>

## Music

| Model | Description | Price |
| :- | :- | :-: |
| Music-2.5+ (Discontinued) | Ten a minute | {SONG} |
| Lyrics Generation | Words | \\$0.01/per song |

## Image

| Model | Price |
| :- | :- |
| image-01 | \\$0.0035 per image |

## MCP

| Model | Input Price |
| :- | :- |
| **API-vlm** | \\$0.01 / request |

<Callout color="#FFC107">
  **Notice**: Effective July 22, 2026, the API-vlm price will be \\$0.01 per call.
</Callout>

## Server Tools <span className="before:content-['Beta'] dark:bg-blue-900/30" />

| Server Tool | Description | Price |
| :- | :- | :- |
| **web\\_search** | Looks it up. | \\$0.01 / request |
"""


def said(document: Document) -> dict[str, Statement]:
    """What a document says by key."""
    return {k: minimax.flatten(k, entry) for k, entry in document.entries.items()}


def prices(page: str | bytes) -> dict[str, dict[str, str]]:
    """Prices by key and meter."""
    body = page.encode() if isinstance(page, str) else page
    return {
        key: {m: plain(quote.price_nano) for m, quote in statement.quotes.items()}
        for key, statement in said(minimax.parse(body)).items()
    }


def refused(page: str | bytes) -> str:
    """Why a body is not read."""
    body = page.encode() if isinstance(page, str) else page
    with pytest.raises(UnreadableBody) as told:
        minimax.parse(body)
    assert "\n" not in str(told.value)
    return str(told.value)


def wrong_prices(page: str, right: dict[str, dict[str, str]]) -> list[str]:
    """What a changed page is read as that the page did not say before."""
    try:
        found = prices(page)
    except UnreadableBody:
        return []
    return [
        f"{key} {meter} {price}"
        for key, meters in found.items()
        for meter, price in meters.items()
        if right.get(key, {}).get(meter) != price
    ]


def test_tokens_by_tier_and_length_of_the_prompt() -> None:
    """Tabs are tiers; the length of the prompt stands in the cell of the name."""
    assert prices(PAGE)["minimax-m3"] == {
        "input": "0.3",
        "output": "1.2",
        "cache_read": "0.06",
        "input@>512k": "0.6",
        "output@>512k": "2.4",
        "cache_read@>512k": "0.12",
        "input+priority": "0.45",
        "output+priority": "1.8",
        "cache_read+priority": "0.09",
        "input+priority@>512k": "0.9",
        "output+priority@>512k": "3.6",
        "cache_read+priority@>512k": "0.18",
    }


def test_what_is_struck_through_is_the_list_price() -> None:
    """The price after the struck one holds; the struck one and the badge are facts."""
    statement = said(minimax.parse(PAGE.encode()))["minimax-m3"]
    assert plain(statement.quotes["input"].price_nano) == "0.3"
    assert statement.facts == {
        "list_price:input": "0.60 USD",
        "discount": "Permanent 50% off",
        "short_context_tokens": "512000",
    }


def test_tables_beside_and_below_the_tabs() -> None:
    """What stands outside of a tab is standard; the fold of old models is read too."""
    read = said(minimax.parse(PAGE.encode()))
    assert prices(PAGE)["minimax-m2.7"] == {
        "input": "0.3",
        "output": "1.2",
        "cache_read": "0.06",
    }
    assert prices(PAGE)["minimax-m2"] == {
        "input": "0.3",
        "output": "1.2",
        "cache_write": "0.375",
    }
    assert read["minimax-m2"].facts["status"] == "legacy"
    assert read["minimax-m2"].offer.text == "minimax/MiniMax-M2"
    assert "status" not in read["minimax-m2.7"].facts


def test_tables_of_another_depth_of_indentation() -> None:
    """Indented or not, the same is read."""
    flat = "\n".join(line.strip() for line in PAGE.split("\n"))
    deep = "\n".join(
        f"      {line}" if "|" in line else line for line in flat.split("\n")
    )
    assert prices(flat) == prices(PAGE)
    assert prices(deep) == prices(PAGE)


def test_speech() -> None:
    """By the hour heard, by the character read, by the voice made."""
    read = prices(PAGE)
    assert read["speech-recognition"] == {"input.second": "0.0001"}
    assert read["speech-2.8-hd"] == {"input.character": "100"}
    assert read["speech-2.6-turbo"] == {"input.character": "60"}
    assert read["speech-02-turbo"] == {"input.character": "60"}
    assert read["rapid-voice-cloning"] == {"output.voice": "1.5"}
    assert read["voice-design"] == {"output.voice": "3"}


def test_video() -> None:
    """By the second and resolution, by the clip, by what goes into it."""
    read = prices(PAGE)
    assert read["minimax-h3"] == {
        "output.second;resolution=768p": "0.08",
        "output.second;resolution=2k": "0.13",
        "input.image": "0.04",
        "input.video_second;resolution=768p": "0.08",
        "input.video_second;resolution=2k": "0.13",
    }
    assert read["minimax-h3-regeneration"] == {
        "output.second;resolution=2k;source=768p": "0.05"
    }
    assert read["minimax-h3-ir"] == {"input": "0.9", "output": "3.6"}
    assert read["minimax-hailuo-2.3"] == {
        "output.video;duration=6s;resolution=768p": "0.28",
        "output.video;duration=6s;resolution=1080p": "0.49",
    }


def test_music_images_and_tools() -> None:
    """By the song, by the picture, by the request."""
    read = prices(PAGE)
    assert read["music-2.5+"] == {"output.song;up_to=5min": "0.15"}
    assert read["lyrics-generation"] == {"output.song": "0.01"}
    assert read["image-01"] == {"output.image": "0.0035"}
    assert read["api-vlm"] == {"input.request": "0.01"}
    assert read["tools/web_search"] == {"search.query": "0.01"}
    statement = said(minimax.parse(PAGE.encode()))["music-2.5+"]
    assert statement.facts["status"] == "discontinued"
    assert statement.offer.text == "minimax/Music-2.5+"


def test_rules_in_words_are_listed() -> None:
    """What is not understood of the material is named, and so is what is announced."""
    document = minimax.parse(PAGE.encode())
    assert len(document.ignored) == 1
    assert "Billed anew: $0.05 / second" in document.ignored[0]
    assert len(document.notes) == 1
    assert "API-vlm price will be $0.01" in document.notes[0]
    facts = said(document)["minimax-h3"].facts
    assert facts["input:audio"] == "Free"


def test_a_page_without_a_main_section_is_a_part() -> None:
    """Without its section on video the page proves nothing about what is missing."""
    assert minimax.parse(PAGE.encode()).complete
    document = minimax.parse(PAGE[: PAGE.index("## Video")].encode())
    assert not document.complete
    assert "no table under 'video'" in document.notes


def test_two_prices_of_one_model_are_held() -> None:
    """Where speech costs more later than at once, neither is believed."""
    page = PAGE.replace("Later. | \\$100", "Later. | \\$90")
    statement = said(minimax.parse(page.encode()))["speech-2.8-hd"]
    assert not statement.quotes
    assert [problem.reason for problem in statement.problems] == ["conflict"]


def test_other_words_than_prices() -> None:
    """Free is nought, a dash says nothing, other words are states."""
    cell = "\\$0.3 / M tokens | \\$1.2 / M tokens | \\$0.06 / M tokens | -"
    assert cell in PAGE
    page = PAGE.replace(
        cell, "Limited-time Free | \\$1.2 / M tokens | N/A | Contact us"
    )
    assert prices(page)["minimax-m2.7"] == {"input": "0", "output": "1.2"}
    facts = said(minimax.parse(page.encode()))["minimax-m2.7"].facts
    assert facts == {"pricing:cache_write": "contact_sales"}


def test_an_unknown_note_holds_the_model() -> None:
    """What stands beside a name and is not known may change what it costs."""
    page = PAGE.replace("**MiniMax-M2.7** |", "**MiniMax-M2.7**<br />by night |")
    document = minimax.parse(page.encode())
    assert document.held_keys == {"minimax-m2.7": "unread_note"}
    noted = PAGE.replace("image-01 |", "image-01 (large) |")
    assert minimax.parse(noted.encode()).held_keys == {"image-01-large": "unread_note"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("| Prompt caching Read |", "| Reading |", "'reading'"),
        (
            "| Model | Input | Output |",
            "| Model | Output | Input |",
            "not in the order",
        ),
        ("| Model | Input | Output |", "| Model | Input | Input |", "not known"),
        ('title="Priority*"', 'title="Moonlight"', "is not known"),
        ("  </Tab>\n\n", "", "not in pairs"),
        ("</Accordion>", "", "not in pairs"),
        ("\\$1.2 / M tokens", "\\$1.2", "is no price per token"),
        ("\\$1.2 / M tokens", "\\$1.2 / hour", "is no price per token"),
        ("\\$1.2 / M tokens", "\\$1.2 or \\$2 / M tokens", "2 prices"),
        ("\\$1.2 / M tokens", "from \\$1.2 / M tokens", "not one price"),
        ("\\$1.2 / M tokens", "1.2 / M tokens", "no price in"),
        ("| \\$1.2 / M tokens |", "|", "does not have its 5 cells"),
        ("\\$0.36 / hour", "\\$0.36 / moon", "for something not known"),
        ("\\$100 / M characters", "\\$100 / second", "for something not known"),
        ("\\$0.0035 per image", "\\$0.0035", "for something not known"),
        ("| 2K |", "| huge |", "for something not known"),
        (
            "| 2K | By the second | \\$0.13 / second",
            "| 2K | - | \\$1 per image",
            "for s",
        ),
        ("**web\\_search**", "**make\\_tea**", "what a request of it does"),
        ("| **MiniMax-M2.7** |", "| |", "without a model's name"),
    ],
)
def test_what_is_not_understood_is_named(old: str, new: str, reason: str) -> None:
    """One cell, column, tab or row that is not known fails the page and is quoted."""
    assert old in PAGE
    assert reason in refused(PAGE.replace(old, new, 1))


def test_an_unknown_table_with_prices_is_refused() -> None:
    """A table that is not known fails the page only if it holds amounts."""
    table = "\n| Plan | Toll |\n| :- | :- |\n| Max | {} |\n"
    assert "'toll'" in refused(PAGE + table.format("\\$3.00"))
    document = minimax.parse((PAGE + table.format("yes")).encode())
    assert "Pay as You Go › Server Tools" in document.ignored


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"data": []}', "no price"),
        (b"\xff\xfe\x00", "no price"),
        (b"# Pay as You Go\n\nNothing.", "no price"),
        (b"<!DOCTYPE html><title>Just a moment...</title>", "HTML page"),
        (b"<html><body><table></table></body></html>", "HTML page"),
    ],
)
def test_another_document_is_refused(body: bytes, reason: str) -> None:
    """What is not the page is refused with what it looks like."""
    assert reason in refused(body)


def test_another_provider_is_refused() -> None:
    """A page of the same make with others' models is not this page."""
    page = PAGE.replace("MiniMax-", "Qwen-")
    assert "of no model of MiniMax's" in refused(page)


def header_lines(page: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the names of each header."""
    lines = page.split("\n")
    for number, line in enumerate(lines[:-1]):
        if lines[number + 1].strip().startswith("| :-"):
            yield number, [name.strip() for name in line.strip(" |").split("|")]


def test_a_changed_header_gives_no_wrong_price() -> None:
    """A name left out, renamed or swapped with another: refused, or read the same."""
    right, count = prices(PAGE), 0
    for number, names in header_lines(PAGE):
        changes = [names[:at] + names[at + 1 :] for at in range(len(names))]
        changes += [
            [*names[:at], "Mystery", *names[at + 1 :]] for at in range(len(names))
        ]
        for one, other in itertools.combinations(range(len(names)), 2):
            swapped = list(names)
            swapped[one], swapped[other] = names[other], names[one]
            changes.append(swapped)
        for change in changes:
            lines = PAGE.split("\n")
            lines[number] = f"| {' | '.join(change)} |"
            assert not wrong_prices("\n".join(lines), right), change
            count += 1
    assert count > 150


def test_a_line_that_is_lost_gives_no_wrong_price() -> None:
    """Without any one line - a tab, a heading, a row - nothing is read as another."""
    right, lines = prices(PAGE), PAGE.split("\n")
    for at in range(len(lines)):
        less = "\n".join(lines[:at] + lines[at + 1 :])
        assert not wrong_prices(less, right), lines[at]


def test_a_page_cut_off_gives_no_wrong_price() -> None:
    """Wherever the body ends, no price is shorter than it was."""
    right = prices(PAGE)
    for end in range(0, len(PAGE), 5):
        assert not wrong_prices(PAGE[:end], right), end


def test_any_bytes_are_read_or_refused() -> None:
    """Whatever bytes are changed, nothing but an unreadable body comes of it."""
    chance = random.Random(11)  # noqa: S311
    body = PAGE.encode()
    for _ in range(300):
        changed = bytearray(body)
        for _ in range(chance.randint(1, 12)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        with suppress(UnreadableBody):
            said(minimax.parse(bytes(changed)))


def test_the_page_of_october(shared) -> None:
    """The real page, of which the end was cut off, is read as a part."""
    body = (shared / "samples/minimax/2026-10__pricing-paygo.md").read_bytes()
    read = prices(body)
    assert not minimax.parse(body).complete
    assert (len(read), sum(map(len, read.values()))) == (12, 44)
    assert read["minimax-m3"] == prices(PAGE)["minimax-m3"]
    assert read["minimax-m2.7-highspeed"] == {
        "input": "0.6",
        "output": "2.4",
        "cache_read": "0.06",
        "cache_write": "0.375",
    }
    assert read["minimax-m2.1"]["cache_read"] == "0.03"
    assert read["speech-2.8-turbo"] == {"input.character": "60"}
    assert read["image-01"] == {"output.image": "0.0035"}
    statement = said(minimax.parse(body))["speech-recognition"]
    quote = statement.quotes["input.second"]
    assert (quote.price_nano, quote.exact) == (105_556, False)
    assert quote.raw == "$0.38 / hour"
    facts = said(minimax.parse(body))["minimax-m3"].facts
    assert facts["list_price:output+priority@>512k"] == "7.20 USD"


def test_the_real_page_damaged(shared) -> None:
    """The real body that ends early, or has lost a line, gives no wrong price."""
    body = (shared / "samples/minimax/2026-10__pricing-paygo.md").read_bytes()
    page = body.decode()
    right, lines = prices(page), page.split("\n")
    for end in range(0, len(page), 13):
        assert not wrong_prices(page[:end], right), end
    for at in range(len(lines)):
        less = "\n".join(lines[:at] + lines[at + 1 :])
        assert not wrong_prices(less, right), lines[at]


def test_other_pages_are_refused(shared) -> None:
    """No other source's body passes for this page."""
    for path in sorted((shared / "samples").glob("*/*")):
        if path.parent.name != "minimax" and path.is_file():
            refused(path.read_bytes())
