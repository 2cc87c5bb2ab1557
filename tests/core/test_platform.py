"""What the platform says, held against the inventory."""

from datetime import UTC, date, datetime

import pytest

from deliverwatch.core.inventory import Asset, Inventory
from deliverwatch.core.platform import (
    PlatformDomain,
    PlatformIp,
    PlatformPool,
    PlatformSnapshot,
    PlatformSubaccount,
    difference,
    from_facts,
    to_facts,
)
from deliverwatch.core.subjects import DomainRole

TODAY = date(2026, 11, 26)
AT = datetime(2026, 11, 26, 3, tzinfo=UTC)
HELD = (
    Asset("192.0.2.10", "acme", pool="acme-news", subaccounts=("101",), stream="newsletter"),
    Asset("198.51.100.0/28", "acme", pool="other-mta"),
    Asset("203.0.113.1", None, ("acme", "globex"), pool="shared-1", subaccounts=("101", "102")),
    Asset("news.acme.example", "acme", roles=(DomainRole.FROM,)),
)


def snapshot(*ips, domains=()):
    pools = (PlatformPool("p1", "acme-news"), PlatformPool("shared-1", "Shared"), PlatformPool("p9", "nobodys"))
    return PlatformSnapshot("sparkpost", AT, ips, pools, (PlatformSubaccount("101", "Acme", "active"),), domains)


KNOWN = (PlatformIp("192.0.2.10", "p1"), PlatformIp("203.0.113.1", "shared-1"))


def test_what_agrees_changes_nothing():
    assert not difference(Inventory((), HELD), snapshot(*KNOWN), TODAY)


def test_a_new_address_goes_to_the_holder_of_its_pool_from_today():
    found = difference(Inventory((), HELD), snapshot(*KNOWN, PlatformIp("192.0.2.11", "p1")), TODAY)
    (asset,) = found.change.assets_added
    assert (asset.name, asset.holder, asset.pool, asset.stream, asset.from_on) == (
        "192.0.2.11",
        "acme",
        "acme-news",
        "newsletter",
        TODAY,
    )
    assert not found.unmapped


def test_a_new_address_of_a_shared_pool_is_shared_alike():
    found = difference(Inventory((), HELD), snapshot(*KNOWN, PlatformIp("203.0.113.2", "shared-1")), TODAY)
    assert found.change.assets_added[0].shared_with == ("acme", "globex")


@pytest.mark.parametrize("pool", ["p9", None, "unheard-of"])
def test_an_address_of_nobodys_pool_is_named_and_given_to_nobody(pool):
    found = difference(Inventory((), HELD), snapshot(*KNOWN, PlatformIp("192.0.2.99", pool)), TODAY)
    assert not found.change
    assert "192.0.2.99" in found.unmapped[0]


def test_an_address_that_left_its_pool_ends_yesterday_and_others_stay():
    found = difference(Inventory((), HELD), snapshot(KNOWN[1]), TODAY)
    ((asset, day),) = found.change.assets_ended
    assert (asset.name, day) == ("192.0.2.10", date(2026, 11, 25))


def test_an_address_that_moved_ends_in_one_pool_and_begins_in_the_other():
    found = difference(Inventory((), HELD), snapshot(KNOWN[1], PlatformIp("192.0.2.10", "shared-1")), TODAY)
    assert [asset.name for asset, _ in found.change.assets_ended] == ["192.0.2.10"]
    assert [(asset.name, asset.holder) for asset in found.change.assets_added] == [("192.0.2.10", None)]


def test_a_new_domain_goes_to_the_customer_of_its_subaccount_if_there_is_one():
    alone = (Asset("192.0.2.10", "acme", pool="acme-news", subaccounts=("101",)), *HELD[3:])
    domains = (
        PlatformDomain("news.acme.example", (DomainRole.FROM,), "101"),
        PlatformDomain("shop.acme.example", (DomainRole.FROM, DomainRole.DKIM), "101"),
        PlatformDomain("whose.example", (DomainRole.LINK,), "555"),
    )
    found = difference(Inventory((), alone), snapshot(KNOWN[0], domains=domains), TODAY)
    assert [(asset.name, asset.holder, asset.roles) for asset in found.change.assets_added] == [
        ("shop.acme.example", "acme", (DomainRole.FROM, DomainRole.DKIM))
    ]
    assert len(found.unmapped) == 1
    assert "whose.example" in found.unmapped[0]


def test_a_subaccount_of_several_customers_decides_nothing():
    domains = (PlatformDomain("shop.acme.example", (DomainRole.FROM,), "101"),)
    found = difference(Inventory((), HELD), snapshot(*KNOWN, domains=domains), TODAY)
    assert not found.change
    assert len(found.unmapped) == 1


def test_a_snapshot_comes_back_from_the_store_as_it_was():
    before = snapshot(*KNOWN, domains=(PlatformDomain("x.example", (DomainRole.LINK,), None),))
    assert from_facts(to_facts(before)) == before
