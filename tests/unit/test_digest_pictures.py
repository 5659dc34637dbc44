"""Pictures of a digest: small, and readable on light and on dark grounds."""

import random
import struct
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tracker.charts.series import Step
from tracker.reports import drawing, slimming
from tracker.reports.drawing import Curve

GROUNDS = {"light": "#ffffff", "dark": "#171b21", "black": "#000000"}
START = datetime(2026, 1, 1, tzinfo=UTC)


def png(points, width, *, filters=(0,)):
    """A PNG of points in red, green, blue and opacity, its rows filtered in turn."""
    rows, above = b"", bytes(width * 4)
    for n in range(0, len(points), width):
        row = bytes(channel for point in points[n : n + width] for channel in point)
        kind = filters[(n // width) % len(filters)]
        rows += bytes([kind]) + filtered(row, above, kind)
        above = row
    size = struct.pack(">IIBBBBB", width, len(points) // width, 8, 6, 0, 0, 0)
    packed = zlib.compress(rows)
    parts = [(b"IHDR", size), (b"IDAT", packed[:9]), (b"IDAT", packed[9:])]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c))
        for n, c in [*parts, (b"IEND", b"")]
    )


def filtered(row, above, kind):
    """A row as its difference to the left (1), to above (2), or as it is."""
    left = bytes(4) + row[:-4]
    before = {0: bytes(len(row)), 1: left, 2: above, 4: bytes(len(row))}[kind]
    return bytes((a - b) % 256 for a, b in zip(row, before, strict=True))


def read(image):
    """The points of a PNG with a palette."""
    chunks, at = {}, 8
    while at < len(image):
        size, name = struct.unpack(">I4s", image[at : at + 8])
        body = image[at + 8 : at + 8 + size]
        (mark,) = struct.unpack(">I", image[at + 8 + size : at + 12 + size])
        assert mark == zlib.crc32(name + body)
        chunks[name] = body
        at += size + 12
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (8, 3)
    rows = zlib.decompress(chunks[b"IDAT"])
    inks, opacities = chunks[b"PLTE"], chunks[b"tRNS"]
    places = [
        rows[y * (width + 1) + 1 + x] for y in range(height) for x in range(width)
    ]
    return [(*inks[p * 3 : p * 3 + 3], opacities[p]) for p in places]


def noise(count, colours):
    """Points of so many colours, the same at each run."""
    chance = random.Random(7)  # noqa: S311 - a test's noise
    known = [tuple(chance.randrange(256) for _ in range(4)) for _ in range(colours)]
    return [chance.choice(known) for _ in range(count)]


@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (1, 2, 0)])
def test_a_picture_of_few_colours_loses_nothing(filters):
    """Every point keeps its colour and opacity, however its rows are filtered."""
    points = noise(40 * 30, 100)
    small = slimming.slimmed(png(points, 40, filters=filters))
    assert read(small) == points
    assert slimming.size_of(small) == (40, 30)


def test_rare_colours_become_their_nearest():
    """Of more colours than are kept the commonest stay, the others hardly change."""
    plain = noise(6000, 40)
    soft = [(44, 122, 242, n % 256) for n in range(600)]
    found = read(slimming.slimmed(png(plain + soft, 60)))
    assert found[:6000] == plain
    far = [abs(a[3] - b[3]) for a, b in zip(soft, found[6000:], strict=True)]
    assert max(far) <= 8


def test_a_picture_of_another_kind_stays_as_it_is():
    """Rows filtered in a way that is not known here are left alone."""
    image = png(noise(16, 4), 4, filters=(4,))
    assert slimming.slimmed(image) == image


def test_a_picture_is_never_made_larger():
    """Where packing is no gain the picture stays as it is."""
    image = png(noise(4, 4), 2)
    assert slimming.slimmed(image) == image


def luminance(colour):
    """How bright a colour is, by the rules for readable pages (WCAG)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(a * b for a, b in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", [*drawing.INKS, drawing.PALE])
def test_inks_are_readable_on_any_ground(ink, ground):
    """Lines and letters stand out at 3.6 to 1 or more from white and from black."""
    pair = sorted((luminance(ink), luminance(GROUNDS[ground])))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 3.6


def curves(*prices):
    """Lines that stepped down after half a year."""
    half = START + timedelta(days=180)
    return [
        Curve(
            f"meter-{n} ${price}",
            (Step(START, half, price * 2), Step(half, None, price)),
            ((half, price),),
        )
        for n, price in enumerate(map(Decimal, prices))
    ]


def drawn(*prices):
    """The specification of these lines over a year."""
    return drawing.spec(curves(*prices), start=START, end=START + timedelta(days=365))


def test_names_of_lines_never_overlap():
    """Three lines that end at nearly one price have their names apart."""
    names = drawn("2", "2.01", "2.02")["layer"][2]["data"]["values"]
    places = sorted(row["price"] for row in names)
    least = drawing.LINE / drawing.HEIGHT * 5
    assert min(b - a for a, b in pairwise(places)) >= least * 0.99


def test_a_price_that_came_back_is_not_joined():
    """Where nothing was sold there is no line."""
    steps = (
        Step(START, START + timedelta(days=10), Decimal(1)),
        Step(START + timedelta(days=50), None, Decimal(2)),
    )
    end = START + timedelta(days=100)
    spec = drawing.spec([Curve("input $2.00", steps)], start=START, end=end)
    rows = spec["layer"][0]["data"]["values"]
    assert [row["part"] for row in rows] == [0, 0, 1, 1]


def test_a_chart_is_a_few_kilobytes():
    """A picture of three lines, twice as sharp as a page, is below 15 kB and clear
    where nothing is drawn.
    """
    pytest.importorskip("vl_convert")
    end = START + timedelta(days=365)
    image = drawing.png(curves("2", "8", "0.5"), start=START, end=end)
    assert len(image) < 15_000
    assert slimming.size_of(image)[0] < 2 * 480
    points = read(image)
    assert sum(point[3] == 0 for point in points) > len(points) / 2
