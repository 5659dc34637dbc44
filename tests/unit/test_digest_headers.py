"""Headers: what is written is what is read, whatever it holds."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.reports.headers import KEPT, WRITTEN, address
from tracker.reports.wording import harmless


def arrived(subject):
    """A message of this subject, stored, read again and sent; and its bytes."""
    made = EmailMessage(policy=WRITTEN)
    made["Subject"] = subject
    made.set_content("text")
    kept = message_from_bytes(made.as_bytes(), _class=EmailMessage, policy=KEPT)
    kept["List-Id"] = f"<{'team.' * 20}example.org>"
    sent = kept.as_bytes()
    return message_from_bytes(sent, _class=EmailMessage, policy=SMTP), sent


@given(st.text(max_size=300))
def test_a_subject_arrives_as_it_was(text):
    """Any text that is harmless comes back unchanged, from lines of 78 at most."""
    subject = " ".join(harmless(text).split(" ")).strip()
    found, sent = arrived(subject)
    assert found["Subject"].strip() == subject
    assert found.defects == []
    head = sent.partition(b"\r\n\r\n")[0].split(b"\r\n")
    long = [line for line in head if len(line) > 78]
    assert [line for line in long if b"team." not in line] == []


@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?a=0D=0ABcc:_eve=40example.org?=",
        "=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm9yZw0K?=",
        "x =?utf-8?q?=E2=80=AE?= y",
        "=?",
    ],
)
def test_an_encoded_word_in_a_name_is_text(name):
    """A name that looks like an encoded header is not decoded into one."""
    found, sent = arrived(f"1 price change: {name} +5 %")
    assert found["Subject"] == f"1 price change: {name} +5 %"
    assert found["Bcc"] is None
    assert b"\nBcc" not in sent


def test_a_plain_subject_is_not_encoded():
    """What is plain is readable in the file."""
    assert b"Subject: No price changes\r\n" in arrived("No price changes")[1]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Bob <bob@example.org>", "Bob <bob@example.org>"),
        ("Smith, Bob <bob@example.org>", '"Smith, Bob" <bob@example.org>'),
        ('"Smith, Bob" <bob@example.org>', '"Smith, Bob" <bob@example.org>'),
        ("Bob (work) <bob@example.org>", '"Bob (work)" <bob@example.org>'),
    ],
)
def test_a_recipients_name_is_quoted_where_it_has_to_be(text, written):
    """A comma in a name does not make two recipients."""
    assert address(text) == written
