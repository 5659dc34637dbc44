"""Settings of mail and subscriptions: what is refused, and what follows."""

import pytest
from pydantic import ValidationError

from tracker.reports.settings import Mail, Subscription, bare
from tracker.reports.watching import meter_watcher, watcher


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": ["nobody"]},
        {"to": ["a@b\r\nBcc: c@d"]},
        {"to": ["a..b@example.org"]},
        {"to": ["ann@example..org"]},
        {"to": ["ann@example.org."]},
        {"to": ["änn@example.org"]},
        {"to": ["=?utf-8?q?x=0D=0A?= <ann@example.org>"]},
        {"to": ["ann@" + "ü" * 70 + ".example"]},
        {"mix": {"a/b": {"input": 10**30}}},
        {"mix": {"a/b": {"input": "NaN"}}},
        {"to": ["apprise:https://hooks.example.org/secret"]},
        {"name": "a/b"},
        {"min_pct": -1},
        {"min_pct": float("nan")},
        {"directions": "sideways"},
        {"verdicts": ["maybe"]},
        {"weekday": "someday"},
        {"limit": 0},
        {"mix": {"a/b": {"input": -1}}},
        {"models_": ["*"]},
    ],
)
def test_wrong_subscriptions_are_refused(wrong):
    """What cannot be meant is refused when it is read."""
    with pytest.raises(ValidationError):
        Subscription(**{"name": "s", **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "no address"},
        {"server": "mail.example.org", "security": "none", "username": "u"},
        {"security": "ssl"},
        {"port": 0},
        {"unsubscribe": "javascript:alert(1)"},
        {"unsubscribe": "https://example.org/a>b"},
        {"unsubscribe": "https://example.org/ä"},
        {"unsubscribe": "https://example.org/" + "a" * 990},
        {"timeout_seconds": 0},
        {"password": "secret"},
    ],
)
def test_wrong_mail_settings_are_refused(wrong):
    """A login in the clear, a password in a file, an address that is none."""
    with pytest.raises(ValidationError):
        Mail(**wrong)


@pytest.mark.parametrize(
    ("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)]
)
def test_the_port_follows_from_the_security(security, port):
    """Without a port the usual one is taken."""
    assert Mail(security=security).smtp_port == port


def test_an_address_may_have_a_name():
    """`Name <address>` is kept; the address proper is for the envelope."""
    assert bare("Prices <prices@example.org>") == "prices@example.org"
    assert Mail(sender="Prices <prices@example.org>").domain == "example.org"


@pytest.mark.parametrize(
    ("globs", "watched"),
    [
        (["gpt-4o*"], True),
        (["openai/*"], True),
        (["OPENAI/GPT-4O"], True),
        (["gpt-4"], False),
        (["*[4]*"], False),
        ([], False),
    ],
)
def test_models_are_watched_by_glob(globs, watched):
    """Globs are for the model or its offer, in any case; brackets are no sets."""
    row = {"provider": "openai", "model": "gpt-4o", "region": ""}
    assert watcher(Subscription(name="s", models=globs))(row) is watched


def test_meters_are_watched_by_glob():
    """`output*` watches the output's tiers as well."""
    watched = meter_watcher(Subscription(name="s", meters=["output*"]))
    assert watched("output+batch")
    assert not watched("input")


def test_a_domain_is_written_as_servers_know_it():
    """Letters beyond ASCII in a domain become the name that it is registered by."""
    made = Subscription(name="s", to=["Åsa <asa@bücher.example>"])
    assert made.to == ("Åsa <asa@xn--bcher-kva.example>",)


def test_an_address_named_twice_is_one_recipient():
    """The first spelling counts; channels are told apart."""
    to = ["ann@example.org", "Ann <ANN@example.org>", "apprise:A", "apprise:B"]
    made = Subscription(name="s", to=to)
    assert made.recipients == ("ann@example.org", "apprise:A", "apprise:B")
