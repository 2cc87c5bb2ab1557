"""The records a sender stands on, through time."""

from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.inventory import Asset
from deliverwatch.core.sender_dns import (
    NEWS_FOR,
    Found,
    Record,
    RecordKind,
    RecordState,
    fold,
    from_facts,
    records_of,
    relevant,
    to_facts,
    warning,
)
from deliverwatch.core.subjects import DomainRole, Subject, SubjectKind, expand

AT = datetime(2026, 11, 26, 6, tzinfo=UTC)
SOON, LATER = AT + timedelta(minutes=5), AT + timedelta(hours=1)
SPF = ("v=spf1 ip4:192.0.2.0/24 -all",)
OTHER = ("v=spf1 include:esp.example -all",)
RECORD = Record(RecordKind.SPF, "bounce.acme.example", Subject(SubjectKind.DOMAIN, "bounce.acme.example"))
UNKNOWN = Found(None, "SERVFAIL")


def test_what_is_looked_at_follows_from_the_roles():
    roles = (DomainRole.FROM, DomainRole.ENVELOPE, DomainRole.DKIM)
    domain = Asset("acme.example", "acme", roles=roles, dkim_selectors=("s1", "s2"))
    assert [record.key for record in records_of(domain, ())] == [
        ("spf", "acme.example"),
        ("dmarc", "_dmarc.acme.example"),
        ("dkim", "s1._domainkey.acme.example"),
        ("dkim", "s2._domainkey.acme.example"),
    ]
    assert records_of(Asset("links.acme.example", "acme", roles=(DomainRole.LINK,)), ()) == []
    addresses = Asset("192.0.2.8/31", "acme")
    assert [record.key for record in records_of(addresses, expand(addresses.name))] == [
        ("ptr", "192.0.2.8"),
        ("ptr", "192.0.2.9"),
    ]


@pytest.mark.parametrize(
    ("kind", "texts", "kept"),
    [
        (RecordKind.SPF, ["google-site-verification=x", "v=spf1 -all", "v=spf10 -all"], ("v=spf1 -all",)),
        (RecordKind.SPF, ["V=SPF1  mx\t-all"], ("V=SPF1 mx -all",)),
        (RecordKind.DMARC, ["v=DMARC1; p=none", "v=dmarc2"], ("v=DMARC1; p=none",)),
        (RecordKind.DKIM, ["v=DKIM1; k=rsa; p=MIGf"], ("v=DKIM1; k=rsa; p=MIGf",)),
        (RecordKind.DKIM, ["v=DKIM1; p="], ()),
        (RecordKind.PTR, ["Out1.ACME.example."], ("out1.acme.example",)),
        (RecordKind.PTR, ["b.example.", "a.example."], ("a.example", "b.example")),
    ],
)
def test_only_what_is_meant_is_compared(kind, texts, kept):
    assert relevant(kind, texts) == kept


def test_what_was_never_there_is_not_missed():
    state = fold(None, Found(()), AT)
    assert fold(state, Found(()), LATER) is state
    assert warning(RECORD, state, LATER) is None


def test_the_first_value_is_no_news():
    assert warning(RECORD, fold(None, Found(SPF), AT), AT) is None


def test_silence_changes_nothing():
    state = RecordState(SPF)
    assert fold(state, UNKNOWN, LATER) is state
    assert fold(None, UNKNOWN, AT) is None
    doubtful = fold(state, Found(()), AT)
    assert fold(doubtful, UNKNOWN, LATER) is doubtful


def test_a_change_is_believed_at_the_second_look_and_no_sooner():
    once = fold(RecordState(SPF), Found(()), AT)
    assert warning(RECORD, once, AT) is None
    assert fold(once, Found(()), SOON) is once
    twice = fold(once, Found(()), LATER)
    assert twice.is_gone
    told = warning(RECORD, twice, LATER)
    assert (told.what, told.opened_at, told.evidence["before"]) == ("spf_gone", AT, list(SPF))


def test_a_look_that_finds_the_old_value_again_ends_the_doubt():
    once = fold(RecordState(SPF), Found(OTHER), AT)
    assert fold(once, Found(SPF), LATER) == RecordState(SPF)


def test_two_different_answers_confirm_nothing():
    once = fold(RecordState(SPF), Found(OTHER), AT)
    again = fold(once, Found(()), LATER)
    assert again.values == SPF
    assert again.other_at == LATER


def test_a_changed_record_is_news_for_a_week_and_a_gone_one_until_it_is_back():
    changed = RecordState(OTHER, before=SPF, changed_at=AT)
    assert warning(RECORD, changed, AT + NEWS_FOR).what == "spf_changed"
    assert warning(RECORD, changed, AT + NEWS_FOR + timedelta(seconds=1)) is None
    gone = RecordState((), before=SPF, changed_at=AT)
    assert warning(RECORD, gone, AT + timedelta(days=90)).what == "spf_gone"
    back = fold(fold(gone, Found(SPF), LATER), Found(SPF), LATER + timedelta(hours=1))
    assert back.values == SPF
    assert warning(RECORD, back, LATER + timedelta(hours=2)) is None


@pytest.mark.parametrize("state", [RecordState(SPF), RecordState((), SPF, AT, OTHER, LATER)])
def test_a_state_comes_back_from_the_store_as_it_was(state):
    assert from_facts(to_facts(state)) == state
