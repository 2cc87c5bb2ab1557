"""`[alerts]`: channels, routes, rota, deputies; each fault with its sentence, and no secret shown."""

from datetime import UTC, date, datetime, time
from ipaddress import ip_network

import pytest

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.errors import ConfigError
from deliverwatch.core.receivers import DEFAULT_ROUTES
from deliverwatch.core.routing import ChannelKind, Family, Match, Rhythm, Route
from deliverwatch.settings import load_settings

SECRET = "hush-hush-4711"
WHOLE = f"""
[alerts]
to = ["ops@esp.example"]
zone = "eastern"
[alerts.channels]
chat = {{kind = "slack", url = "https://chat.esp.example/{SECRET}", rhythm = "start_and_end"}}
pager = {{kind = "pagerduty", url = "https://pager.example/v2/enqueue", key = "{SECRET}"}}
desk = {{kind = "webhook", url = "https://desk.esp.example/{SECRET}", secret = "{SECRET}", inside = ["192.0.2.0/24"]}}
more = {{kind = "apprise", urls = ["json://{SECRET}@other.example"]}}
email = {{kind = "email", rhythm = "digest"}}
[alerts.on_call]
people = ["ann@esp.example", "pager"]
starts_on = 2026-11-30
hands_over = 08:30:00
every = "14d"
zone = "pacific"
[[alerts.covers]]
person = "ben@esp.example"
from = 2026-12-24T17:00:00Z
until = 2026-12-28T09:00:00Z
[[alerts.deputies]]
person = "robin@esp.example"
deputy = "sam@esp.example"
[[alerts.absences]]
person = "robin@esp.example"
from = 2026-12-21T00:00:00Z
until = 2027-01-04T00:00:00Z
[[alerts.routes]]
name = "bad"
kinds = ["listing", "block"]
customers = ["acme"]
impact = "high"
mail_share = 0.2
to = ["on_call", "chat", "second@esp.example"]
at_once = true
last = true
"""


def load(tmp_path, text):
    file = tmp_path / "deliverwatch.toml"
    file.write_text(text)
    return load_settings(file, {})


def test_all_of_it_is_read(tmp_path):
    alerts = load(tmp_path, WHOLE).alerts
    match = Match((Family.LISTING, Family.BLOCK), ("acme",), Impact.HIGH, 0.2)
    to = ("on_call", "chat", "second@esp.example")
    assert alerts.routes == (Route("bad", match, to, at_once=True, last=True),)
    rota = alerts.rota
    assert (rota.people, rota.starts_on, rota.hands_over) == (
        ("ann@esp.example", "pager"),
        date(2026, 11, 30),
        time(8, 30),
    )
    assert (rota.every_days, rota.zone.key) == (14, "America/Los_Angeles")
    assert rota.on_call(datetime(2026, 12, 25, tzinfo=UTC)) == "ben@esp.example"
    assert alerts.deputies.acting_for("robin@esp.example", datetime(2026, 12, 25, tzinfo=UTC)) == "sam@esp.example"
    assert {name: (each.kind, each.rhythm) for name, each in alerts.channels.items()} == {
        "chat": (ChannelKind.SLACK, Rhythm.START_AND_END),
        "pager": (ChannelKind.PAGERDUTY, Rhythm.EACH),
        "desk": (ChannelKind.WEBHOOK, Rhythm.EACH),
        "more": (ChannelKind.APPRISE, Rhythm.EACH),
        "email": (ChannelKind.EMAIL, Rhythm.DIGEST),
    }
    assert alerts.channels["desk"].inside == (ip_network("192.0.2.0/24"),)


def test_no_address_and_no_key_is_shown(tmp_path):
    settings = load(tmp_path, WHOLE)
    assert SECRET not in repr(settings)
    assert SECRET not in repr(settings.rows())
    shown = {name: value for name, value, _ in settings.rows()}
    assert shown["alerts.channels.chat"] == "kind = slack, url = ***, rhythm = start_and_end"
    assert shown["alerts.routes"] == [
        "bad: listing, block, acme, impact high or worse, mail share 0.2 or more to "
        "on_call, chat, second@esp.example, at once"
    ]


@pytest.mark.parametrize(
    "channel",
    [
        "{kind = 'webhook', url = 'http://127.0.0.1:8080/x'}",
        "{kind = 'webhook', url = 'http://desk.inside.example/x', inside = ['192.0.2.0/24']}",
    ],
)
def test_without_encryption_only_this_machine_and_networks_of_ones_own_are_called(tmp_path, channel):
    assert load(tmp_path, f"[alerts.channels]\ndesk = {channel}\n").alerts.channels["desk"].urls


def test_where_nothing_is_set_the_default_routes_stand(tmp_path):
    assert load(tmp_path, "[alerts]\nto = []\n").alerts.routes == DEFAULT_ROUTES


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[alerts.channels]\nchat = {kind = 'slack'}", "a channel of kind slack needs 'url'"),
        ("[alerts.channels]\nchat = {url = 'https://x.example'}", "the key 'kind' is missing"),
        ("[alerts.channels]\nchat = {kind = 'slak', url = 'https://x.example'}", "did you mean 'slack'"),
        ("[alerts.channels]\nmore = {kind = 'apprise', urls = ['json://x'], key = 'k'}", "takes no 'key'"),
        ("[alerts.channels]\nwebhook = {kind = 'webhook', url = 'https://x.example'}", "the name is taken"),
        ("[alerts.channels]\ntam = {kind = 'slack', url = 'https://x.example'}", "the name is taken"),
        ("[alerts.channels]\nmail = {kind = 'email'}", "the channel of kind email is called email"),
        (
            "[alerts.channels]\npager = {kind = 'pagerduty', url = 'https://x.example', key = 'k', rhythm = 'digest'}",
            "a pager takes no digest",
        ),
        ("[alerts.channels]\nchat = {kind = 'slack', url = 'nothing'}", "(the value is not shown)"),
        ("[[alerts.routes]]\nname = 'a'\nto = ['chat']", "route 'a': unknown receiver 'chat'"),
        ("[[alerts.routes]]\nname = 'a'\nto = ['tam']\nimpakt = 'high'", "did you mean 'impact'"),
        ("[[alerts.routes]]\nto = ['tam']", "table 1: the key 'name' is missing"),
        ("[[alerts.routes]]\nname = 'a'\nto = ['tam']\nmail_share = 20", "expected a share such as 0.2"),
        ("[alerts.on_call]\npeople = []\nstarts_on = 2026-11-30", "people: expected at least one"),
        ("[alerts.on_call]\npeople = ['pager']\nstarts_on = 2026-11-30", "unknown person or channel 'pager'"),
        ("[alerts.on_call]\npeople = ['a@x.example']\nstarts_on = '2026-11-30'", "without quotes"),
        ("[alerts.on_call]\npeople = ['a@x.example']\nstarts_on = 2026-11-30\nevery = '36h'", "expected whole days"),
        (
            "[[alerts.absences]]\nperson = 'a@x.example'\nfrom = 2026-12-02T00:00:00Z\nuntil = 2026-12-01T00:00:00Z",
            "ends before it begins",
        ),
        (
            "[[alerts.absences]]\nperson = 'a@x.example'\nfrom = 2026-12-02\nuntil = 2026-12-03",
            "expected an instant such as 2026-12-24T17:00:00Z",
        ),
        (
            "[[alerts.absences]]\nperson = 'a@x.example'\ndeputy = 'pagr'\n"
            "from = 2026-12-02T00:00:00Z\nuntil = 2026-12-03T00:00:00Z",
            "unknown person or channel 'pagr'",
        ),
        ("[alerts.channels]\ndesk = {kind = 'webhook', url = 'file:///etc/passwd'}", "expected https://"),
        ("[alerts.channels]\nchat = {kind = 'slack', url = 'http://chat.esp.example/x'}", "expected https://"),
        ("[alerts]\nzone = 'berlin'", "berlin"),
    ],
)
def test_each_fault_has_its_sentence(tmp_path, text, problem):
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert problem in "; ".join(fault.problem for fault in raised.value.faults)
