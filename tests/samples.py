"""Values that several tests are made from."""

from datetime import UTC, date, datetime

from deliverwatch.core.blocklist import (
    Access,
    AccessTerms,
    Blocklist,
    Confidence,
    Impact,
    Removal,
    RemovalWay,
    ReturnCode,
    Scope,
    TestPoint,
)
from deliverwatch.core.inventory import Asset, Customer, Inventory, ServiceZone, Tam
from deliverwatch.core.subjects import SubjectKind

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)

SAMPLE_LIST = Blocklist(
    id="sample",
    name="Sample list",
    zone="bl.sample.example",
    kinds=frozenset({SubjectKind.IPV4, SubjectKind.IPV6}),
    scope=Scope.ADDRESS,
    codes=(ReturnCode("127.0.0.2", "sends spam", Impact.HIGH), ReturnCode("127.0.0.4", "is infected", Impact.CRITICAL)),
    access=Access(AccessTerms.OPEN, "open"),
    removal=Removal(RemovalWay.SELF_SERVICE, "https://sample.example/remove"),
    test_points=(
        TestPoint(SubjectKind.IPV4, "127.0.0.2", ("127.0.0.2",)),
        TestPoint(SubjectKind.IPV4, "127.0.0.1"),
        TestPoint(SubjectKind.IPV6, "::ffff:7f00:2", ("127.0.0.2",)),
        TestPoint(SubjectKind.IPV6, "::ffff:7f00:1"),
    ),
    source="made for the tests",
    checked_on=date(2026, 11, 1),
    confidence=Confidence.HIGH,
    on_by_default=True,
    leads=True,
)


def customer(customer_id, zone=ServiceZone.EASTERN, tam=None, contacts=None):
    tam = tam or Tam(f"Tam of {customer_id}", f"tam-{customer_id}@esp.example")
    return Customer(customer_id, customer_id.title(), zone, tam, contacts or (f"postmaster@{customer_id}.example",))


INVENTORY = Inventory(
    customers=(customer("acme"), customer("bravo", ServiceZone.UK)),
    assets=(
        Asset("192.0.2.8/29", "acme", pool="acme-news", stream="newsletter"),
        Asset("198.51.100.7", "bravo"),
        Asset("203.0.113.0/30", None, shared_with=("acme", "bravo"), pool="shared-1"),
    ),
)
