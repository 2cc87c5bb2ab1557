"""Blocklists as tests want them."""

from dataclasses import replace
from datetime import date
from typing import Any

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
from deliverwatch.core.subjects import SubjectKind

_PLAIN = Blocklist(
    id="sample",
    name="Sample list",
    zone="bl.example",
    kinds=frozenset(SubjectKind),
    scope=Scope.ADDRESS,
    codes=(
        ReturnCode("127.0.0.2", "spam source", Impact.HIGH),
        ReturnCode("127.0.0.3", "low reputation", Impact.MEDIUM),
        ReturnCode("127.0.0.10", "policy", Impact.CRITICAL),
    ),
    access=Access(AccessTerms.OPEN, "nothing needed"),
    removal=Removal(RemovalWay.SELF_SERVICE),
    test_points=(
        TestPoint(SubjectKind.IPV4, "127.0.0.2", ("127.0.0.2",)),
        TestPoint(SubjectKind.IPV4, "127.0.0.1"),
        TestPoint(SubjectKind.IPV6, "::ffff:7f00:2", ("127.0.0.2",)),
        TestPoint(SubjectKind.IPV6, "::ffff:7f00:1"),
        TestPoint(SubjectKind.DOMAIN, "test.uribl.example", ("127.0.0.2",)),
        TestPoint(SubjectKind.DOMAIN, "never.example"),
    ),
    source="made up",
    checked_on=date(2026, 11, 22),
    confidence=Confidence.HIGH,
)


def sample_list(**changes: Any) -> Blocklist:
    """A list of addresses and domains with exact codes, test points for every kind, and the changes asked for."""
    return replace(_PLAIN, **changes)
