"""Weeks of a customer, as reports: a bad one, a quiet one, one that could not be checked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
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
    UsedBy,
)
from deliverwatch.core.bulletin import BulletinItem
from deliverwatch.core.coverage import Cycle, Gap, Span
from deliverwatch.core.delivery import FactCounts, FactKey
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Customer, Holdings, ServiceZone, Tam
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import DomainRole, SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.week_before import LastWeek
from deliverwatch.core.week_facts import week_facts
from deliverwatch.core.weekly import WeeklyReport, assemble
from render.week_runs import held_week, idle_week, off_week, over_week, refused_week, run_week, shared_week, told

HOUR = timedelta(hours=1)
WEEK = Span(datetime(2026, 11, 16, 5, tzinfo=UTC), datetime(2026, 11, 23, 5, tzinfo=UTC))
WEEK_BEFORE = Span(WEEK.begin - timedelta(days=7), WEEK.begin)
MADE_AT = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
IPS = frozenset({SubjectKind.IPV4, SubjectKind.IPV6})
NAMES = frozenset({SubjectKind.DOMAIN})
POINTS = {
    kind: (TestPoint(kind, listed, ("127.0.0.2",)), TestPoint(kind, not_listed))
    for kind, listed, not_listed in (
        (SubjectKind.IPV4, "127.0.0.2", "127.0.0.1"),
        (SubjectKind.IPV6, "::ffff:7f00:2", "::ffff:7f00:1"),
        (SubjectKind.DOMAIN, "listed.example", "clear.example"),
    )
}

ACME = Customer(
    "acme",
    "Acme Ltd",
    ServiceZone.EASTERN,
    Tam("Example TAM", "tam@esp.example", "+1 555 0100"),
    ("postmaster@acme.example",),
)
ASSETS = (
    Asset("192.0.2.8/29", "acme", pool="acme-news", stream="newsletter"),
    Asset("2001:db8::10", "acme", pool="acme-receipts", stream="receipts"),
    Asset("news.acme.example", "acme", roles=(DomainRole.FROM, DomainRole.LINK)),
    Asset("203.0.113.0/30", None, shared_with=("acme", "bravo"), pool="shared-1"),
)


def blocklist(list_id, name, impact, kinds=IPS, scope=Scope.ADDRESS, takes="nothing", leads=True):
    return Blocklist(
        id=list_id,
        name=name,
        zone=f"{list_id}.example",
        kinds=kinds,
        scope=scope,
        codes=(ReturnCode("127.0.0.2", "sends spam", impact),),
        access=Access(AccessTerms.OPEN, takes),
        removal=Removal(RemovalWay.SELF_SERVICE, f"https://{list_id}.example/remove"),
        test_points=tuple(point for kind in sorted(kinds) for point in POINTS[kind]),
        source="made for the tests",
        checked_on=date(2026, 11, 1),
        confidence=Confidence.HIGH,
        lookup_url=f"https://{list_id}.example/lookup",
        leads=leads,
    )


GREAT = blocklist("great", "Great list", Impact.CRITICAL)
WIDE = replace(
    GREAT, scope=Scope.NETWORK, used_by=(UsedBy("Example Mail", "its refusals name the list", "example-mail"),)
)
DOMAINS = blocklist("domains", "Domain list", Impact.CRITICAL, NAMES, Scope.DOMAIN)
MIDDLE = blocklist("middle", "Middle list", Impact.HIGH)
SMALL = blocklist("small", "Small list", Impact.LOW, leads=False)
KEYED = blocklist("keyed", "Keyed list", Impact.HIGH, takes="a free account; put its key under [keys] as keyed")
RARE = blocklist("rare", "Rare list", Impact.MEDIUM, takes="registration of the address you ask from, free of charge")
MUTE = replace(blocklist("mute", "Mute list", Impact.MEDIUM), test_points=())
LISTS = (GREAT, DOMAINS, MIDDLE, SMALL)


def cycles(lists=LISTS, span=WEEK, failing=None, stopped=None):
    """One round an hour; `failing`: list id -> (hours from, hours to, why); `stopped`: hours without any round."""
    made = []
    for each in lists:
        since, until, why = (failing or {}).get(each.id, (0, 0, None))
        for hour in range(span.length // HOUR + 1):
            at = span.begin + hour * HOUR
            bad = since <= hour < until
            if at < span.end and hour not in (stopped or ()):
                detail = why if bad else None
                made.append(
                    Cycle(each.id, "192.0.2.53:53", at, at, not bad, _well(bad), True, at + HOUR, 12, detail=detail)
                )
    return made


def _well(bad):
    return () if bad else tuple(SubjectKind)


def listing(of, name, opened, closed=None, ended=None, meaning="sends spam", impact=None, incident=None):
    """`opened`, `closed`: hours from the week's begin."""
    opened_at = WEEK.begin + opened * HOUR
    key = f"listing_opened/{of.id}/{name}/{opened_at.isoformat()}"
    return Listing(
        key=key,
        list_id=of.id,
        subject=parse_subject(name),
        opened_at=opened_at,
        confirmed_at=opened_at + timedelta(minutes=1),
        closed_at=None if closed is None else WEEK.begin + closed * HOUR,
        ended=ended,
        codes=("127.0.0.2",),
        meanings=(meaning,),
        impact=impact or of.worst_impact,
        reason=None,
        path="192.0.2.53:53",
        incident=incident or key,
    )


PROVIDERS = {"outlook": "Outlook.com", "yahoo": "Yahoo"}


def block(provider, name, opened, closed=None, ended=EpisodeEnd.ACCEPTED, last_seen=None, replies=None, share=None):
    """`opened`, `closed`, `last_seen`: hours from the week's begin."""
    subject, opened_at = parse_subject(name), WEEK.begin + opened * HOUR
    return Episode(
        episode_key(EpisodeKind.BLOCK, provider, subject, "ip_block", opened_at),
        EpisodeKind.BLOCK,
        provider,
        subject,
        "ip_block",
        ReplyClass.IP_BLOCK,
        opened_at,
        opened_at if last_seen is None else WEEK.begin + last_seen * HOUR,
        None if closed is None else WEEK.begin + closed * HOUR,
        None if closed is None else ended,
        mail_share=share,
        evidence={} if replies is None else {"replies": replies},
    )


def mail(span, name="192.0.2.9", source="powermta", provider="outlook", **counts):
    """Counted in the first hour of a week."""
    key = FactKey(source, name, provider, "news.acme.example", "acme-news", "", "", span.begin)
    return key, FactCounts(**counts)


def last_week(counted=(), **said):
    """The week before, which had a report; its mail was what its report said, where nothing else is given."""
    nothing = {"open_at_end": 0, "opened": 0, "closed": 0, "verified_ratio": 1.0, "watch_hours": 6720}
    return LastWeek(WEEK_BEFORE, nothing | said, tuple(counted))


def draft(of, state, reference=None, outcome=None, customer="acme", also=(), **more):
    """About one listing or block, and others of its cause."""
    is_listing = isinstance(of, Listing)
    sent = state in (DraftState.SUBMITTED, DraftState.ANSWERED)
    about = of.list_id if is_listing else of.provider
    facts = {
        "id": f"d-{about}-{of.subject}",
        "customer": customer,
        "form": "list-operator" if is_listing else "postmaster-letter",
        "form_digest": "0",
        "provider": about,
        "kind": DraftKind.LISTING if is_listing else DraftKind.BLOCK,
        "channel": FormChannel.WEB_FORM,
        "url": None,
        "to": None,
        "subjects": tuple(each.subject.value for each in (of, *also)),
        "state": state,
        "text": "",
        "fields": (),
        "missing": (),
        "blockers": (),
        "evidence": (),
        "created_at": of.opened_at + timedelta(minutes=2),
        "changed_at": of.opened_at + timedelta(minutes=2),
        "due_at": of.opened_at + timedelta(hours=4),
        "episodes": tuple(each.key for each in (of, *also)),
        "cause": of.key,
        "reference": reference,
        "outcome": outcome,
        "submitted_at": of.opened_at + timedelta(hours=3) if sent else None,
        "answered_at": of.opened_at + timedelta(hours=20) if state is DraftState.ANSWERED else None,
    }
    return Draft(**(facts | more))


CHECKED_AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def result(check, subject, outcome=CheckOutcome.PASS, found="as it should be", at=CHECKED_AT):
    return CheckResult(check, subject, outcome, found, at, "looked up by 192.0.2.53:53")


def advice(check, subject, problem, found, opened, mended=None, facts=None, **more):
    """`opened`, `mended`: hours from the week's begin."""
    return Advice(
        id=f"{check}/{subject}/{problem}/{opened}",
        customer="acme",
        check=check,
        subject=subject,
        problem=problem,
        facts=facts or {},
        found=found,
        opened_at=WEEK.begin + opened * HOUR,
        mended_at=None if mended is None else WEEK.begin + mended * HOUR,
        **more,
    )


def week(**changes) -> WeeklyReport:
    everybodys = {
        "assets": ASSETS,
        "listings": (),
        "cycles": cycles(),
        "gaps": (),
        "episodes": (),
        "drafts": (),
    }
    facts = {
        "customer": ACME,
        "week": "2026-W47",
        "span": WEEK,
        "zone_name": "America/New_York",
        "made_at": MADE_AT,
        "lists_on": LISTS,
        "lists_off": (),
        "every": {each.id: HOUR for each in (*LISTS, MUTE, KEYED, RARE)},
        "provider_names": PROVIDERS,
    }
    facts |= {name: value for name, value in changes.items() if name not in everybodys}
    everybodys |= {name: value for name, value in changes.items() if name in everybodys}
    covered = Span(facts["span"].begin, min(facts["span"].end, facts["made_at"]))
    holdings = Holdings(everybodys.pop("assets"))
    return assemble(facts=week_facts(covered, holdings, **everybodys), **facts)


def quiet_week() -> WeeklyReport:
    """As quiet as the one before; and all is measured that can be."""
    counts = {"attempted": 1_250_400, "delivered": 1_234_567, "deferred": 5_400, "bounced": 10_433}
    checks = [result(each, "news.acme.example") for each in (Check.SPF, Check.DMARC)]
    return week(
        counted=[mail(WEEK, **counts)],
        last_week=last_week([mail(WEEK_BEFORE, **counts)], **counts),
        practice=checks,
    )


def first_week() -> WeeklyReport:
    """Nothing was before it, and nothing is measured."""
    return week()


NEWS = BulletinItem(
    date(2026, 11, 18),
    "A list has closed",
    "Its operator answers no more questions since that day; what it said before is void.",
    "https://lists.example/closed",
)
NOTE = "We spoke on Thursday: the sign-up form is mended, and we expect the block at Outlook.com to end this week."


def compared_week() -> WeeklyReport:
    """Beside one of which other numbers were told; with blocks that were counted, and one that was granted in vain."""
    old = listing(MIDDLE, "192.0.2.10", -100, -20, Ending.DELISTED)
    again = listing(GREAT, "news.acme.example", -30, None)
    found = [listing(GREAT, "192.0.2.9", 30), replace(again, list_id="domains"), old]
    blocked = [block("outlook", f"192.0.2.{n}", 26, last_seen=160, replies=410 * n, share=n / 100) for n in (9, 10)]
    yahoo = block("yahoo", "2001:db8::10", 20, 66, replies=12, share=0.0004)
    shared = block("yahoo", "203.0.113.2", 60, 120, EpisodeEnd.BY_HAND, replies=900, share=0.5)
    granted = draft(blocked[0], DraftState.ANSWERED, "SRX-901", RequestOutcome.GRANTED, also=[blocked[1]])
    granted = replace(granted, addressee="Microsoft")
    removed = draft(found[0], DraftState.ANSWERED, "REQ-7", RequestOutcome.GRANTED)
    return week(
        listings=found,
        episodes=[*blocked, yahoo, shared],
        drafts=[granted, removed],
        cycles=cycles(failing={"middle": (40, 46, "no answer in time")}),
        counted=[
            mail(WEEK, attempted=820_000, delivered=790_100, deferred=9_200, bounced=20_700),
            mail(WEEK, "2001:db8::10", attempted=41_200, delivered=41_000, bounced=200),
            mail(WEEK, "203.0.113.2", "ses", attempted=7, delivered=7, deferred=0, bounced=0),
        ],
        last_week=last_week(
            [mail(WEEK_BEFORE, attempted=905_000, delivered=898_000, deferred=3_100, bounced=3_900)],
            opened=1,
            open_at_end=0,
            closed=1,
            attempted=904_000,
            delivered=897_000,
            deferred=3_100,
            bounced=3_900,
        ),
        bulletin=[NEWS],
        note=NOTE,
    )


def bad_week() -> WeeklyReport:
    found = [
        listing(GREAT, "192.0.2.10", 28.7, meaning="a spam source, found by the list's own traps"),
        listing(MIDDLE, "192.0.2.10", 31.2, impact=Impact.HIGH),
        listing(MIDDLE, "203.0.113.2", 60),
        listing(DOMAINS, "news.acme.example", -40, 75.4, Ending.DELISTED, meaning="a domain seen in spam"),
        listing(SMALL, "2001:db8::10", 12, 100, Ending.LIST_ENDED, meaning="sends spam"),
        listing(SMALL, "192.0.2.12", 90, 99, Ending.VOID),
    ]
    return week(
        listings=found,
        cycles=cycles(
            failing={
                "middle": (
                    40,
                    46,
                    "test point 127.0.0.2 must be listed and is not: the list has gone empty, or something hides it",
                ),
                "small": (88, 168, "the server answered REFUSED: we may not ask it"),
            }
        ),
        gaps=[
            Gap(
                Watch("great", parse_subject("192.0.2.11")),
                WEEK.begin + 20 * HOUR,
                WEEK.begin + 23 * HOUR,
                Outcome.UNREACHABLE,
                "no answer in time",
            )
        ],
        lists_off=(KEYED, RARE),
        drafts=[
            draft(found[0], DraftState.SUBMITTED, "REQ-10442"),
            draft(found[1], DraftState.PREPARED),
            draft(found[2], DraftState.PULLED, "for bravo", customer=None),
        ],
    )


def unchecked_week() -> WeeklyReport:
    return week(
        cycles=cycles(failing={"great": (100, 168, "no answer in time")}, stopped=range(30, 50)),
        lists_on=(GREAT, MIDDLE, SMALL),
        lists_off=(
            replace(DOMAINS, access=Access(AccessTerms.KEY, "a data agreement with the list, and its key")),
            RARE,
        ),
    )


def range_week() -> WeeklyReport:
    """A range of theirs, told as one incident, of which one address was delisted; and a list that matters less."""
    told = "listing_opened/great/192.0.2.8"
    of_range = [
        listing(WIDE, f"192.0.2.{n}", 40 + n / 1000, incident=told, meaning="a network of spammers")
        for n in range(8, 15)
    ]
    delisted = listing(WIDE, "192.0.2.15", 40, 90, Ending.DELISTED, "a network of spammers", incident=told)
    small = [listing(SMALL, name, 20, incident="small") for name in ("192.0.2.9", "192.0.2.11")]
    void = [listing(MIDDLE, f"203.0.113.{n}", 60, 61, Ending.VOID, incident="void") for n in range(4)]
    return week(
        listings=[*small, *of_range, delisted, *void],
        lists_on=(WIDE, DOMAINS, MIDDLE, SMALL),
        drafts=[draft(of_range[2], DraftState.PREPARED)],
    )


def minor_week() -> WeeklyReport:
    """One listing on a list that matters less; and a list that can never be verified."""
    return week(listings=[listing(SMALL, "192.0.2.9", 20)], lists_on=(*LISTS, MUTE))


def warming_week() -> WeeklyReport:
    """One of each that is drawn, and a shared one."""
    return week(
        warmups=told(
            run_week(),
            refused_week(),
            held_week(),
            over_week(),
            off_week(),
            idle_week(),
            shared_week(),
        )
    )


def asked_week() -> WeeklyReport:
    """Requests in each state, about listings and blocks; and what is to be put in order."""
    listed, gone = listing(GREAT, "192.0.2.9", 30), listing(MIDDLE, "192.0.2.10", 2, 80, Ending.DELISTED)
    expires = listing(SMALL, "192.0.2.12", 50)
    blocked = [block("outlook", f"192.0.2.{n}", 26, last_seen=160) for n in (9, 10)]
    yahoo = block("yahoo", "192.0.2.11", 70, last_seen=166)
    shared = block("yahoo", "203.0.113.2", 60, 120)
    first = draft(
        blocked[0], DraftState.ANSWERED, "SRX-778", RequestOutcome.DENIED, also=[blocked[1]], addressee="Microsoft"
    )
    follow_up = replace(first, id="d-again", state=DraftState.PULLED, letter=LetterKind.DENIED, follow_up_of=first.id)
    follow_up = replace(follow_up, created_at=first.answered_at, submitted_at=None, answered_at=None, outcome=None)
    bulk = {"providers": "Yahoo"}
    return week(
        listings=[listed, gone, expires],
        episodes=[*blocked, yahoo, shared],
        drafts=[
            draft(listed, DraftState.SUBMITTED, "REQ-1"),
            draft(gone, DraftState.CLOSED, submitted_at=gone.opened_at + 5 * HOUR),
            draft(expires, DraftState.PREPARED, form="small", channel=FormChannel.NONE),
            first,
            replace(follow_up, reference=None),
            draft(yahoo, DraftState.PREPARED, addressee="Yahoo Sender Hub"),
            draft(shared, DraftState.SUBMITTED, "of bravo too", customer=None),
        ],
        endings={"small": "about 24 hours after the last report"},
        practice=[
            result(Check.SPF, "news.acme.example"),
            result(Check.LISTINGS, "192.0.2.9", CheckOutcome.FAIL, "on Great list"),
            result(Check.DMARC, "news.acme.example", CheckOutcome.FAIL, "no DMARC record is published"),
            *(result(Check.PTR, f"192.0.2.{n}", CheckOutcome.FAIL, "no PTR record") for n in (12, 13)),
            result(Check.PTR, "192.0.2.14"),
            result(Check.HELO, "", CheckOutcome.UNKNOWN, "the HELO name is not recorded"),
            result(Check.TLS, "", CheckOutcome.UNKNOWN, "no delivery to Gmail in seven days"),
            *(result(Check.MX, f"m{n}.acme.example", CheckOutcome.UNKNOWN, "no answer in time") for n in range(6)),
            result(Check.COMPLAINTS, "", CheckOutcome.UNKNOWN, "not measured"),
        ],
        advice=[
            advice(
                Check.DMARC, "news.acme.example", "dmarc_missing", "no record", -200, told_at=WEEK.begin, facts=DMARC
            ),
            *(
                advice(Check.PTR, ip, "ptr_missing", "no PTR record", 20, facts={"address": ip})
                for ip in ("192.0.2.12", "192.0.2.13")
            ),
            advice(Check.LISTINGS, "192.0.2.9", "listed", "on Great list", 30),
            advice(Check.PTR, "192.0.2.14", "ptr_missing", "no PTR record", -20, 100),
            advice(
                Check.COMPLAINTS,
                "",
                "complaints_high",
                "complaints: Yahoo: 42 complaints of 10,000 delivered (0.42%)",
                4,
                facts=bulk,
            ),
            advice(Check.PTR, "192.0.2.99", "ptr_missing", "no longer looked at", -20),
        ],
    )


DMARC = {"domain": "news.acme.example"}


WEEKS = {
    "compared": compared_week,
    "first": first_week,
    "asked": asked_week,
    "warming": warming_week,
    "range": range_week,
    "minor": minor_week,
    "bad": bad_week,
    "quiet": quiet_week,
    "unchecked": unchecked_week,
}
