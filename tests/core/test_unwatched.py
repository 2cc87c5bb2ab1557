from datetime import UTC, date, datetime

from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.unwatched import Sender, unwatched

TODAY = date(2026, 11, 26)
AT = datetime(2026, 11, 26, tzinfo=UTC)
HELD = Holdings(
    [
        Asset("192.0.2.0/28", "acme"),
        Asset("acme.example", "acme"),
        Asset("gone.example", "acme", until_on=date(2026, 11, 25)),
    ]
)


def sender(name, role="ip", events=1):
    return Sender("postfix", role, name, events, AT, AT)


def test_what_nobody_holds_today_is_named_the_most_used_first():
    seen = [
        sender("192.0.2.3"),
        sender("192.0.2.77", events=5),
        sender("2001:db8::7", events=9),
        sender("acme.example", "dkim"),
        sender("links.acme.example", "link"),
        sender("gone.example", "envelope", 2),
        sender("other.example", "dkim", 7),
    ]
    assert [each.name for each in unwatched(seen, HELD, TODAY)] == [
        "2001:db8::7",
        "other.example",
        "192.0.2.77",
        "gone.example",
    ]


def test_what_is_no_name_is_left_out():
    assert unwatched([sender("not a name"), sender("")], HELD, TODAY) == []
