"""The page of comparisons: with a server by its form, on files by a script."""

import html
import re
from html.parser import HTMLParser

import pytest

from tests.support import showroom
from tests.support.browsing import plain_host
from tests.support.showroom import MOVED, STABLE
from tracker.asking.comparing import Talk, compare
from tracker.domain.offers import Offer
from tracker.web.catalogue.stock import stock
from tracker.web.pages import compare as section

MINI = Offer("openai", STABLE)
BIG = "openai/gpt-4.1"


def asked(served, question):
    """The page that answers a question."""
    answer = served.get(f"/compare/{question}")
    assert answer.status_code == 200
    return answer.text


def cells(text, title):
    """What a line of the table says of each model, without its markup."""
    _, _, rest = text.partition(f'<th scope="row">{title}</th>')
    line = rest.partition("</tr>")[0]
    found = re.findall(r"<td[^>]*>(.*?)</td>", line, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", " ", cell)).split() for cell in found]


def test_models_stand_side_by_side(served):
    """Rates, ratio, limits and what a conversation costs, a column for each."""
    text = asked(served, f"?m={MINI.text}&m={BIG}")
    assert cells(text, "Input") == [["$0.40", "lowest"], ["$2.00"]]
    assert cells(text, "Output") == [["$1.60", "lowest"], ["$8.00"]]
    assert cells(text, "Output : input") == [["4", ":", "1"]] * 2
    assert cells(text, "Typical: 600 tokens in, 200 out") == [
        ["$0.00056", "lowest"],
        ["$0.0028"],
    ]
    assert cells(text, "Context, tokens")[0][0] == "1,047,576"
    assert cells(text, "PDF") == [["yes"], ["yes"]]
    assert "Yours:" not in text


def test_less_usual_rates_are_there_too(served):
    """Batch, priority and long prompts stand in a table of their own."""
    text = asked(served, f"?m={MINI.text}&m=acme/long-context")
    assert cells(text, "Input, batch") == [["$0.20"], ["–"]]
    assert cells(text, "Input, priority") == [["$0.70"], ["–"]]
    assert cells(text, "Input, above 200k tokens") == [["–"], ["$2.50"]]


def test_a_conversation_of_ones_own_is_priced(served):
    """Tokens in and out are fields; both conversations are shown."""
    text = asked(served, f"?m={MINI.text}&in=10k&out=0")
    assert cells(text, "Yours: 10,000 tokens in, 0 out") == [["$0.004"]]
    assert cells(text, "Typical: 600 tokens in, 200 out") == [["$0.00056"]]
    assert 'name="in" inputmode="numeric" maxlength="16"' in text
    assert 'value="10k"' in text


def test_the_last_move_and_the_place_are_told(served, store, view):
    """When it really moved, how far, and where it stands among its like."""
    text = asked(served, f"?m={MOVED}")
    (moved,) = cells(text, "Last real move")
    assert moved[0] == "2026-11-02"
    assert "−25" in moved
    provider, _, model = MOVED.partition("/")
    (one,) = compare(store, [Offer(provider, model)], Talk(), today=showroom.NOW.date())
    (place,) = cells(text, "Place by price of your conversation")
    assert place == [str(one.place), "of", str(one.alike)]
    rival = "".join(cells(text, "Cheapest that can as much")[0])
    assert one.rival is None or rival.startswith(one.rival[0].offer.text)


def test_one_chart_shows_all(served):
    """Every model has its lines, and the numbers behind the picture."""
    text = asked(served, f"?m={MINI.text}&m={MOVED}")
    assert '<figure class="chart"' in text
    assert "<svg" in text
    assert "The numbers" in text


@pytest.mark.parametrize("name", [STABLE, "GPT 4.1 mini 2025-04-14", MINI.text])
def test_a_name_is_understood_as_people_write_it(served, name):
    """The field then holds the offer's own name, to be shared."""
    text = asked(served, f"?m={name}")
    assert f'value="{MINI.text}"' in text
    assert cells(text, "Input") == [["$0.40"]]


def test_an_unknown_name_gets_suggestions_beside_its_field(served):
    """The others are compared all the same; a suggestion keeps them."""
    text = asked(served, f"?m={MOVED}&m=gtp-4.1&in=9")
    assert "no model of this name" in text
    (fault,) = re.findall(r'id="m2-fault">(.*?)</div>', text, re.DOTALL)
    assert 'aria-describedby="m2-fault"' in text
    (link, *_) = re.findall(r'href="([^"]+)">openai/gpt-4.1</a>', fault)
    assert html.unescape(link) == "?m=acme%2Fmodel-01&m=openai%2Fgpt-4.1&in=9"
    assert cells(text, "Input") == [["$0.60"]]


def test_what_is_sold_no_more_is_told_and_linked(served):
    """It has no price to compare, but a page with its past."""
    text = asked(served, f"?m={showroom.GONE}")
    assert "has no price today" in text
    assert "../models/hooli/model-05/" in text
    assert "Nothing is compared yet" in text


@pytest.mark.parametrize(
    ("question", "name", "message"),
    [
        ("in=x", "in", "is no number of tokens"),
        ("out=-3", "out", "is no number of tokens"),
        ("in=999999m", "in", "at most 1,000,000,000 tokens"),
        ("in=0&out=0", "in", "a conversation needs tokens"),
    ],
)
def test_nonsense_is_told_beside_its_field(served, question, name, message):
    """The models are compared with the typical conversation instead."""
    text = asked(served, f"?m={MINI.text}&{question}")
    (fault,) = re.findall(rf'id="{name}-fault">(.*?)</p>', text)
    assert message in html.unescape(fault)
    assert cells(text, "Typical: 600 tokens in, 200 out") == [["$0.00056"]]


def test_six_are_enough(served):
    """More than fit side by side are left out, and that is said."""
    names = "&".join(f"m=model-{n:02}" for n in range(10, 19))
    text = asked(served, f"?{names}")
    assert "Only 6 models fit side by side; 3 more were left out." in text
    assert len(cells(text, "Input")) == 6


def test_the_same_model_twice_has_one_column(served):
    """Two spellings of one offer are one model."""
    assert len(cells(asked(served, f"?m={STABLE}&m={MINI.text}"), "Input")) == 1


@pytest.mark.parametrize("name", showroom.HOSTILE)
def test_hostile_names_do_no_harm(served, name):
    """Whatever a name holds, it is compared as text."""
    answer = served.get("/compare/", params={"m": [name, MINI.text]})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    attributes = _Attributes()
    attributes.feed(answer.text)
    assert not [name for name in attributes.names if name.startswith("on")]
    if len(name) < 200:
        assert len(cells(answer.text, "Input")) == 2


def test_nothing_asked_shows_the_form(served):
    """Two empty fields, and the way to the catalogue."""
    text = asked(served, "")
    assert text.count('name="m"') == 2
    assert 'href="../models/"' in text


def test_files_tell_what_comparing_needs(still):
    """Without a script, the file leads to the pages of models."""
    text = section.made(still, "compare/", {}).body.decode()
    assert "<noscript>" in text
    assert "../providers/" in text
    assert section.paths(still) == ["compare/"]


def test_files_compare_by_script(still, written, page):
    """The same rates, costs and places as with a server, from the catalogue's file."""
    held = stock(still)
    with plain_host(written) as address:
        page.goto(f"{address}compare/?m={STABLE}&m={MOVED}&m=gtp-9&in=1000&out=0")
        page.wait_for_selector("table.sides")
        text = page.content()
    assert cells(text, "Input") == [["$0.40", "lowest"], ["$0.60"]]
    assert cells(text, "Yours: 1,000 tokens in, 0 out")[0] == ["$0.0004", "lowest"]
    assert "no model of this name" in text
    offers = [MINI, Offer("acme", "model-01")]
    found = compare(
        still.store,
        offers,
        Talk(1000, 0),
        today=still.now.date(),
        known=[entry.sold for entry in held.entries],
    )
    assert [
        place[0] for place in cells(text, "Place by price of your conversation")
    ] == [str(one.place) for one in found]


class _Attributes(HTMLParser):
    """Collects the names of all attributes."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def handle_starttag(self, tag, attrs):
        self.names |= {name for name, _ in attrs}
