"""The catalogue: found by any spelling, filtered and sorted by server and script."""

import html
import json
import re
from dataclasses import replace

import pytest

from tests.support import showroom
from tests.support.showroom import HOSTILE, MINUTES, STABLE
from tracker.domain.addresses import model_path
from tracker.domain.offers import Offer
from tracker.web.catalogue.asked import COLUMNS, answered, asked
from tracker.web.catalogue.columns import OWN, STALE, columns
from tracker.web.catalogue.search import level, name_of, words
from tracker.web.catalogue.stock import fitting, own_offers, stock
from tracker.web.catalogue.words import about, sized
from tracker.web.pages import catalogue
from tracker.web.rendering import as_json, versioned

ROW = re.compile(r'<th scope="row" class="c-model"><a class="offer" href="([^"]*)"')
FAULT = re.compile(r'<p class="fault" id="([a-z]+)-fault">(.*?)</p>')


@pytest.fixture(name="held", scope="module")
def _held(view):
    """What the catalogue of the small database holds."""
    return stock(view)


def listed(served, question=""):
    """The paths of the models that a page lists, in order."""
    answer = served.get(f"/models/{question}")
    assert answer.status_code == 200
    return [path.removeprefix("../") for path in ROW.findall(answer.text)]


def found(held, **given):
    """The names that an address asks for."""
    wanted = asked({name: [value] for name, value in given.items()}, held)
    assert not wanted.faults
    return [entry.offer.text for entry in answered(held, wanted)]


def test_everything_sold_today_is_listed_once(view, held, monkeypatch):
    """All pages together hold all offers, each of them once."""
    monkeypatch.setattr(catalogue, "PAGE", 30)
    wanted = asked({}, held)
    pages = [catalogue.listed(held, replace(wanted, page=n))[0] for n in range(1, 9)]
    assert [page.first for page in pages[:3]] == [1, 31, 61]
    last = next(n for n, page in enumerate(pages) if not page.after)
    every = [one.offer for page in pages[: last + 1] for one in page.entries]
    assert sorted(every) == sorted(view.sold)


def test_makers_newest_chat_models_come_first(held):
    """First what its maker sells and people chat with, the newest on top; then the
    rest, and at last what is long unread or retired.
    """
    groups = [entry.group for entry in held.entries]
    assert groups == sorted(groups)
    assert held.entries[0].own
    ages = [entry.seen.date() for entry in held.entries if entry.group == 1]
    assert ages == sorted(ages, reverse=True)


def test_a_maker_is_told_from_those_who_sell_its_models():
    """The first of the first parties that sells a name made it, under any date."""
    offers = [
        Offer("openai", "gpt-4.1-mini-2025-04-14"),
        Offer("azure", "gpt-4.1-mini"),
        Offer("tencent", "glm-5.3"),
        Offer("zai", "glm-5.3"),
        Offer("perplexity", "openai/gpt-5"),
        Offer("perplexity", "sonar"),
        Offer("vertex_ai", "claude-3-opus"),
    ]
    assert {offer.text for offer in own_offers(offers)} == {
        "openai/gpt-4.1-mini-2025-04-14",
        "zai/glm-5.3",
        "perplexity/sonar",
    }


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("openai/gpt-4.1-mini", "openai/gpt-4.1-mini", 0),
        ("OpenAI GPT 4.1 mini", "openai/gpt-4.1-mini", 0),
        ("gpt 4.1 mini", "openai/gpt-4.1-mini", 1),
        ("gpt4.1mini", "openai/gpt-4.1-mini", 1),
        ("gpt-4.1-mini", "openrouter/openai/gpt-4.1-mini", 2),
        ("gpt-4.1", "openai/gpt-4.1-mini", 3),
        ("4o mini", "openai/gpt-4o-mini", 3),
        ("gpt-4.", "openai/gpt-4o", 4),
        ("sonnet", "anthropic/claude-sonnet-4-5", 5),
        ("claude35", "anthropic/claude-3-5-sonnet", 4),
        ("35sonnet", "anthropic/claude-3-5-sonnet", 6),
        ("mini azure 4.1", "azure/gpt-4.1-mini", 7),
        ("gpt-5", "openai/gpt-4.1-mini", None),
        ("o3", "openai/pro-3", None),
    ],
)
def test_a_name_fits_however_it_is_spelt(typed, name, fit):
    """Dashes, dots, spaces and capitals don't matter; the very name fits best."""
    provider, _, model = name.partition("/")
    assert level(name_of(Offer(provider, model)), words(typed)) == fit


def test_the_makers_offer_leads_those_of_the_same_name(held):
    """Whoever types a bare name means its maker's; regions come after those without."""
    made = replace(held.entries[0], name=name_of(Offer("a", "m-1")), own=True)
    others = [replace(made, own=False), replace(made, own=True)]
    assert [entry.own for entry in fitting(others, "m 1")] == [True, False]


def test_the_box_in_the_head_finds_a_model(served):
    """The name typed with spaces is the first line of the catalogue."""
    first, *_ = listed(served, "?q=gpt+4.1+mini+2025+04+14")
    assert first == model_path(Offer("openai", STABLE))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"provider": "hooli"}, lambda one: one.offer.provider == "hooli"),
        ({"mode": "chat"}, lambda one: one.sold.kind == "chat"),
        ({"can": "vision,tools"}, lambda one: {"vision", "tools"} <= one.sold.can),
        ({"context": "1M"}, lambda one: (one.sold.context or 0) >= 10**6),
        (
            {"input": "1.05"},
            lambda one: one.sold.input is not None and one.sold.input <= 105 / 100,
        ),
        (
            {"output": "$4,20"},
            lambda one: one.sold.output is not None and one.sold.output * 10 <= 42,
        ),
        ({"own": "1"}, lambda one: one.own),
        ({"current": "1"}, lambda one: not (one.retired or one.sold.stale)),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_filter_keeps_what_fits(held, given, kept):
    """Each filter by itself leaves exactly the offers that it names."""
    expected = [entry.offer.text for entry in held.entries if kept(entry)]
    assert found(held, **given) == expected
    assert expected


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_sorts_both_ways(held, name):
    """What has no value stands last, whichever way the column is sorted."""
    wanted = asked({}, held)
    key = COLUMNS[name].key
    for sort in (name, f"-{name}"):
        values = [key(one) for one in answered(held, replace(wanted, sort=sort))]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert values[: len(known)] == known


def test_headings_say_how_the_table_is_sorted(served):
    """A pressed heading asks for the other way; the first press of a limit falls."""
    text = served.get("/models/?sort=input").text
    heads = re.findall(
        r'aria-sort="(\w+)"><button type="submit" form="filter" name="sort" '
        r'value="(-?\w+)" data-column="(\w+)"',
        text,
    )
    said = {name: (way, press) for way, press, name in heads}
    assert list(said) == list(COLUMNS)
    assert said["input"] == ("ascending", "-input")
    assert said["output"] == ("none", "output")
    assert said["context"] == ("none", "-context")


def test_the_press_of_a_heading_counts_more_than_the_order_field(served):
    """Both are sent by the form; the heading stands after the field."""
    assert listed(served, "?sort=model&sort=-input") == listed(served, "?sort=-input")


@pytest.mark.parametrize(
    ("question", "name", "message"),
    [
        ("?context=many", "context", "is no number of tokens; write 128k"),
        ("?input=cheap", "input", "“cheap” is no price; write 2.50"),
        ("?output=-1", "output", "is no price"),
        ("?output=1e999999999", "output", "is no price"),
        ("?provider=opnai", "provider", "no provider “opnai”; did you mean openai"),
        ("?mode=chatt", "mode", "did you mean chat?"),
        ("?can=fly", "can", "nothing is known of"),
        ("?sort=colour", "sort", "one cannot sort by “colour”"),
        ("?q=" + "x" * 201, "q", "a name has at most 200 characters"),
    ],
)
def test_nonsense_is_told_beside_its_field(served, held, question, name, message):
    """One clear message, and the list as if it had not been asked."""
    text = served.get(f"/models/{question}").text
    told = dict(FAULT.findall(text))
    assert message in html.unescape(told.pop(name))
    assert not told
    assert 'role="alert"' in text
    assert len(ROW.findall(text)) == len(held.entries)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "1" * 50])
def test_a_page_that_is_not_there_is_told(served, page):
    """A page beyond the last is the last; what is no number is the first."""
    text = served.get(f"/models/?page={page}").text
    assert "<strong>page</strong>" in text
    assert ROW.findall(text)


def test_pages_keep_what_was_asked(served, held, monkeypatch):
    """The way to the next page holds every filter and the models chosen."""
    monkeypatch.setattr(catalogue, "PAGE", 30)
    given = {"context": ["8k"], "sort": ["-input"], "m": ["openai/gpt-4.1"]}
    listing, faults = catalogue.listed(held, asked(given, held))
    assert listing.after == "?context=8000&sort=-input&page=2&m=openai%2Fgpt-4.1"
    assert not faults
    text = served.get(f"/models/{listing.after}").text
    assert re.search(r'value="openai/gpt-4\.1"[^>]* checked', text)


def test_what_was_chosen_stays_chosen(served):
    """A model that was ticked is kept while one looks for another."""
    text = served.get("/models/?q=model-07&m=openai/gpt-4.1").text
    assert 'name="m" form="filter" value="openai/gpt-4.1" checked' in text


def test_what_is_sold_no_more_is_named_apart(served):
    """Someone who looks for an old model is shown the way to its page."""
    provider, _, model = showroom.GONE.partition("/")
    text = served.get(f"/models/?q={model}").text
    _, _, apart = text.partition('id="gone"')
    assert model_path(Offer(provider, model)) in apart.partition("</ul>")[0]


def test_a_slip_of_the_pen_is_answered_with_names(served):
    """Where nothing fits, names that are written much the same are offered."""
    text = served.get("/models/?q=gtp-4.1").text
    assert "No offer fits." in text
    assert "Did you mean" in text
    assert "models/openai/gpt-4.1/" in text


def test_hostile_names_do_no_harm(served):
    """No name of a price list becomes markup, nor leaves its folder."""
    text = served.get("/models/?q=acme").text
    assert "<script>alert" not in text
    assert '"onmouseover' not in text
    assert "\u202e" not in re.sub(r"<[^>]*>", "", text)
    paths = [path.removeprefix("../") for path in ROW.findall(text)]
    assert len(paths) > len(HOSTILE)
    assert not [path for path in paths if "/." in path or "<" in path]


def test_the_page_without_its_slash_is_elsewhere(served):
    """A path typed without the slash leads to the page, question and all."""
    answer = served.get("/models?q=x", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "./models/?q=x")


def test_the_file_has_all_there_is(held, view):
    """The script's file holds every offer, its card and where its page is."""
    said = json.loads(as_json(columns(held)).body)
    assert len(said["model"]) == len(view.sold)
    (row,) = [n for n, model in enumerate(said["model"]) if model == STABLE]
    assert said["providers"][said["provider"][row]] == "openai"
    assert (said["input"][row], said["output"][row], said["cached"][row]) == (
        0.4,
        1.6,
        0.1,
    )
    assert (said["context"][row], said["longest"][row]) == (1047576, 32768)
    assert said["flags"][row] & OWN
    assert not said["flags"][row] & STALE
    assert said["ends"][str(row)] == "2027-01-14"
    paths = {model_path(Offer("acme", n.removeprefix("acme/"))) for n in HOSTILE}
    assert set(said["paths"].values()) <= paths


def test_what_is_not_paid_by_the_token_has_a_price_too(served, held, view):
    """Where there are no prices of tokens the catalogue, its file and the page of the
    provider say what is paid instead.
    """
    (row,) = [n for n, one in enumerate(held.entries) if one.offer.text == MINUTES]
    assert held.entries[row].tariff == "$0.0001 per second"
    assert columns(held)["tariffs"][str(row)] == "$0.0001 per second"
    for path in ("/models/?q=transcriber", "/providers/acme/"):
        told = re.sub(r"<[^>]+>", " ", served.get(path).text)
        assert re.search(r"transcriber[^$]+[$]0[.]0001 per second", told), path


def test_files_say_that_filters_need_a_script(still, served):
    """Without a server and a script, the providers' pages list everything."""
    text = catalogue.made(still, "models/", {}).body.decode()
    assert "<noscript>" in text
    assert "../providers/" in text
    assert ROW.findall(text)
    assert "<noscript>" not in served.get("/models/").text
    assert catalogue.paths(still) == ["models/", "catalogue.json", "names.json"]


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (None, "–"),
        (512, "512"),
        (4095, "4.1k"),
        (8192, "8.19k"),
        (131072, "131k"),
        (262500, "263k"),
        (999999, "1M"),
        (1047576, "1.05M"),
    ],
)
def test_limits_are_shortened(tokens, told):
    """Three digits tell one context from another."""
    assert about(tokens) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("0.00056", "$0.00056"),
        ("0.000500000", "$0.0005"),
        ("0.0000000012", "$0.0000000012"),
        ("0.999", "$1.00"),
        ("0.0142", "$0.014"),
        ("12.345", "$12.34"),
        ("0", "$0.00"),
    ],
)
def test_small_amounts_keep_their_digits(amount, told):
    """Neither an exponent nor a lost digit, however little a conversation costs."""
    from decimal import Decimal

    assert sized(Decimal(amount)) == told


QUESTIONS = (
    *(
        {"q": q}
        for q in ("gpt 4.1", "model", "MODEL-1", "0", "model 0 acme", "漢", "<")
    ),
    *({"q": "model", "sort": f"{way}{name}"} for name in COLUMNS for way in ("", "-")),
    *({"sort": f"{way}{name}"} for name in COLUMNS for way in ("", "-")),
    {"provider": "acme", "can": "cache", "context": "100k"},
    {"mode": "chat", "input": "1.1", "own": "1", "current": "1"},
)


def test_the_script_finds_and_writes_as_the_server_does(held, live_server, page):
    """Order, names, prices and addresses are the same with and without a script."""
    page.goto(f"{live_server}models/")
    address = f"../{versioned('offers.js')}"
    asks = [asked({n: [v] for n, v in q.items()}, held) for q in QUESTIONS]
    place = {entry.offer: n for n, entry in enumerate(held.entries)}
    expected = [[place[one.offer] for one in answered(held, ask)] for ask in asks]
    given = [
        {
            **{n: getattr(ask, n) for n in ("q", "provider", "mode", "own", "current")},
            **{n: getattr(ask, n) for n in ("context", "sort")},
            "can": sorted(ask.can),
            "input": None if ask.input is None else float(ask.input),
            "output": None,
        }
        for ask in asks
    ]
    rows, texts = page.evaluate(_SAME, [address, given])
    assert rows == expected
    assert texts == [
        [model_path(e.offer), e.offer.text, sized(e.talk), about(e.sold.context)]
        for e in held.entries
    ]


_SAME = """async ([address, asks]) => {
  const kit = await import(new URL(address, document.baseURI));
  const goods = await kit.load("../catalogue.json");
  const rows = asks.map((ask) => {
    const typed = kit.words(ask.q);
    let found = goods.fitting(ask);
    if (ask.q) found = typed ? goods.find(typed, found) : [];
    return ask.sort ? goods.sorted(found, ask.sort) : found;
  });
  const talk = { in: 600, out: 200 };
  const texts = goods.all.map((row) => [
    goods.path(row), goods.text(row),
    kit.conversation(goods.input[row], goods.output[row], talk),
    kit.about(goods.context[row]),
  ]);
  return [rows, texts];
}"""
