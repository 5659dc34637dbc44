"""What is read from OpenAI's pricing page, in each of its layouts."""

import html
import itertools
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest

from crawler.pages import openai
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Document, Statement

RATES = "Short context input | Short context cached input | Short context cache writes"
FLAGSHIP = (
    f"| Model | {RATES} | Short context output | "
    + RATES.replace("Short", "Long")
    + " | Long context output |\n"
    + "| --- " * 9
    + "|"
)
GROUPED = "| {} |\n| --- | --- | --- | --- | --- |"
MODALITY = GROUPED.format("Model | Modality | Input | Cached input | Output")
CATEGORY = GROUPED.format("Category | Model | Input | Cached input | Output")
TUNED = GROUPED.format("Model | Training | Input | Cached input | Output")
VIDEO = GROUPED.format("Model | Size | Portrait | Landscape | Price per second")
INDENT = "    "
WEB = "Web search"
SHELL = "1 GB $0.03, 4 GB $0.12 per 20-minute session per container."
OTHERS = "Web search preview (non-reasoning models)"
LIMITED = "(<272K context length)"
BILLED = "Search content tokens billed at model rates."
UNBILLED = "Search content tokens are free."

PAGE = f"""# Pricing

> Documentation index: see llms.txt.

Flagship models


{INDENT}
Our latest models

{INDENT}
Prices per 1M tokens.

Standard


### Standard pricing data

{FLAGSHIP}
| gpt-5.6-sol | $4.00 | $0.40 | $5.00 | $20.00 | $8.00 | $0.80 | $10.00 | $30.00 |
| gpt-5.5 {LIMITED} | $5.00 | $0.50 | - | $30.00 | $10.00 | $1.00 | - | $45.00 |
| gpt-5.5-pro {LIMITED} | $30.00 | - | - | $180.00 | $60.00 | - | - | $270.00 |
| gpt-4.1 | $2.00 | $0.50 | - | $8.00 | - | - | - | - |

Regional endpoints are charged a 10% uplift. See [Your data](https://example.com/x).

{INDENT}

Batch


### Batch pricing data

{FLAGSHIP}
| gpt-5.6-sol | $2.00 | $0.20 | $2.50 | $10.00 | $4.00 | $0.40 | $5.00 | $15.00 |
| gpt-4.1 | $1.00 | - | - | $4.00 | - | - | - | - |

Fast mode


### Fast pricing data

{FLAGSHIP}
| gpt-5.6-sol | $8.00 | $0.80 | $10.00 | $40.00 | $16.00 | $1.60 | $20.00 | $60.00 |

Cyber models

Our latest cyber models.

Prices per 1M tokens.


### Grouped Pricing Table data

{FLAGSHIP}
| gpt-5.6-sol | $4.00 | $0.40 | $5.00 | $20.00 | $8.00 | $0.80 | $10.00 | $30.00 |
| gpt-5.4-cyber | - | - | - | - | - | - | - | - |

Multimodal models

GPT-Live sessions

Voice sessions are billed per second, without rounding up to a whole minute.

### Pricing Table data

| Model | Price per minute |
| --- | --- |
| gpt-live-1 | $0.05 |

Realtime and audio generation models

Prices per 1M tokens unless noted.

### Grouped Pricing Table data

{GROUPED.format("Model | Modality | Input | Cached input | Output / cost")}
| gpt-realtime-2.1 | Audio | $32.00 | $0.40 | $64.00 |
| gpt-realtime-2.1 | Text | $4.00 | $0.30 | $24.00 |
| gpt-realtime-2.1 | Image | $5.00 | $0.50 | - |
| gpt-realtime-translate | Audio | - | - | $0.034 / minute |
| tts-1 | Text | $15.00 / 1M characters | - | - |

Image generation models

Prices per 1M tokens.

Standard

For cost estimates, use the calculator in the guide.

### Grouped Pricing Table data

{MODALITY}
| gpt-image-2 | Image | $8.00 | $2.00 | $30.00 |
| gpt-image-2 | Text | $5.00 | $1.25 | - |

Batch

### Grouped Pricing Table data

{MODALITY}
| gpt-image-2 | Image | $4.00 | $1.00 | $15.00 |
| gpt-image-2 | Text | $2.50 | $0.625 | - |

Video generation models

Prices per second.

Standard

### Grouped Pricing Table data

{VIDEO}
| sora-2 | 720p | 720x1280 | 1280x720 | $0.10 |
| sora-2-pro | 1080p | 1080x1920 | 1920x1080 | $0.70 |

Batch

### Grouped Pricing Table data

{VIDEO}
| sora-2 | 720p | 720x1280 | 1280x720 | $0.05 |

Transcription models

Prices per 1M tokens unless noted.

### Grouped Pricing Table data

{GROUPED.format("Model | Use case | Input | Output | Estimated cost")}
| gpt-transcribe | Transcription | - | - | $0.0045 / minute |
| gpt-4o-transcribe | Transcription | $2.50 | $10.00 | $0.006 / minute |
| Whisper | Transcription | - | - | $0.006 / minute |

Tools

### Grouped Pricing Table data

| Tool | Details | Pricing |
| --- | --- | --- |
| {WEB} | {WEB} (all models) | $10.00 / 1k calls + {BILLED} |
| {WEB} | {OTHERS} | $25.00 / 1k calls + {UNBILLED} |
| Containers | Hosted Shell | {SHELL} |
| File search | Storage | $0.10 / GB per day (1 GB free) |
| File search | Tool call | $2.50 / 1k calls |
| Agent Kit | Upload storage | $0.11 / GB-day after 1 GB free per account per month |
| Oracle | Prophecy | $1.00 / vision |

$10.00 / 1k calls + Search content tokens billed at model rates.

Web search preview (reasoning models, including `gpt-5`, `o-series`)

Specialized models

Prices per 1M tokens.

Standard

### Grouped Pricing Table data

{CATEGORY}
| Codex | gpt-5.3-codex | $1.75 | $0.175 | $14.00 |
| Embedding | text-embedding-3-small | $0.02 | - | - |
| Moderation | omni-moderation-latest | Free | - | - |

Fast mode

### Grouped Pricing Table data

{CATEGORY}
| Codex | gpt-5.3-codex | $3.50 | $0.35 | $28.00 |

Finetuning

Prices per 1M tokens.

    OpenAI is winding down the fine-tuning platform. The platform is no longer
      accessible to new users.

Standard

### Pricing Table data

{TUNED}
| o4-mini-2025-04-16 | $100.00 / hour | $4.00 | $1.00 | $16.00 |
| o4-mini-2025-04-16 (data sharing) | $100.00 / hour | $2.01 | $0.51 | $8.01 |
| gpt-4.1-2025-04-14 | $25.00 | $3.00 | $0.75 | $12.00 |
| davinci-002 (legacy) | $6.00 | $12.00 | - | $12.00 |

Batch

### Pricing Table data

{TUNED}
| o4-mini-2025-04-16 | $100.00 / hour | $2.00 | $0.50 | $8.00 |
"""

NOTE = "\nShort context: ≤272K input tokens. Long context: >272K input tokens.\n"

TEXT_TABLE = """<div data-content-switcher-pane data-value="{tier}" hidden>
  <div class="hidden">{label}</div>

  <TextTokenPricingTables
    client:load
    tier="{tier}"
    latestSectionLabel={{null}}
    allModelsFootnote={{pricingHtml('See <a href="/x">it</a>.')}}
    rows={{[
{rows}
    ]}}
  />
</div>
"""

COMPONENTS = (
    """# Pricing

import {
  TextTokenPricingTables,
} from "./pricing.jsx";

<style
  is:global
  set:html={`
    article th { font-size: 14px; }

    :root { --space: 60px; }
  `}
/>

<div className="pricing-switcher-header">


Flagship models


    <div className="pricing-switcher-subheading">Our latest models</div>
    <small className="pricing-switcher-meta">Prices per 1M tokens.</small>
</div>

"""
    + TEXT_TABLE.format(
        tier="standard",
        label="Standard",
        rows="""      ["gpt-5.6-sol", 4, 0.4, 5, 20],
      ["gpt-5.5 (<272K context length)", 5, 0.5, 30],
      ["gpt-5.5-pro (<272K context length)", 30, "", 180],
      ["gpt-5.2-pro", 21, "-", 168],  // none, in three spellings
      ["gpt-5-pro", 15, null, 120],""",
    )
    + TEXT_TABLE.format(
        tier="priority", label="Priority", rows='["gpt-5.6-sol", 8, 0.8, 10, 40],'
    )
)

CUT = """
<div className="pricing-subsection">


Tools


</div>
<small>+ Search content tokens billed at model rates.</small>"
          ),
        ],
        [
          "Web search preview (non-reasoning models)",
          pricingHtml("$25.00 / 1k calls<br /><small>+ tokens are free.</small>"),
        ],
      ],
    },
    {
      model: "File search",
      rows: [
        ["Storage", "$0.10 / GB per day (1 GB free)"],
        ["Tool call", "$2.50 / 1k calls"],
      ],
    },
  ]}
/>

Specialized models


    <small className="pricing-switcher-meta">Prices per 1M tokens.</small>
  </div>

<div data-content-switcher-pane data-value="standard">
      <div class="hidden">Standard</div>

      <small>Web search tool call charges also apply.</small>"
                ),
              ],
            ],
          },
          {
            model: "Deep research",
            rows: [
              ["o3-deep-research", 10, 2.5, 40],
            ],
          },
          {
            model: "Moderation",
            rows: [["omni-moderation-latest", "Free", "-", "-"]],
          },
        ]}
      />
    </div>
"""


def said(document: Document) -> dict[str, Statement]:
    """Every key's statement."""
    return {key: openai.flatten(key, e) for key, e in document.entries.items()}


def prices(page: str | bytes) -> dict[str, dict[str, str]]:
    """Key to meter to price."""
    body = page if isinstance(page, bytes) else page.encode()
    read = said(openai.parse(body))
    return {
        key: {meter: plain(q.price_nano) for meter, q in one.quotes.items()}
        for key, one in read.items()
    }


def refused(page: str | bytes) -> str:
    """The one line with which a page is refused."""
    with pytest.raises(UnreadableBody) as told:
        openai.parse(page if isinstance(page, bytes) else page.encode())
    assert str(told.value).startswith("openai pricing: ")
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


def test_text_tokens_in_every_tier() -> None:
    """Short and long context, cache reads and writes, each tier on its own meters."""
    read = prices(PAGE + NOTE)
    assert read["gpt-5.6-sol"] == {
        "input": "4",
        "cache_read": "0.4",
        "cache_write": "5",
        "output": "20",
        "input@>272k": "8",
        "cache_read@>272k": "0.8",
        "cache_write@>272k": "10",
        "output@>272k": "30",
        "input+batch": "2",
        "cache_read+batch": "0.2",
        "cache_write+batch": "2.5",
        "output+batch": "10",
        "input+batch@>272k": "4",
        "cache_read+batch@>272k": "0.4",
        "cache_write+batch@>272k": "5",
        "output+batch@>272k": "15",
        "input+fast": "8",
        "cache_read+fast": "0.8",
        "cache_write+fast": "10",
        "output+fast": "40",
        "input+fast@>272k": "16",
        "cache_read+fast@>272k": "1.6",
        "cache_write+fast@>272k": "20",
        "output+fast@>272k": "60",
    }
    assert read["gpt-4.1"] == {
        "input": "2",
        "cache_read": "0.5",
        "output": "8",
        "input+batch": "1",
        "output+batch": "4",
    }
    assert read["gpt-5.4-cyber"] == {}


def test_the_sibling_tables() -> None:
    """Audio, images, video, transcription, embeddings, moderation, sessions."""
    read = prices(PAGE)
    assert read["gpt-realtime-2.1"] == {
        "input.audio_token": "32",
        "cache_read.audio_token": "0.4",
        "output.audio_token": "64",
        "input": "4",
        "cache_read": "0.3",
        "output": "24",
        "input.image_token": "5",
        "cache_read.image_token": "0.5",
    }
    assert read["gpt-image-2"] == {
        "input.image_token": "8",
        "cache_read.image_token": "2",
        "output.image_token": "30",
        "input": "5",
        "cache_read": "1.25",
        "input.image_token+batch": "4",
        "cache_read.image_token+batch": "1",
        "output.image_token+batch": "15",
        "input+batch": "2.5",
        "cache_read+batch": "0.625",
    }
    assert read["sora-2"] == {
        "output.video_second;resolution=720p": "0.1",
        "output.video_second+batch;resolution=720p": "0.05",
    }
    assert read["gpt-realtime-translate"] == {"input.second": "0.000566667"}
    assert read["tts-1"] == {"input.character": "15"}
    assert read["gpt-live-1"] == {"input.second": "0.000833333"}
    assert read["text-embedding-3-small"] == {"input": "0.02"}
    assert read["omni-moderation-latest"] == {"input": "0"}
    assert read["gpt-5.3-codex"]["input+fast"] == "3.5"


def test_an_estimate_is_a_price_only_where_there_is_no_other() -> None:
    """The cost of a minute is what transcription costs, or an estimate of it."""
    read = said(openai.parse(PAGE.encode()))
    assert plain(read["whisper-1"].quotes["input.second"].price_nano) == "0.0001"
    tokens = read["gpt-4o-transcribe"]
    assert set(tokens.quotes) == {"input", "output"}
    assert tokens.facts["estimated_cost"] == "$0.006 / minute"


def test_tools_are_sold_by_themselves() -> None:
    """Tools have keys of their own; a price of another kind is listed as ignored."""
    read = prices(PAGE)
    assert read["tools/web-search-all-models"] == {"search.query": "0.01"}
    preview = read["tools/web-search-preview-non-reasoning-models"]
    assert preview == {"search.query": "0.025"}
    assert read["tools/containers-hosted-shell"] == {
        "code_interpreter.session;memory=1gb": "0.03",
        "code_interpreter.session;memory=4gb": "0.12",
    }
    assert read["tools/file-search-storage"] == {"file_search.gb_day": "0.1"}
    assert read["tools/file-search-tool-call"] == {"file_search.call": "0.0025"}
    assert read["tools/agent-kit-upload-storage"] == {"storage.gb_day": "0.11"}
    assert openai.parse(PAGE.encode()).ignored == ("Tools › Oracle Prophecy",)


def test_fine_tuned_models_are_not_their_base() -> None:
    """Fine-tuned models are `ft:`, and shared data is another meter."""
    read = said(openai.parse(PAGE.encode()))
    assert "o4-mini-2025-04-16" not in read
    tuned = {
        meter: plain(q.price_nano)
        for meter, q in read["ft:o4-mini-2025-04-16"].quotes.items()
    }
    assert tuned == {
        "training.second": "0.027777778",
        "input": "4",
        "cache_read": "1",
        "output": "16",
        "training.second;data_sharing=true": "0.027777778",
        "input;data_sharing=true": "2.01",
        "cache_read;data_sharing=true": "0.51",
        "output;data_sharing=true": "8.01",
        "input+batch": "2",
        "cache_read+batch": "0.5",
        "output+batch": "8",
    }
    assert plain(read["ft:gpt-4.1-2025-04-14"].quotes["training"].price_nano) == "25"
    assert read["ft:davinci-002"].facts["status"] == "legacy"


def test_the_price_keeps_its_cell_and_place() -> None:
    """A price is kept with the whole cell and the table and column it stood in."""
    read = said(openai.parse(PAGE.encode()))
    quote = read["tts-1"].quotes["input.character"]
    assert quote.raw == "$15.00 / 1M characters"
    assert quote.field == "Realtime and audio generation models › standard › Input"
    assert (quote.currency, quote.exact) == ("USD", True)


def test_long_context_begins_where_the_page_says() -> None:
    """In a note, else beside a model's name; else the meter is only called long."""
    assert "input@>272k" in prices(PAGE)["gpt-5.6-sol"]
    other = NOTE.replace("272K", "300K")
    assert "input@>300k" in prices(PAGE + other)["gpt-5.6-sol"]
    assert "input@>272k" in prices(PAGE + other)["gpt-5.5"]
    silent = PAGE.replace(" (<272K context length)", "")
    assert prices(silent)["gpt-5.6-sol"]["output;context=long"] == "30"
    facts = said(openai.parse(PAGE.encode()))["gpt-5.5"].facts
    assert facts == {"short_context_tokens": "272000"}


def test_a_row_for_long_prompts_is_no_short_price() -> None:
    """A name that says "more than" puts its row's prices above that length."""
    page = COMPONENTS.replace(
        '["gpt-5.2-pro"', '["gpt-5.5 (>272K context length)", 10, 1, 45],["gpt-5.2-pro"'
    )
    assert prices(page)["gpt-5.5"] == {
        "input": "5",
        "cache_read": "0.5",
        "output": "30",
        "input@>272k": "10",
        "cache_read@>272k": "1",
        "output@>272k": "45",
    }


def test_rows_of_components_end_with_the_output() -> None:
    """Four cells or five, and none in three spellings; the last is the output."""
    read = prices(COMPONENTS)
    assert read["gpt-5.6-sol"] == {
        "input": "4",
        "cache_read": "0.4",
        "cache_write": "5",
        "output": "20",
        "input+priority": "8",
        "cache_read+priority": "0.8",
        "cache_write+priority": "10",
        "output+priority": "40",
    }
    assert read["gpt-5.5"] == {"input": "5", "cache_read": "0.5", "output": "30"}
    for name, both in (
        ("gpt-5.5-pro", ("30", "180")),
        ("gpt-5.2-pro", ("21", "168")),
        ("gpt-5-pro", ("15", "120")),
    ):
        assert read[name] == dict(zip(("input", "output"), both, strict=True))


def test_tables_that_were_cut_off_make_the_page_incomplete() -> None:
    """Rows after a cut are read where their columns are known; the rest is missed."""
    whole = openai.parse(COMPONENTS.encode())
    assert (whole.complete, whole.notes) == (True, ())
    part = openai.parse((COMPONENTS + CUT).encode())
    assert not part.complete
    assert part.notes == (
        "no prices, or not all of them, under 'Tools'",
        "no prices, or not all of them, under 'Specialized models'",
    )
    read = prices(COMPONENTS + CUT)
    assert read["tools/file-search-tool-call"] == {"file_search.call": "0.0025"}
    assert read["o3-deep-research"] == {
        "input": "10",
        "cache_read": "2.5",
        "output": "40",
    }
    assert read["omni-moderation-latest"] == {"input": "0"}
    assert not [key for key in read if "preview" in key]


def test_a_cut_off_table_elsewhere_is_refused() -> None:
    """Where the columns of a cut table are not known, nothing is guessed."""
    moved = CUT.replace("Specialized models", "Novel models")
    assert "'Novel models'" in refused(COMPONENTS + moved)


def test_a_section_without_its_table_makes_the_page_incomplete() -> None:
    """Prices that are announced and not there are a hole, not an empty list."""
    gone = PAGE.replace("| sora-2 ", "| x ").replace("| $0.10 |", "| - |")
    assert openai.parse(gone.encode()).complete
    start = PAGE.index("Video generation models")
    table = PAGE.index("Standard", start)
    until = PAGE.index("Transcription models", start)
    read = openai.parse((PAGE[:table] + PAGE[until:]).encode())
    assert not read.complete
    assert "Video generation models" in read.notes[0]


def test_whole_components() -> None:
    """Components whose source is whole are read by their headings."""
    page = (
        COMPONENTS
        + """
Image generation models

<small>Prices per 1M tokens.</small>

<GroupedPricingTable
  headings={["Model", pricingTooltipHeading({label: "Modality"}), "Input",
    "Cached input", "Output"]}
  groups={[{ model: "gpt-image-2", rows: [
    ["Image", 8, 2, 30], ["Text", 5, 1.25, "-"]] }]}
/>

Finetuning

<small>Prices per 1M tokens.</small>

<PricingTable
  headings={["Model", "Training", "Input", "Cached input", "Output"]}
  rows={[
    ["gpt-4.1-2025-04-14", 25, 3, 0.75, 12],
    [withDataSharing("gpt-4.1-2025-04-14"), 25, 2, 0.7, 11],
    [withLegacy("davinci-002"), 6, 12, null, 12],
  ]}
/>
"""
    )
    read = prices(page)
    assert read["gpt-image-2"] == {
        "input.image_token": "8",
        "cache_read.image_token": "2",
        "output.image_token": "30",
        "input": "5",
        "cache_read": "1.25",
    }
    assert read["ft:gpt-4.1-2025-04-14"]["input"] == "3"
    assert read["ft:gpt-4.1-2025-04-14"]["input;data_sharing=true"] == "2"
    assert read["ft:davinci-002"] == {"training": "6", "input": "12", "output": "12"}


def wrapped(value: object) -> list[object]:
    """A value as Astro keeps it."""
    if isinstance(value, list):
        return [1, [wrapped(part) for part in value]]
    if isinstance(value, dict):
        return [0, {key: wrapped(part) for key, part in value.items()}]
    return [0, value]


def island(name: str, inner: str = "", **properties: object) -> str:
    """A component as HTML has it."""
    kept = json.dumps({key: wrapped(value) for key, value in properties.items()})
    return (
        f'<astro-island component-export="{name}" props="{html.escape(kept)}">'
        f"{inner}</astro-island>"
    )


def pane(tier: str, inner: str) -> str:
    """A tab; all but the first are hidden and in the page all the same."""
    mark = 'data-content-switcher-pane="true"'
    return f'<div {mark} data-value="{tier}" hidden>{inner}</div>'


def html_page(*parts: str) -> str:
    """A whole page."""
    body = "\n".join(parts)
    return f"<!DOCTYPE html><html><body><h1>Pricing</h1>{body}</body></html>"


DRAWN = """<table><thead><tr><th></th><th colSpan="4"><span>Short context</span></th>
<th colSpan="4">Long context</th></tr><tr><th>Model</th>"""
DRAWN += "<th>Input</th><th>Cached input</th><th>Cache writes</th><th>Output</th>" * 2
DRAWN += "</tr></thead><tbody><tr><td>gpt-5.6-sol</td>"
DRAWN += "".join(
    f"<td><span>{cell}</span></td>"
    for cell in ("$4.00", "$0.40", "$5.00", "$20.00", "$8.00", "$0.80", "-", "$30.00")
)
DRAWN += "</tr></tbody></table>"

FLAG = "<h2><p>Flagship models</p></h2><small class='pricing-switcher-meta'>"
FLAG += "Prices per 1M tokens.</small>"

TUNED_HEADINGS = ["Model", "Training", "Input", "Cached input", "Output"]


def shown_html() -> str:
    """A page in HTML with a table of each component."""
    standard = island(
        "TextTokenPricingTables",
        DRAWN,
        tier="standard",
        collapsedLatestRowCount=1,
        latestSectionLabel=None,
        rows=[
            ["gpt-5.6-sol", 4, 0.4, 5, 20],
            ["gpt-5.5 (<272K context length)", 5, 0.5, "-", 30],
            ["gpt-5-pro", 15, None, 120],
        ],
    )
    fast = island(
        "TextTokenPricingTables", tier="fast", rows=[["gpt-5-pro", 30, None, 240]]
    )
    images = island(
        "GroupedPricingTable",
        headings=[
            "Model",
            {"__pricingTooltipHeading": {"label": "Modality", "tooltip": "x"}},
            "Input",
            "Cached input",
            "Output",
        ],
        hiddenModels=["gpt-image-1"],
        groups=[
            {"model": "gpt-image-1", "rows": [["Image", 10, 2.5, 40]]},
        ],
    )
    tuned = island(
        "PricingTable",
        headings=TUNED_HEADINGS,
        rows=[
            ["o4-mini-2025-04-16", "$100.00 / hour", 4, 1, 16],
            [
                {
                    "__pricingHtml": "o4-mini-2025-04-16<br />"
                    "<small>with data sharing</small>"
                },
                "$100.00 / hour",
                2,
                0.5,
                8,
            ],
            [
                {"__pricingHtml": "davinci-002<br /><small>Legacy</small>"},
                6,
                12,
                None,
                12,
            ],
        ],
    )
    meta = "<p class='pricing-section-meta'>Prices per 1M tokens unless noted.</p>"
    return html_page(
        FLAG,
        island("default", rootId="content-switcher"),
        pane("standard", standard),
        pane("fast", fast),
        f"<h3>Image generation models</h3>{meta}",
        pane("standard", images),
        f"<h2>Finetuning</h2>{meta}",
        pane("standard", tuned),
    )


def test_the_html_page_is_read_from_its_properties() -> None:
    """All rows, hidden ones too; long context from the table that is drawn."""
    document = openai.parse(shown_html().encode())
    assert document.complete
    read = prices(shown_html())
    assert read["gpt-5.6-sol"] == {
        "input": "4",
        "cache_read": "0.4",
        "cache_write": "5",
        "output": "20",
        "input@>272k": "8",
        "cache_read@>272k": "0.8",
        "output@>272k": "30",
    }
    assert read["gpt-5-pro"] == {
        "input": "15",
        "output": "120",
        "input+fast": "30",
        "output+fast": "240",
    }
    assert read["gpt-image-1"] == {
        "input.image_token": "10",
        "cache_read.image_token": "2.5",
        "output.image_token": "40",
    }
    tuned = read["ft:o4-mini-2025-04-16"]
    assert (tuned["input"], tuned["input;data_sharing=true"]) == ("4", "2")
    assert read["ft:davinci-002"]["training"] == "6"


def test_the_tooltip_of_the_html_tells_how_long_is_long() -> None:
    """Without names that say it, the tooltip of the heading does."""
    heading = {"label": "Long context", "tooltip": ">280K input tokens"}
    cyber = island(
        "GroupedPricingTable",
        headings=["Model", "Short context input", "Long context input"],
        headingGroups=[{"label": {"__pricingTooltipHeading": heading}}],
        groups=[{"model": "gpt-5.6-cyber", "rows": [[12.5, 25]]}],
    )
    read = prices(html_page(FLAG, cyber))
    assert read["gpt-5.6-cyber"] == {"input": "12.5", "input@>280k": "25"}


@pytest.mark.parametrize("name", ["`gpt-4.1`", '<code dir="ltr">gpt-4.1</code>'])
def test_a_price_that_is_billed_later(name: str) -> None:
    """What is listed before it costs anything has its first day with its prices."""
    page = f"{PAGE}\nBilling for {name} begins on October 5, 2026.\n"
    document = openai.parse(page.encode())
    statement = said(document)["gpt-4.1"]
    assert not statement.quotes
    [quote] = statement.dated["input"]
    assert (quote.price_nano, quote.effective_from) == (2 * 10**9, date(2026, 10, 5))
    assert prices(PAGE)["gpt-5.5"] == prices(page)["gpt-5.5"]


def test_properties_and_drawn_table_must_agree() -> None:
    """Where the page contradicts itself no price is believed."""
    page = shown_html().replace("<td><span>$4.00", "<td><span>$4.50")
    read = said(openai.parse(page.encode()))["gpt-5.6-sol"]
    assert "input" not in read.quotes
    assert [problem.reason for problem in read.problems] == ["conflict"]


def test_pictures_by_quality_and_size() -> None:
    """One table for several models, whose sizes change on the way down."""
    page = (
        PAGE
        + """
Image generation

<small>Prices per image.</small>

<table style={{ width: "100%" }}>
  <thead><tr><th style={{ padding: "8px" }}>Model</th><th>Quality</th>
    <th>1024 x 1024</th><th>1024 x 1536</th></tr></thead>
  <tbody>
    <tr><td rowSpan="2" style={{ padding: "8px" }}>GPT Image 1.5</td><td>Low</td>
      <td>$0.009</td><td>$0.013</td></tr>
    <tr><td>High</td><td>$0.133</td><td>$0.2</td></tr>
    <tr><td colSpan="4"></td></tr>
    <tr><th>Model</th><th>Quality</th><th>256 x 256</th><th>512 x 512</th></tr>
    <tr><td>DALL·E 2</td><td>Standard</td><td>$0.016</td><td>$0.018</td></tr>
  </tbody>
</table>
"""
    )
    read = prices(page)
    assert read["gpt-image-1.5"] == {
        "output.image;quality=low;size=1024x1024": "0.009",
        "output.image;quality=low;size=1024x1536": "0.013",
        "output.image;quality=high;size=1024x1024": "0.133",
        "output.image;quality=high;size=1024x1536": "0.2",
    }
    assert read["dall-e-2"] == {
        "output.image;quality=standard;size=256x256": "0.016",
        "output.image;quality=standard;size=512x512": "0.018",
    }
    swapped = page.replace("256 x 256", "#").replace("512 x 512", "256 x 256")
    assert "in another order" in refused(swapped.replace("#", "512 x 512"))


def test_tokens_of_a_kind_that_the_heading_names() -> None:
    """Where a table has no column for it, its heading says which tokens are meant."""
    table = "| Model | Input | Output | Estimated cost |\n| --- | --- | --- | --- |\n"
    page = (
        PAGE
        + "\nTranscription and speech\n\n<small>Prices per 1M tokens.</small>\n"
        + f"\n#### Text tokens\n\n{table}| gpt-4o-mini-tts | \\$0.60 | - | "
        + "\\$0.01 / minute |"
        + f"\n\n#### Audio tokens\n\n{table}| gpt-4o-mini-tts | - | \\$12.00 | - |\n"
        + "\n#### Other models\n\n| Model | Use case | Cost |\n| --- | --- | --- |\n"
        + "| TTS HD | Speech generation | \\$30.00 / 1M characters |\n"
    )
    read = prices(page)
    assert read["gpt-4o-mini-tts"] == {"input": "0.6", "output.audio_token": "12"}
    assert read["tts-1-hd"] == {"input.character": "30"}


def test_headings_may_name_tiers_of_their_own() -> None:
    """A heading below another names the tier, and a tier not met before is one."""
    page = f"""# Pricing

### Standard pricing data

{FLAGSHIP}
| gpt-6 | $10.00 | - | - | $50.00 | - | - | - | - |

### Batch pricing data

#### Batch

{FLAGSHIP}
| gpt-6 | $5.00 | - | - | $25.00 | - | - | - | - |

#### Flex

{FLAGSHIP}
| gpt-6 | $4.00 | - | - | $20.00 | - | - | - | - |

### Ludicrous pricing data

{FLAGSHIP}
| gpt-6 | $60.00 | - | - | $300.00 | - | - | - | - |
"""
    assert prices(page)["gpt-6"] == {
        "input": "10",
        "output": "50",
        "input+batch": "5",
        "output+batch": "25",
        "input+flex": "4",
        "output+flex": "20",
        "input+ludicrous": "60",
        "output+ludicrous": "300",
    }
    assert "two tables" in refused(page.replace("#### Flex\n", ""))


def test_a_note_beside_a_name_that_is_not_known_holds_the_model() -> None:
    """What may be a condition of the price is not read past."""
    page = PAGE.replace("| gpt-4.1 | $2.00", "| gpt-4.1 (weekends) | $2.00")
    document = openai.parse(page.encode())
    assert document.held_keys == {"gpt-4.1-weekends": "unread_note"}


def header_lines(page: str) -> Iterator[tuple[int, list[str]]]:
    """Each table's header: its line and the names in it."""
    lines = page.split("\n")
    for number, line in enumerate(lines[:-1]):
        if line.startswith("| ") and lines[number + 1].startswith("| ---"):
            yield number, [cell.strip() for cell in line.strip("|").split("|")]


def mutated(page: str, number: int, names: list[str]) -> str:
    """The page with another header in a line."""
    lines = page.split("\n")
    lines[number] = f"| {' | '.join(names)} |"
    return "\n".join(lines)


def test_a_changed_header_gives_no_wrong_price() -> None:
    """A name left out, renamed or swapped with another: refused, or read the same."""
    right = prices(PAGE)
    count = 0
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
            assert not wrong_prices(mutated(PAGE, number, change), right), change
            count += 1
    assert count > 400


def test_renaming_a_column_names_it() -> None:
    """The error says which column of which table was not understood."""
    told = refused(PAGE.replace("Modality", "Mode of being", 1))
    assert "'mode of being'" in told
    assert "Realtime and audio generation models" in told


def test_a_line_that_is_lost_gives_no_wrong_price() -> None:
    """Without any one line - a label, a unit, a row - no price is read as another."""
    for page in (PAGE, PAGE + NOTE, COMPONENTS + CUT):
        right = prices(page)
        lines = page.split("\n")
        for at in range(len(lines)):
            less = "\n".join(lines[:at] + lines[at + 1 :])
            silent = [w for w in wrong_prices(less, right) if "context=long" not in w]
            assert not silent, lines[at]


def test_a_page_cut_off_gives_no_wrong_price() -> None:
    """Wherever the body ends, no price is shorter than it was."""
    for page in (PAGE, COMPONENTS + CUT, shown_html()):
        right = prices(page)
        for end in range(0, len(page), 23):
            found = wrong_prices(page[:end], right)
            assert not [w for w in found if "context=long" not in w], end
    assert "cut off" in refused(shown_html()[:-400])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Prices per 1M tokens.", "Prices per 1K tokens.", "per '1k tokens'"),
        ("Prices per second.", "Prices per minute.", "instead of 'second'"),
        ("| $2.00 | $0.50 | -", "| ask | $0.50 | -", "no price in 'ask'"),
        ("| $2.00 | $0.50 | -", "| $2.00 or $3.00 | $0.50 | -", "2 prices"),
        ("| $2.00 | $0.50 | -", "| from $2.00 | $0.50 | -", "not one price"),
        ("| $2.00 | $0.50 | -", "| $2.00 / moon | $0.50 | -", "per '/ moon'"),
        ("| $2.00 | $0.50 | -", "| 2.00 | $0.50 | -", "no price"),
        ("| gpt-4.1 | $2.00", "| | $2.00", "without a model's name"),
        ("| Audio |", "| Smell |", "'smell'"),
        ("| 720p |", "| huge |", "'huge'"),
        ("\nBatch\n\n\n### Batch", "\nBatch\n\n\n### Standard", "in the tab 'batch'"),
        ("| gpt-live-1 | $0.05 |", "| gpt-live-1 | $0.05 | $1 |", "GPT-Live sessions"),
    ],
)
def test_what_is_not_understood_is_named(old: str, new: str, reason: str) -> None:
    """One cell, row or label that is not known fails the page and is quoted."""
    assert old in PAGE
    assert reason in refused(PAGE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("0.4, 5, 20]", "0.4, 5, 6, 20]", "a row of 6 cells"),
        ("0.4, 5, 20]", "20]", "a row of 3 cells"),
        ("0.4, 5, 20]", "free(), 5, 20]", "no text"),
        ("0.4, 5, 20]", "twice(2), 5, 20]", "made by twice()"),
        ("0.4, 5, 20]", "-0.4, 5, 20]", "is no number"),
        ("0.4, 5, 20]", "[0.4], 5, 20]", "no text"),
        ("0.4, 5, 20]", "true, 5, 20]", "no text"),
        ('tier="standard"', "", "names no tier"),
        ('tier="standard"', 'tier="batch"', "in the tab 'standard'"),
        ("rows={[", "rows={[...others, ", "lists"),
        ("rows={[", "rows={all(", "does not end"),
    ],
)
def test_a_component_that_is_not_understood(old: str, new: str, reason: str) -> None:
    """Rows of another shape fail the page with their place."""
    assert reason in refused(COMPONENTS.replace(old, new, 1))


def test_an_unknown_table_with_prices_is_refused() -> None:
    """A table of amounts that is not known might be the one that matters."""
    table = "\n| Model | Toll |\n| --- | --- |\n| gpt-9 | {} |\n"
    assert "'toll'" in refused(PAGE + table.format("$3.00"))
    assert "gpt-9" not in prices(PAGE + table.format("yes"))
    assert "'MagicPricing'" in refused(html_page(FLAG, island("MagicPricing", a=1)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"# Pricing\n\nNothing here.", "no price"),
        (b'{"data": []}', "no price"),
        (b"<html><title>Just a moment...</title></html>", "challenge"),
        (b"<!doctype html><html><h1>Pricing</h1></html>", "without price tables"),
        (b"<html><astro-island component-export='PricingTable'", "cut off"),
    ],
)
def test_another_document_is_refused(body: bytes, reason: str) -> None:
    """What is not the page is refused with what it looks like."""
    assert reason in refused(body)


def test_another_provider_is_refused() -> None:
    """A page in the same layout that prices others' models is not this page."""
    page = f"""Models

Prices per 1M tokens.

{MODALITY}
| grok-7 | Text | $8.00 | $2.00 | $30.00 |
"""
    assert "of no model of OpenAI's" in refused(page)


@pytest.mark.parametrize(
    "page", [PAGE, COMPONENTS + CUT, shown_html()], ids=["pipes", "components", "html"]
)
def test_any_bytes_are_read_or_refused(page: str) -> None:
    """Whatever bytes are changed, nothing but an unreadable body comes of it."""
    chance = random.Random(len(page))  # noqa: S311
    body = page.encode()
    for _ in range(300):
        changed = bytearray(body)
        for _ in range(chance.randint(1, 12)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        with suppress(UnreadableBody):
            said(openai.parse(bytes(changed)))


def test_what_is_commented_out_is_not_read() -> None:
    """A table in a comment is not shown, and its prices are none."""
    old = f"{{/*\n{COMPONENTS.replace('gpt-5.6-sol', 'gpt-5.6-old')}\n*/}}\n"
    assert prices(old + COMPONENTS) == prices(COMPONENTS)
    assert "a comment does not end" in refused(f"{COMPONENTS}\n<!-- {COMPONENTS}")


def test_deep_properties_are_refused() -> None:
    """Nesting without reason is an unreadable body, not another error."""
    for levels, reason in ((60, "nested too deeply"), (5000, "no JSON")):
        deep = html.escape('[0,{"a":' * levels + "1" + "}]" * levels)
        props = f'props="{{&quot;rows&quot;:{deep}}}"'
        tag = f'<astro-island component-export="PricingTable" {props}></astro-island>'
        assert reason in refused(html_page(tag))
    nested = '["x", ' * 5000
    assert refused(COMPONENTS.replace('["gpt-5.6-sol"', nested, 1))


REAL = {
    "2026-02-26": (18, 64),
    "2026-04-03": (52, 275),
    "2026-05-29": (54, 293),
}


@pytest.mark.parametrize("day", REAL)
def test_the_real_pages(shared, day: str) -> None:
    """Every real body is read, as the part that it is."""
    body = (shared / f"samples/openai/{day}__developers-docs-pricing.md").read_bytes()
    document = openai.parse(body)
    read = said(document)
    quotes = sum(len(one.quotes) for one in read.values())
    assert (len(read), quotes) == REAL[day]
    assert not document.complete
    assert (document.held_keys, [p for r in read.values() for p in r.problems]) == (
        {},
        [],
    )


def test_known_prices_of_the_real_pages(shared) -> None:
    """Prices read off the pages by eye."""
    folder = shared / "samples" / "openai"
    may = prices((folder / "2026-05-29__developers-docs-pricing.md").read_bytes())
    assert may["gpt-5.5"] == {
        "input": "5",
        "cache_read": "0.5",
        "output": "30",
        "input+batch": "2.5",
        "cache_read+batch": "0.25",
        "output+batch": "15",
        "input+flex": "2.5",
        "cache_read+flex": "0.25",
        "output+flex": "15",
        "input+priority": "12.5",
        "cache_read+priority": "1.25",
        "output+priority": "75",
    }
    assert may["gpt-5.5-pro"]["output"] == "180"
    assert may["o4-mini"]["cache_read+flex"] == "0.138"
    assert may["gpt-4o-2024-05-13"]["output+priority"] == "26.25"
    assert may["gpt-3.5-turbo-16k-0613"]["input+batch"] == "1.5"
    assert may["computer-use-preview"] == {"input": "3", "output": "12"}
    april = prices((folder / "2026-04-03__developers-docs-pricing.md").read_bytes())
    assert "gpt-5.5" not in april
    assert april["gpt-5.4"]["input+priority"] == "5"
    february = prices((folder / "2026-02-26__developers-docs-pricing.md").read_bytes())
    assert february["gpt-4o-transcribe"].get("input.audio_token", "") == "6"
    assert february["gpt-image-1"]["output.image;quality=high;size=1024x1536"] == "0.25"
    assert february["dall-e-3"]["output.image;quality=hd;size=1792x1024"] == "0.12"


def test_the_layout_of_autumn(shared) -> None:
    """The page as others have drawn it after the real one is read whole."""
    name = "2026-09-30__SYNTHETIC-layout_openai.md"
    body = (shared / "samples" / "openai" / name).read_bytes()
    assert openai.parse(body).complete
    read = prices(body)
    assert (len(read), sum(map(len, read.values()))) == (3, 35)
    assert read["gpt-6-astra"]["output+flex"] == "20"
    assert read["gpt-6-astra"]["cache_write+batch;context=long"] == "12.5"


def test_the_blocked_page(shared) -> None:
    """The challenge of the marketing page is told from a price page."""
    body = next((shared / "samples" / "_blocked").glob("*openai*")).read_bytes()
    assert "challenge" in refused(body)


def test_other_pages_are_refused(shared) -> None:
    """No other source's body passes for this page."""
    for path in sorted((shared / "samples").glob("*/*")):
        if path.parent.name != "openai" and path.is_file():
            refused(path.read_bytes())


def test_real_pages_cut_off_or_damaged(shared) -> None:
    """A real body that ends early, or has lost a line, gives no wrong price."""
    for path in sorted((shared / "samples" / "openai").glob("*.md")):
        page = path.read_text()
        right = prices(page)
        for end in range(0, len(page), 601):
            assert not wrong_prices(page[:end], right), (path.name, end)
        lines = page.split("\n")
        for at in range(0, len(lines), 7):
            less = "\n".join(lines[:at] + lines[at + 1 :])
            assert not wrong_prices(less, right), (path.name, lines[at])
