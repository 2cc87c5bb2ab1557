"""What the checks of one customer cover, and whose counts are theirs."""

from dataclasses import replace
from datetime import UTC, date, datetime

from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.practice_policy import PracticePolicy
from deliverwatch.core.practice_scope import names_of, scope_of
from deliverwatch.core.subjects import DomainRole
from samples import customer

TODAY = date(2026, 11, 24)
HOUR = datetime(2026, 11, 23, 10, tzinfo=UTC)
FROM, ENVELOPE, DKIM, LINK, HELO = (DomainRole[name] for name in ("FROM", "ENVELOPE", "DKIM", "LINK", "HELO"))
INVENTORY = Inventory(
    (customer("acme"), customer("bravo")),
    (
        Asset("192.0.2.8/30", "acme", pool="news"),
        Asset("198.51.100.7", "bravo"),
        Asset("203.0.113.0/30", None, shared_with=("acme", "bravo")),
        Asset("203.0.113.2", "bravo"),
        Asset("203.0.113.9", None, shared_with=("acme",)),
        Asset("192.0.2.99", "acme", until_on=date(2026, 11, 1)),
        Asset("news.acme.example", "acme", roles=(FROM, HELO)),
        Asset("bounce.acme.example", "acme", roles=(ENVELOPE,)),
        Asset("acme.example", "acme", roles=(DKIM,), dkim_selectors=("s1", "s2")),
        Asset("click.acme.example", "acme", roles=(LINK,)),
        Asset("esp.example", None, shared_with=("acme", "bravo"), roles=(ENVELOPE, DKIM)),
        Asset("bravo.example", "bravo", roles=(FROM,)),
    ),
)
SCOPE = scope_of("acme", INVENTORY, TODAY)


def key(ip="", domain=""):
    return FactKey("postfix", ip, "yahoo", domain, "", "", "", HOUR)


def test_what_they_hold_and_what_is_shared_with_them():
    assert SCOPE.held == {f"192.0.2.{n}" for n in (8, 9, 10, 11)} | {
        *("203.0.113.0", "203.0.113.1", "203.0.113.3", "203.0.113.9")
    }
    assert SCOPE.from_domains == SCOPE.helo_domains == ("news.acme.example",)
    assert SCOPE.envelope_domains == ("bounce.acme.example", "esp.example")
    assert SCOPE.dkim_domains == ("acme.example", "esp.example")
    assert SCOPE.selectors == {"acme.example": ("s1", "s2")}
    assert "click.acme.example" not in SCOPE.domains


def test_nothing_of_another_customer_is_in_it():
    assert not [name for name in map(str, (SCOPE.held, SCOPE.domains, SCOPE.own)) if "bravo" in name]
    assert "198.51.100.7" not in SCOPE.held
    assert "203.0.113.2" not in SCOPE.held


def test_whose_counts_are_theirs():
    assert SCOPE.is_theirs(key("192.0.2.8", "whoever.example"))
    assert SCOPE.is_theirs(key("203.0.113.9"))
    assert SCOPE.is_theirs(key("203.0.113.0", "bounce.acme.example"))
    assert not SCOPE.is_theirs(key("203.0.113.0", "bounce.bravo.example"))
    assert not SCOPE.is_theirs(key("203.0.113.0", "esp.example"))
    assert not SCOPE.is_theirs(key("203.0.113.0"))


def test_from_where_a_domain_was_seen_to_send():
    mail = [
        (key("192.0.2.9", "bounce.acme.example"), FactCounts(10)),
        (key("192.0.2.8", "bounce.acme.example"), FactCounts(None, 3)),
        (key("192.0.2.10", "bounce.acme.example"), FactCounts(complaints=1)),
        (key("198.51.100.7", "bounce.acme.example"), FactCounts(10)),
        (key("192.0.2.9", "bravo.example"), FactCounts(10)),
    ]
    seen = scope_of("acme", INVENTORY, TODAY, mail=mail)
    assert seen.seen_from == {"bounce.acme.example": ("192.0.2.8", "192.0.2.9")}


def test_of_many_addresses_those_that_send_are_looked_at_first_and_the_rest_is_counted():
    mail = [(key("203.0.113.9", "bounce.acme.example"), FactCounts(10))]
    few = scope_of("acme", INVENTORY, TODAY, PracticePolicy(most_addresses=2), mail)
    assert few.addresses == ("203.0.113.9", "192.0.2.8")
    assert few.left_out == 6
    assert SCOPE.left_out == 0


def test_what_is_loaded_for_them():
    names = names_of("acme", INVENTORY, TODAY)
    assert names >= SCOPE.held | set(SCOPE.domains)
    assert "198.51.100.7" not in names


def test_a_domain_and_what_is_below_it():
    assert SCOPE.has_domain("acme.example")
    assert SCOPE.has_domain("shop.acme.example")
    assert not SCOPE.has_domain("xacme.example")
    assert not replace(SCOPE, dkim_domains=(), envelope_domains=()).has_domain("acme.example")
