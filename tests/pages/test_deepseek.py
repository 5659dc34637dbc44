"""What is read from DeepSeek's page of prices, in all of its layouts."""

from datetime import UTC, date, datetime

import pytest

from crawler.pages import deepseek, deepseek_notes
from tests.support import damage
from tracker.domain.errors import UnreadableBody
from tracker.domain.money import plain
from tracker.domain.quotes import Statement
from tracker.domain.schedule import in_effect

FOLDER = "samples/deepseek"
MAY = f"{FOLDER}/2026-05-08__quick_start-pricing.html"
SEPTEMBER = f"{FOLDER}/2026-09__quick_start-pricing.article.html"
RAGGED = f"{FOLDER}/2026-09-30__SYNTHETIC-layout_deepseek.html"

MODELS = ("deepseek-flash<sup>(1)</sup>", "deepseek-v4-pro")
VERSIONS = ("DeepSeek-V4.1-Flash", "DeepSeek-V4-Pro-0813")
HIT, MISS, OUT = (
    "1M INPUT TOKENS (CACHE HIT)",
    "1M INPUT TOKENS<br>(CACHE MISS)",
    "1M OUTPUT TOKENS",
)
PLAIN = {
    HIT: ("$0.0028", "$0.0145"),
    MISS: ("$0.14", "$1.74"),
    OUT: ("$0.28", "$3.48"),
}
BY_WINDOW = {
    (HIT, "OFF-PEAK"): ("$0.003", "$0.022"),
    (HIT, "PEAK"): ("$0.006", "$0.044"),
    (MISS, "OFF-PEAK"): ("$0.15", "$0.66"),
    (MISS, "PEAK"): ("$0.3", "$1.32"),
    (OUT, "OFF-PEAK"): ("$0.6", "$1.98"),
    (OUT, "PEAK"): ("$1.2", "$3.96"),
}
HOURS = (
    "Off-peak rates are half of the peak rates. Peak hours are 01:00 - 04:00 and "
    "06:00 - 10:00 UTC, Monday through Friday (all other hours are off-peak)."
)
ALIASES = (
    "Use <code>deepseek-flash</code> as the model name. The legacy names "
    "<code>deepseek-v4-flash</code> and <code>deepseek-v4-flash-vision-exp</code> are "
    "still accepted and billed at the Flash price."
)


def tr(*cells: str) -> str:
    """A row of cells that are text, or markup of their own."""
    return (
        f"<tr>{''.join(c if c[:3] == '<td' else f'<td>{c}</td>' for c in cells)}</tr>"
    )


def plain_rows(prices: dict[str, tuple[str, ...]]) -> list[str]:
    """The rows of prices that hold at all hours."""
    head = f'<td rowspan="{len(prices)}">PRICING<sup>(2)</sup></td>'
    rows = [(label, *cells) for label, cells in prices.items()]
    return [tr(head, *rows[0]), *(tr(*row) for row in rows[1:])]


def window_rows(prices: dict[tuple[str, str], tuple[str, ...]]) -> list[str]:
    """The rows of prices by window, as many to a label as there are windows."""
    rows = []
    for (label, window), cells in prices.items():
        high = sum(1 for other, _ in prices if other == label)
        first = next(iter(w for other, w in prices if other == label)) == window
        start = (f'<td rowspan="{high}">{label}</td>',) if first else ()
        rows.append((*start, window, *cells))
    head = f'<td rowspan="{len(rows)}">PRICING<sup>(2)</sup></td>'
    return [tr(head, *rows[0]), *(tr(*row) for row in rows[1:])]


def page(
    rows: list[str],
    *,
    notes: tuple[str, ...] = (ALIASES, HOURS),
    models: tuple[str, ...] = MODELS,
    wide: int = 2,
    versions: tuple[str, ...] = VERSIONS,
) -> bytes:
    """The page: the table of models, then numbered footnotes."""
    label = f'<td colspan="{wide}">'
    table = [
        tr(f"{label}MODEL</td>", *models),
        tr(f"{label}BASE URL</td>", '<td colspan="2">https://api.deepseek.com</td>'),
        tr(f"{label}MODEL VERSION</td>", *versions) if versions else "",
        tr(f"{label}CONTEXT LENGTH</td>", '<td colspan="2">1M</td>'),
        tr(f"{label}MAX OUTPUT</td>", '<td colspan="2">MAXIMUM: 384K</td>'),
        *rows,
        tr(f"{label}Concurrency Limit<sup>(3)</sup></td>", "2500", "500"),
    ]
    said = "".join(f"<p>({n}) {text}</p>" for n, text in enumerate(notes, start=1))
    return (
        "<!doctype html><html><head><title>Models &amp; Pricing</title></head><body>"
        f"<h1>Models &amp; Pricing</h1><table>{''.join(table)}</table>{said}<hr>"
        "<h2>Deduction Rules</h2><p>Prices may vary.</p></body></html>"
    ).encode()


def statements(body: bytes) -> dict[str, Statement]:
    """All that a page says."""
    return damage.statements(deepseek, deepseek.parse(body))


def on(day: datetime, said: Statement) -> damage.Card:
    """The prices that hold on a day."""
    return damage.card(in_effect(said, day))


def test_models_are_columns() -> None:
    """Each model's price is the one in its column, whatever the row spans."""
    said = statements(page(plain_rows(PLAIN)))
    assert damage.card(said["deepseek-flash"]) == {
        "cache_read": "0.0028",
        "input": "0.14",
        "output": "0.28",
    }
    assert damage.card(said["deepseek-v4-pro"])["output"] == "3.48"
    assert said["deepseek-flash"].offer.text == "deepseek/deepseek-flash"
    assert said["deepseek-flash"].quotes["input"].currency == "USD"


def test_a_cell_may_hold_the_price_of_several_models() -> None:
    """A cell that spans the columns of two models is the price of both."""
    rows = dict.fromkeys(PLAIN, ('<td colspan="2">$0.28</td>',))
    said = statements(page(plain_rows(rows)))
    assert {damage.card(one)["output"] for one in said.values()} == {"0.28"}


def test_windows_of_the_day_have_prices_and_no_plain_one() -> None:
    """Where the page has peak and off-peak prices, no price holds at all hours."""
    said = statements(page(window_rows(BY_WINDOW), wide=3))["deepseek-flash"]
    assert damage.card(said) == {
        "cache_read;window=off_peak": "0.003",
        "cache_read;window=peak": "0.006",
        "input;window=off_peak": "0.15",
        "input;window=peak": "0.3",
        "output;window=off_peak": "0.6",
        "output;window=peak": "1.2",
    }
    expected = "01:00 - 04:00 and 06:00 - 10:00 UTC, Monday through Friday"
    assert said.facts["window_hours:peak"] == expected
    assert said.facts["window_hours:off_peak"] == "all other hours are off-peak"


def test_hours_without_windows_are_no_fact() -> None:
    """Hours that are only announced belong to no price of today."""
    said = statements(page(plain_rows(PLAIN)))["deepseek-flash"]
    assert not [name for name in said.facts if name.startswith("window_hours")]


def test_rows_that_are_not_equally_long_end_with_the_prices() -> None:
    """With labels in two cells or in one, the last cells are those of the models."""
    two = '<td rowspan="2">'
    rows = [
        tr(
            '<td rowspan="6">PRICING</td>',
            f"{two}1M INPUT TOKENS</td>",
            f"{two}(CACHE HIT)</td>",
            *("OFF-PEAK", "$1", "$2"),
        ),
        tr("PEAK", "$3", "$4"),
        tr(
            f"{two}1M INPUT TOKENS</td>",
            f"{two}(CACHE MISS)</td>",
            *("OFF-PEAK", "$5", "$6"),
        ),
        tr("PEAK", "$7", "$8"),
        tr(f"{two}1M OUTPUT TOKENS</td>", "OFF-PEAK", "$9", "$10"),
        tr("PEAK", "$11", "$12"),
    ]
    said = statements(page(rows, wide=1))
    assert list(damage.card(said["deepseek-flash"]).values()) == list("13579") + ["11"]
    assert damage.card(said["deepseek-v4-pro"])["output;window=peak"] == "12"


def test_a_discount_keeps_the_list_price_and_ends_on_its_day() -> None:
    """The price that is paid counts until the footnote's day; the other is a fact."""
    discounted = {
        label: (cells[0], f"$0.435 (75% off<sup>(3)</sup>)<del>{cells[1]}</del>")
        for label, cells in PLAIN.items()
    }
    end = "The model is at a 75% discount, extended until 2026/05/31 15:59 UTC."
    body = page(plain_rows(discounted), notes=(ALIASES, HOURS, end))
    pro = statements(body)["deepseek-v4-pro"]
    (quote,) = pro.dated["output"]
    assert (plain(quote.price_nano), quote.raw) == ("0.435", "$0.435 (75% off) $3.48")
    assert (quote.effective_from, quote.effective_to) == (None, date(2026, 6, 1))
    assert pro.facts["list_price:output"] == "3.48 USD"
    assert on(datetime(2026, 5, 31, 12, tzinfo=UTC), pro)["output"] == "0.435"
    assert on(datetime(2026, 6, 1, tzinfo=UTC), pro) == {}
    assert statements(body)["deepseek-flash"].dated == {}


@pytest.mark.parametrize(
    "note",
    [
        "The model is at a discount for a limited time.",
        "The discount is extended until May 31.",
        "The discount is extended until 2026/05/31 15:59.",
        "Extended from until 2026/05/05 15:59 UTC to until 2026/05/31 15:59 UTC.",
        "The discount is extended until 2026/05/32 15:59 UTC.",
    ],
)
def test_an_end_that_is_not_certain_is_no_end(note: str) -> None:
    """No year, no time zone, two dates or none: the price stands without an end."""
    discounted = {
        k: (v[0], f"{v[1]} (75% off<sup>(3)</sup>)") for k, v in PLAIN.items()
    }
    body = page(plain_rows(discounted), notes=(ALIASES, HOURS, note))
    pro = statements(body)["deepseek-v4-pro"]
    assert (damage.card(pro)["output"], pro.dated) == ("3.48", {})


def test_other_names_of_a_model_are_facts() -> None:
    """Names that a model's footnote says are still accepted are its aliases."""
    said = statements(page(plain_rows(PLAIN)))
    aliases = {k: v for k, v in said["deepseek-flash"].facts.items() if "alias" in k}
    assert aliases == {
        "alias:deepseek-v4-flash": "deepseek-flash",
        "alias:deepseek-v4-flash-vision-exp": "deepseek-flash",
    }
    assert not [name for name in said["deepseek-v4-pro"].facts if "alias" in name]


def test_a_footnote_that_recommends_another_model_names_no_alias() -> None:
    """A name in a footnote is an alias only where the footnote says so."""
    notes = ("Please move to <code>deepseek-v5</code> soon.", HOURS)
    said = statements(page(plain_rows(PLAIN), notes=notes))["deepseek-flash"]
    assert not [name for name in said.facts if "alias" in name]


def test_limits_and_versions_are_facts() -> None:
    """Context, longest answer and the version behind a name are kept."""
    facts = statements(page(plain_rows(PLAIN)))["deepseek-v4-pro"].facts
    assert facts == {
        "version": "DeepSeek-V4-Pro-0813",
        "max_input_tokens": "1000000",
        "max_output_tokens": "384000",
    }


CHINESE = (
    '<html><body><table><tr><td colspan="2">模型</td><td>deepseek-v4-flash</td>'
    '<td>deepseek-v4-pro</td></tr><tr><td colspan="2">上下文长度</td>'
    '<td colspan="2">1M</td></tr><tr><td rowspan="3">价格<sup>(1)(2)</sup></td>'
    "<td>百万tokens输入（缓存命中）</td><td>0.02元</td><td>0.025元</td></tr>"
    "<tr><td>百万tokens输入（缓存未命中）</td><td>1元</td><td>3元</td></tr>"
    "<tr><td>百万tokens输出</td><td>2元</td><td>6元</td></tr></table>"
    "<p>(1) 采用峰谷定价，空闲时段价格为高峰时段价格的一半。高峰时段为北京时间 "
    "9:00 - 12:00、14:00 - 18:00（其余为空闲时段）。新价格将于北京时间 "
    "2026 年 8 月 17 日 00:00 开始生效，具体如下：</p>"
    '<table><tr><td colspan="2">模型</td><td>百万tokens输入（缓存命中）</td>'
    "<td>百万tokens输入（缓存未命中）</td><td>百万tokens输出</td></tr>"
    '<tr><td rowspan="2">deepseek-v4-flash</td><td>空闲时段</td><td>0.05元</td>'
    "<td>1.5元</td><td>4.5元</td></tr><tr><td>高峰时段</td><td>0.10元</td>"
    "<td>3.0元</td><td>9.0元</td></tr></table><p>(2) 见价格说明。</p></body></html>"
)


def test_the_chinese_page_is_in_yuan() -> None:
    """Prices with 元 stay what they are: yuan, never converted."""
    pro = statements(CHINESE.encode())["deepseek-v4-pro"]
    assert damage.card(pro) == {"cache_read": "0.025", "input": "3", "output": "6"}
    assert {quote.currency for quote in pro.quotes.values()} == {"CNY"}
    assert pro.facts["max_input_tokens"] == "1000000"


def test_an_announced_table_is_ahead_and_never_current() -> None:
    """Prices of a table in a footnote hold from its day on; today's hold until then."""
    flash = statements(CHINESE.encode())["deepseek-v4-flash"]
    assert flash.quotes == {}
    before = on(datetime(2026, 8, 16, 15, 59, tzinfo=UTC), flash)
    assert before == {"cache_read": "0.02", "input": "1", "output": "2"}
    assert on(datetime(2026, 8, 17, tzinfo=UTC), flash) == {
        "cache_read;window=off_peak": "0.05",
        "cache_read;window=peak": "0.1",
        "input;window=off_peak": "1.5",
        "input;window=peak": "3",
        "output;window=off_peak": "4.5",
        "output;window=peak": "9",
    }


def test_an_announced_table_that_has_come_true_changes_nothing() -> None:
    """A footnote that outlives its day repeats prices that are listed already."""
    body = CHINESE.replace("<td>空闲时段</td>", "").replace('colspan="2">模型', ">模型")
    body = (
        body.replace("0.05元", "0.02元").replace("1.5元", "1元").replace("4.5元", "2元")
    )
    body = body.replace('<td rowspan="2">deepseek-v4-flash', "<td>deepseek-v4-flash")
    peak = body[body.index("<tr><td>高峰时段") : body.index("</table><p>(2)")]
    flash = statements(body.replace(peak, "").encode())["deepseek-v4-flash"]
    assert damage.card(flash) == {"cache_read": "0.02", "input": "1", "output": "2"}
    assert flash.dated == {}


def test_an_announced_table_without_a_date_is_left_out_and_noted() -> None:
    """Prices of a day that nobody knows are no prices; a note tells of them."""
    read = deepseek.parse(CHINESE.replace("2026 年 8 月 17 日", "稍后").encode())
    assert len(read.notes) == 1
    flash = deepseek.flatten("deepseek-v4-flash", read.entries["deepseek-v4-flash"])
    assert (damage.card(flash)["output"], flash.dated) == ("2", {})


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("New prices take effect at 16:00 UTC on August 16, 2026.", date(2026, 8, 17)),
        ("Effective 2026/8/17, as follows:", date(2026, 8, 17)),
        ("They take effect on Sept 1, 2026 at 00:00 UTC.", date(2026, 9, 1)),
        ("新价格将于北京时间 2026 年 8 月 17 日 08:00 开始生效", date(2026, 8, 17)),
        ("They take effect at 04:00 on August 16, 2026.", None),
        ("They take effect soon. Since 2026/8/1 we wait.", None),
        ("They take effect on Foo 16, 2026.", None),
    ],
)
def test_the_day_on_which_prices_begin(sentence: str, day: date | None) -> None:
    """A moment within a day counts from midnight on; without a zone it is none."""
    assert deepseek_notes.begins(sentence) == day


def test_names_that_changed_places_are_noticed() -> None:
    """A model's name belongs to its version; exchanged names fail the page."""
    body = page(plain_rows(PLAIN), models=(MODELS[1], MODELS[0]))
    with pytest.raises(UnreadableBody, match="is not the model"):
        deepseek.parse(body)


@pytest.mark.parametrize(
    "cell", ["", "-", "soon", "$1 / $2", "$1 per 1K", "$1,5", "12"]
)
def test_a_price_that_is_not_understood_fails_the_page(cell: str) -> None:
    """An empty cell, two prices or another unit are never guessed at."""
    with pytest.raises(UnreadableBody):
        deepseek.parse(page(plain_rows({**PLAIN, MISS: (cell, "$1.74")})))
    with pytest.raises(UnreadableBody):
        deepseek.parse(page(plain_rows({**PLAIN, MISS: ("$1.74", cell)})))


@pytest.mark.parametrize("label", [HIT, MISS, OUT])
@pytest.mark.parametrize("name", ["1M REASONING TOKENS", "1K OUTPUT TOKENS", ""])
def test_a_row_that_is_renamed_fails_the_page(label: str, name: str) -> None:
    """A label that is not known is no price of anything."""
    rows = {name if old == label else old: cells for old, cells in PLAIN.items()}
    with pytest.raises(UnreadableBody):
        deepseek.parse(page(plain_rows(rows)))


@pytest.mark.parametrize(("one", "other"), [(HIT, MISS), (MISS, OUT), (HIT, OUT)])
def test_rows_whose_labels_changed_places_fail_the_page(one: str, other: str) -> None:
    """Prices under exchanged labels would be wrong; the order tells."""
    names = {one: other, other: one}
    rows = {names.get(label, label): cells for label, cells in PLAIN.items()}
    with pytest.raises(UnreadableBody, match="are expected"):
        deepseek.parse(page(plain_rows(rows)))
    swapped = {
        (k, {"PEAK": "OFF-PEAK"}.get(w, "PEAK")): v for (k, w), v in BY_WINDOW.items()
    }
    with pytest.raises(UnreadableBody, match="are expected"):
        deepseek.parse(page(window_rows(swapped), wide=3))


@pytest.mark.parametrize("row", sorted(BY_WINDOW))
def test_a_window_without_a_price_fails_the_page(row: tuple[str, str]) -> None:
    """Half of the windows is no list of prices."""
    rows = {key: cells for key, cells in BY_WINDOW.items() if key != row}
    with pytest.raises(UnreadableBody):
        deepseek.parse(page(window_rows(rows), wide=3))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"<!DOCTYPE html><html><title>Just a moment...</title></html>",
        b"<html><body><table><tr><td>Model</td><td>GLM-5</td></tr></table></body></html>",
        page([]),
        page(plain_rows(PLAIN))[:-200],
        page(plain_rows(PLAIN), models=("gpt-5", "gpt-6")),
        page(plain_rows(PLAIN), models=("deepseek-flash", "deepseek-flash")),
        page(plain_rows(PLAIN), models=("deepseek-flash",)),
        page([*plain_rows(PLAIN), tr("Fee", "per month", "$5", "$6")]),
        page(plain_rows(PLAIN), notes=("<table><tr><td>Plan</td><td>$5</td></table>",)),
        page([*plain_rows(PLAIN), "</table><table>", tr("MODEL", "deepseek-v5")]),
    ],
)
def test_another_body_is_refused_in_one_line(body: bytes) -> None:
    """A challenge page, other prices or part of this page are unreadable."""
    assert damage.read(deepseek, body) is None


def test_the_real_page_with_a_discount(shared) -> None:
    """May 2026: a list price struck through, the end of the discount, old names."""
    said = statements((shared / MAY).read_bytes())
    flash, pro = said["deepseek-v4-flash"], said["deepseek-v4-pro"]
    assert damage.card(flash) == {
        "cache_read": "0.0028",
        "input": "0.14",
        "output": "0.28",
    }
    assert on(datetime(2026, 5, 8, tzinfo=UTC), pro) == {
        "cache_read": "0.003625",
        "input": "0.435",
        "output": "0.87",
    }
    assert on(datetime(2026, 6, 1, tzinfo=UTC), pro) == {}
    assert pro.facts["list_price:cache_read"] == "0.0145 USD"
    assert flash.facts["alias:deepseek-reasoner"] == "deepseek-v4-flash"
    assert flash.facts["max_output_tokens"] == "384000"
    assert list(said) == ["deepseek-v4-flash", "deepseek-v4-pro"]


@pytest.mark.parametrize("sample", [SEPTEMBER, RAGGED])
def test_the_real_prices_by_window(shared, sample: str) -> None:
    """September 2026: six prices for each model, in both forms of the table."""
    said = statements((shared / sample).read_bytes())
    assert list(said) == ["deepseek-flash", "deepseek-v4-pro"]
    assert damage.card(said["deepseek-v4-pro"]) == {
        "cache_read;window=off_peak": "0.022",
        "cache_read;window=peak": "0.044",
        "input;window=off_peak": "0.66",
        "input;window=peak": "1.32",
        "output;window=off_peak": "1.98",
        "output;window=peak": "3.96",
    }
    assert damage.card(said["deepseek-flash"])["output;window=peak"] == "1.2"
    hours = said["deepseek-flash"].facts["window_hours:peak"]
    assert hours.startswith("01:00 - 04:00 and 06:00 - 10:00 UTC")


@pytest.mark.parametrize("sample", [MAY, SEPTEMBER, RAGGED])
def test_a_damaged_page_gives_no_wrong_price(shared, sample: str) -> None:
    """Cut anywhere, the page is refused or its prices are right; changed bytes never
    make the parser fail in another way.
    """
    body = (shared / sample).read_bytes()
    whole = {key: dated(one) for key, one in statements(body).items()}
    for part in damage.cut(body, 100):
        found = damage.read(deepseek, part)
        assert damage.is_part_of(found, whole), part[-80:]
    for changed in damage.flipped(body, 150):
        damage.read(deepseek, changed)


def dated(said: Statement) -> damage.Card:
    """All prices of a statement, those that end included."""
    ending = {key: quotes[0] for key, quotes in said.dated.items()}
    return {k: plain(q.price_nano) for k, q in {**ending, **said.quotes}.items()}


def test_real_labels_that_changed_places_fail_the_page(shared) -> None:
    """On the captured pages, too, renamed or exchanged labels are not guessed at."""
    for sample in (MAY, SEPTEMBER):
        body = (shared / sample).read_bytes()
        for one, other in [(b"CACHE HIT", b"CACHE MISS"), (b"OFF-PEAK", b"PEAK")]:
            swapped = body.replace(b">%s<" % one, b">#<").replace(one + b")", b"#)")
            swapped = swapped.replace(b">%s<" % other, b">%s<" % one)
            swapped = swapped.replace(other + b")", one + b")")
            swapped = swapped.replace(b">#<", b">%s<" % other)
            swapped = swapped.replace(b"#)", other + b")")
            assert swapped == body or damage.read(deepseek, swapped) is None
        names = body.replace(b"<td>deepseek-v4-pro", b"<td>deepseek-v4-max")
        assert damage.read(deepseek, names) is not None
        assert damage.read(deepseek, body.replace(b"OUTPUT TOKENS", b"TOKENS")) is None
