"""From the packet and the log line to the draft: who is asked, by which form, for whom; and what is asked of nobody.

One installation lives through an afternoon, on SQLite and on PostgreSQL; what it had at each moment is looked at here.
"""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.events import Ending
from deliverwatch.core.remediation.draft import DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.verdict import Outcome
from deliverwatch.sandbox.zones import Mode
from e2e.drafting import HOUR, NOON, Installation, Outside, PostfixLog, SparkPostBatch

WEB, EMAIL, PORTAL, NONE = FormChannel.WEB_FORM, FormChannel.EMAIL, FormChannel.PORTAL, FormChannel.NONE

INVENTORY = """\
esp:
  pools:
    - {id: shared-1, ips: [203.0.113.0/30], customers: [acme, bravo]}
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: eastern
    tam: {name: Robin Doe, email: robin@esp.example}
    contacts: [postmaster@acme.example]
    pools:
      - id: acme-news
        stream: newsletter
        ips: [192.0.2.0/29, 192.0.2.8/29, 192.0.2.16/29, 192.0.2.40/30, 192.0.2.48/29, 192.0.2.56, "2001:db8::10"]
        network_owner: Example ESP
    domains:
      - {name: news.acme.example, roles: [from, envelope, dkim]}
      - {name: acme-deals.example, roles: [link]}
  - id: bravo
    name: Bravo Learning
    service_time_zone: uk
    tam: {name: Sam Roe, email: sam@esp.example}
    contacts: [mail@bravo.example]
    pools:
      - {id: bravo-all, ips: [198.51.100.0/30, 198.51.100.8/30, 198.51.100.12]}
    domains:
      - {name: bravo-links.example, roles: [link]}
"""


class Listed(NamedTuple):
    """`goes_to`: the page, or the address, where the request belongs."""

    list_id: str
    subject: str
    customer: str | None
    form: str
    channel: FormChannel
    goes_to: str
    code: str = "127.0.0.2"


class Refused(NamedTuple):
    """`host` None: told by a webhook, which knows the recipient's domain alone."""

    provider: str
    ip: str
    customer: str | None
    form: str
    channel: FormChannel
    goes_to: str
    host: str | None
    domain: str
    reply: str
    bounced: bool = True


LISTINGS = (
    Listed(
        *("spamhaus-zen", "192.0.2.1", "acme", "spamhaus-css-xbl", WEB, "https://check.spamhaus.org/"), code="127.0.0.3"
    ),
    Listed("abusix-combined", "192.0.2.2", "acme", "abusix", PORTAL, "https://lookup.abusix.com/"),
    Listed(
        *("barracuda-brbl", "198.51.100.1", "bravo", "barracuda", WEB),
        "https://www.barracudacentral.org/rbl/removal-request",
    ),
    Listed("spamcop-scbl", "192.0.2.3", "acme", "spamcop", NONE, "https://www.spamcop.net/bl.shtml"),
    Listed(
        *("surbl-multi", "acme-deals.example", "acme", "surbl", WEB, "https://surbl.org/surbl-analysis"),
        code="127.0.0.64",
    ),
    Listed("uribl-multi", "bravo-links.example", "bravo", "uribl", PORTAL, "https://admin.uribl.com/"),
    Listed("invaluement-sip", "192.0.2.4", "acme", "invaluement-ip", WEB, "https://www.invaluement.com/lookup/"),
    Listed("psbl", "203.0.113.1", None, "psbl", WEB, "https://psbl.org/remove"),
    Listed("uceprotect-1", "198.51.100.2", "bravo", "uceprotect-1", NONE, "https://www.uceprotect.net/en/rblcheck.php"),
    Listed(
        *("mailspike-bl", "192.0.2.5", "acme", "mailspike", WEB, "https://www.mailspike.org/iplookup.html"),
        code="127.0.0.10",
    ),
)
SBL = "192.0.2.6"

BLOCKS = (
    Refused(
        *("microsoft_consumer", "192.0.2.10", "acme", "microsoft_consumer", WEB),
        "https://go.microsoft.com/fwlink/?LinkID=614866",
        *(None, "hotmail.com"),
        "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service "
        "provider since part of their network is on our block list (S3140). You can also refer your provider to "
        "http://mail.live.com/mail/troubleshooting.aspx#errors.",
    ),
    Refused(
        *("microsoft_365", "192.0.2.11", "acme", "microsoft_365", PORTAL, "https://sender.office.com/"),
        *("company-example.mail.protection.outlook.com", "company.example"),
        "550 5.7.606 Access denied, banned sending IP [192.0.2.11]. To request removal from this list please visit "
        "https://sender.office.com/ and follow the directions. (AS16012609)",
    ),
    Refused(
        *("google", "192.0.2.12", "acme", "google", WEB),
        "https://support.google.com/mail/contact/gmail_bulk_sender_escalation",
        *("gmail-smtp-in.l.google.com", "gmail.com"),
        "550-5.7.1 [192.0.2.12] Gmail has detected that this message is likely suspicious due to the very low "
        "reputation of the sending IP address. 550 5.7.1 https://support.google.com/mail/answer/188131 - gsmtp",
    ),
    Refused(
        *("yahoo", "198.51.100.10", "bravo", "yahoo", WEB, "https://senders.yahooinc.com/contact"),
        *("mta5.am0.yahoodns.net", "yahoo.com"),
        "553 5.7.2 [TSS09] All messages from 198.51.100.10 will be permanently deferred; Retrying will NOT succeed. "
        "See https://postmaster.yahooinc.com/error-codes",
    ),
    Refused(
        *("apple", "192.0.2.13", "acme", "apple", EMAIL, "icloudadmin@apple.com", "mx01.mail.icloud.com", "icloud.com"),
        "550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.13",
    ),
    Refused(
        *("t_online", "198.51.100.11", "bravo", "t_online", EMAIL, "tosa@rx.t-online.de"),
        *("mx00.t-online.de", "t-online.de"),
        "554 IP=198.51.100.11 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de "
        "to clarify.) (BL)",
    ),
    Refused(
        *("unitedinternet", "198.51.100.12", "bravo", "unitedinternet", WEB, "https://postmaster.gmx.net/en/contact"),
        *("mx00.gmx.net", "gmx.de"),
        "554-gmx.net (mxgmx016) Nemesis ESMTP Service not available 554-No SMTP service 554-IP address is black "
        "listed. 554 For explanation visit https://www.gmx.net/mail/senderguidelines?c=bl",
    ),
    Refused(
        *("orange", "192.0.2.14", "acme", "orange", EMAIL, "abuse@orange.fr", "smtp-in.orange.fr", "orange.fr"),
        "421 mwinf5c04 ME Service refuse. Veuillez essayer plus tard. service refused, please try later. OFR_999 [999]",
        bounced=False,
    ),
    Refused(
        *("free", "192.0.2.15", "acme", "free", WEB, "https://postmaster.free.fr/", "mx1.free.fr", "free.fr"),
        "550 5.7.1 Too many spams from your IP (192.0.2.15), please visit http://postmaster.free.fr/",
    ),
    Refused(
        *("libero", "192.0.2.16", "acme", "libero", EMAIL, "block@postmaster.libero.it"),
        *("smtp-in.libero.it", "libero.it"),
        "550 smtp-24.iol.local libero.it host24 Too many invalid recipients from 192.0.2.16",
    ),
    Refused(
        *("yandex", "203.0.113.2", None, "yandex", WEB, "https://feedback.yandex.ru/?from=mail-rejects"),
        *("mx.yandex.ru", "yandex.ru"),
        "554 5.7.1 Service refused. Blocked by spam statistics - see "
        "http://feedback.yandex.ru/?from=mail-rejects&subject=203.0.113.2",
    ),
    Refused(
        *("kpn", "192.0.2.17", "acme", "kpn", WEB, "https://blacklist.kpnmail.nl/", "mx.kpnmail.nl", "kpnmail.nl"),
        "554 5.7.1 Your IP: 192.0.2.17 is blacklisted, please see https://blacklist.kpnmail.nl/Help/11",
    ),
)

COMCAST = (
    "554 resimta-po-12v.sys.comcast.net comcast {} Comcast block for spam. Please see https://spa.xfinity.com/report "
    "for more information. BL000000"
)
ATT = (
    "553 5.3.0 flpd575 DNSBL:ATTRBL 521< {} >_is_blocked. For assistance forward this error to abuse_rbl@abuse-att.net"
)
COX = (
    "554 cxr.mx.a.cloudfilter.net cox {} blocked. Refer to "
    "https://www.cox.com/residential/support/email-error-codes.html AUP#CXBL"
)
OF_ATT = ("att.net", "prodigy.net")
MOVED = (
    Refused(
        *("comcast", "192.0.2.20", "acme", "yahoo", WEB, "https://senders.yahooinc.com/contact"),
        *(None, "comcast.net", COMCAST.format("192.0.2.20")),
    ),
    Refused(
        *("att", "192.0.2.21", "acme", "yahoo", WEB, "https://senders.yahooinc.com/contact"),
        *("ff-ip4-mx-vip1.prodigy.net", "att.net", ATT.format("192.0.2.21")),
    ),
    Refused(
        *("cox", "192.0.2.22", "acme", "cox", WEB),
        "https://www.cox.com/business/support/cox-postmaster-administration.html",
        *("cxr.mx.a.cloudfilter.net", "cox.net", COX.format("192.0.2.22")),
    ),
    Refused(
        *("proofpoint", "192.0.2.23", "acme", "proofpoint", WEB, "https://ipcheck.proofpoint.com/"),
        *("mx0a-00123456.pphosted.com", "company.example"),
        "554 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.23",
    ),
)
QUOTING = (
    "554 5.7.1 Service unavailable; Client host [{ip}] blocked using {zone}; Blocked - see https://list.example/?{ip}"
)

SILENT, OUTSIDE_127, INFORMED, VOID, LATE = "192.0.2.40", "192.0.2.41", "192.0.2.42", "2001:db8::10", "192.0.2.43"
THROTTLED, UNSIGNED, TENANT, GONE, FULL, CONTENT, QUOTED = (f"192.0.2.{last}" for last in range(50, 57))


class Spoken(NamedTuple):
    """A refusal that is nobody's verdict on the sender."""

    ip: str
    host: str
    domain: str
    reply: str
    bounced: bool = True
    accepted: int = 0


NO_VERDICTS = (
    Spoken(
        *(THROTTLED, "gmail-smtp-in.l.google.com", "gmail.com"),
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address. To "
        "protect our users from spam, mail sent from your IP address has been temporarily rate limited. - gsmtp",
        bounced=False,
        accepted=30,
    ),
    Spoken(
        *(UNSIGNED, "gmail-smtp-in.l.google.com", "gmail.com"),
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all "
        "senders to authenticate with either SPF or DKIM. - gsmtp",
    ),
    Spoken(
        *(TENANT, "company-example.mail.protection.outlook.com", "company.example"),
        "550 5.7.513 Service unavailable, Client host [192.0.2.52] blocked by company.example using Customer Block "
        "list (AS16012607)",
    ),
    Spoken(
        *(GONE, "hotmail-com.olc.protection.outlook.com", "hotmail.com"),
        "550 5.5.0 Requested action not taken: mailbox unavailable",
    ),
    Spoken(
        *(FULL, "gmail-smtp-in.l.google.com", "gmail.com"),
        "452-4.2.2 The recipient's inbox is out of storage space. - gsmtp",
        bounced=False,
    ),
    Spoken(
        *(CONTENT, "gmail-smtp-in.l.google.com", "gmail.com"),
        "550-5.7.1 [192.0.2.55] Our system has detected that this message is likely unsolicited mail. To reduce the "
        "amount of spam sent to Gmail, this message has been blocked. - gsmtp",
    ),
    Spoken(QUOTED, "mx.tiscali.it", "tiscali.it", QUOTING.format(ip=QUOTED, zone="psbl.surriel.com")),
)
LISTED_AND_QUOTED = Spoken(
    "192.0.2.3", "mx.tiscali.it", "tiscali.it", QUOTING.format(ip="192.0.2.3", zone="bl.spamcop.net")
)


def outside():
    world = Outside()
    for each in LISTINGS:
        world.put(each.list_id, each.subject, each.code, text=f"{each.subject} is listed, see https://list.example/")
    world.put("spamhaus-zen", SBL, "127.0.0.2", text="https://www.spamhaus.org/sbl/query/SBL123456")
    world.spoil("psbl", SILENT, Mode.SILENT)
    world.spoil("mailspike-bl", OUTSIDE_127, Mode.OUTSIDE)
    world.zones["spamhaus-dbl"].mode = Mode.LISTS_THE_WORLD
    world.put("s5h", INFORMED)
    world.put("abusix-combined", VOID)
    world.mail_host("comcast.net", "mx-comcast.mail.am0.yahoodns.net")
    for domain in (*OF_ATT, "cox.net"):
        world.no_mail_host_answer(domain)
    return world


def logs(folder):
    log, batch = PostfixLog(), SparkPostBatch()
    for each in (*BLOCKS, *MOVED):
        if each.host is None:
            batch.refuse(each.ip, each.domain, each.reply)
        else:
            log.refuse(each.ip, each.host, each.domain, each.reply, bounced=each.bounced)
    for spoken in (*NO_VERDICTS, LISTED_AND_QUOTED):
        log.refuse(*spoken[:4], bounced=spoken.bounced, accepted=spoken.accepted)
    files = {"postfix": folder / "mail.log", "sparkpost-webhook": folder / "batch.json"}
    log.write(files["postfix"])
    batch.write(files["sparkpost-webhook"])
    return files


@dataclass
class Afternoon:
    """What was there, moment by moment."""

    made: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    drafts: tuple = ()
    then: tuple = ()
    at_last: tuple = ()
    why_not: tuple = ()
    listings: tuple = ()
    listings_at_last: tuple = ()
    episodes: tuple = ()
    classes: frozenset = frozenset()
    cycles: dict = field(default_factory=dict)
    refused_cycle: object = None
    gaps: dict = field(default_factory=dict)


async def live_through(folder, store_url):
    world, seen = outside(), Afternoon()
    await world.nameserver.start()
    here = await Installation.open(folder, store_url, world.nameserver.address, INVENTORY, logs(folder))
    try:
        await first_round(here, world, seen)
        await second_round(here, world, seen)
        await later(here, world, seen)
    finally:
        await here.app.store.close()
        await world.nameserver.stop()
    return seen


async def first_round(here, world, seen):
    """Two hours confirm what is listed; in the third, one of the lists is caught lying."""
    store = here.app.store
    seen.read.append(await here.read())
    await here.hour()
    await here.hour()
    world.lie("abusix-combined", SubjectKind.IPV6)
    await here.hour()
    seen.listings = tuple(await store.listings())
    seen.made.append(await here.prepare())
    seen.drafts = tuple(await store.drafts())
    seen.why_not = tuple(await here.app.remediation.without_draft())
    seen.episodes = tuple(await store.episodes())
    seen.classes = frozenset(
        (key.ip, key.class_) for key, _ in await store.verdicts(NOON - 24 * HOUR, tuple(ReplyClass))
    )
    seen.cycles = dict(await store.last_cycles())
    seen.gaps = {
        (gap.watch.list_id, gap.watch.subject.value): gap.outcome for gap in await store.gaps(NOON, NOON + 4 * HOUR)
    }


async def second_round(here, world, seen):
    """The same files, the same lists but for one, which is well again and has dropped what it never should have had.
    AT&T's name servers answer now."""
    world.tell_the_truth("abusix-combined", SubjectKind.IPV6)
    world.drop("abusix-combined", VOID)
    for domain in OF_ATT:
        world.mail_host(domain, "mx-att.mail.am0.yahoodns.net")
    await here.hour()
    seen.read.append(await here.read())
    seen.made.append(await here.prepare())
    seen.then = tuple(await here.app.store.drafts())


async def later(here, world, seen):
    """A list refuses us while it would have something new to say; what the liar had said turns out void."""
    world.put("spamhaus-zen", LATE, "127.0.0.3")
    world.refuse_everything("spamhaus-zen", LATE)
    for _ in range(3):
        await here.hour()
        seen.made.append(await here.prepare())
    seen.refused_cycle = await here.last_cycle("spamhaus-zen")
    seen.at_last = tuple(await here.app.store.drafts())
    seen.listings_at_last = tuple(await here.app.store.listings())


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory):
    """On SQLite: what both databases keep alike is the contract tests' affair."""
    folder = tmp_path_factory.mktemp("afternoon")
    return asyncio.run(live_through(folder, f"sqlite:///{folder / 'deliverwatch.db'}"))


def the_draft(afternoon, about, subject):
    (draft,) = [each for each in afternoon.at_last if (each.provider, each.subjects) == (about, (subject,))]
    return draft


def where(draft):
    return draft.to if draft.channel is EMAIL else draft.url


@pytest.mark.parametrize("case", LISTINGS, ids=lambda case: case.list_id)
def test_a_listing_is_one_draft_for_its_operator(afternoon, case):
    draft = the_draft(afternoon, case.list_id, case.subject)
    assert (draft.form, draft.channel, where(draft)) == (case.form, case.channel, case.goes_to)
    assert (draft.kind, draft.customer, draft.state) == (DraftKind.LISTING, case.customer, DraftState.PREPARED)
    assert draft.facts["codes"] == case.code
    assert f"{case.subject} is listed, see" in draft.facts["reason"]


@pytest.mark.parametrize("case", BLOCKS, ids=lambda case: case.provider)
def test_a_block_is_one_draft_for_the_provider(afternoon, case):
    draft = the_draft(afternoon, case.provider, case.ip)
    assert (draft.form, draft.channel, where(draft)) == (case.form, case.channel, case.goes_to)
    assert (draft.kind, draft.customer, draft.state) == (DraftKind.BLOCK, case.customer, DraftState.PREPARED)
    assert draft.facts["reply"].startswith(case.reply[:40])


def test_there_is_no_other_draft_and_the_second_round_makes_none(afternoon):
    expected = {(each.list_id, (each.subject,)) for each in LISTINGS} | {("spamhaus-zen", (SBL,))}
    expected |= {(each.provider, (each.ip,)) for each in (*BLOCKS, *MOVED)}
    assert {(each.provider, each.subjects) for each in afternoon.drafts} == expected
    assert afternoon.made == [len(expected), *[0] * 4]
    ids = {each.id for each in afternoon.drafts}
    assert ids == {each.id for each in afternoon.then} == {each.id for each in afternoon.at_last}
    assert len(ids) == len(afternoon.drafts)
    assert (afternoon.read[0] > 0, afternoon.read[1]) == (True, 0)


def test_sbl_is_asked_by_our_abuse_desk(afternoon):
    draft = the_draft(afternoon, "spamhaus-zen", SBL)
    assert (draft.form, draft.channel, draft.to) == ("spamhaus-sbl", EMAIL, "abuse@esp.example")
    assert "who asks" not in {each.check for each in draft.blockers}


@pytest.mark.parametrize("case", MOVED, ids=lambda case: case.provider)
def test_who_answers_for_a_domain_now_is_asked(afternoon, case):
    draft = the_draft(afternoon, case.provider, case.ip)
    assert (draft.form, draft.channel, where(draft)) == (case.form, case.channel, case.goes_to)
    assert ("addressee" in {each.check for each in draft.blockers}) is (case.provider == "cox")
    assert any("answers for it" in each.what for each in draft.evidence) is (case.form == "yahoo")


def test_while_it_is_not_known_who_answers_the_old_form_says_so(afternoon):
    (draft,) = [each for each in afternoon.drafts if each.provider == "att"]
    assert (draft.form, draft.to) == ("att", "abuse_rbl@abuse-att.net")
    (blocker,) = [each for each in draft.blockers if each.check == "addressee"]
    assert "could not be looked up" in blocker.found


def test_a_list_that_is_quoted_and_lists_us_is_asked_and_the_receiver_is_not(afternoon):
    draft = the_draft(afternoon, "spamcop-scbl", LISTED_AND_QUOTED.ip)
    assert any("Tiscali quoted it in 30 replies" in each.what for each in draft.evidence)
    assert [each for each in afternoon.at_last if each.provider == "tiscali"] == []


NOT_ASKED = (SILENT, OUTSIDE_127, INFORMED, VOID, LATE, *(each.ip for each in NO_VERDICTS))


@pytest.mark.parametrize("subject", NOT_ASKED)
def test_what_is_no_verdict_on_us_makes_no_draft(afternoon, subject):
    assert [each for each in (*afternoon.drafts, *afternoon.at_last) if subject in each.subjects] == []


def test_a_list_that_lists_the_world_makes_no_draft(afternoon):
    cycle = afternoon.cycles["spamhaus-dbl"]
    assert (cycle.verified, cycle.nonsense) == (False, cycle.due)
    assert "spamhaus-dbl" not in {each.provider for each in afternoon.at_last}


def test_single_names_without_an_answer_are_gaps(afternoon):
    """The time-out, and the answer outside 127.0.0.0/8: the lists themselves are well."""
    assert afternoon.gaps["psbl", SILENT] is Outcome.UNREACHABLE
    assert afternoon.gaps["mailspike-bl", OUTSIDE_127] is Outcome.NONSENSE
    assert afternoon.cycles["psbl"].verified
    assert afternoon.cycles["mailspike-bl"].verified


def test_a_list_that_refuses_us_says_nothing_of_anybody(afternoon):
    cycle = afternoon.refused_cycle
    assert (cycle.refused, cycle.listed) == (cycle.due, 0)
    assert "127.255.255.254" in cycle.detail
    on_it = {each.subject.value for each in afternoon.listings_at_last if each.list_id == "spamhaus-zen"}
    assert on_it == {"192.0.2.1", SBL}


def test_a_listing_that_turns_void_was_doubted_first(afternoon):
    (then,) = [each for each in afternoon.listings if each.subject.value == VOID]
    (now,) = [each for each in afternoon.listings_at_last if each.subject.value == VOID]
    assert (then.closed_at, now.ended) == (None, Ending.VOID)


WHY_NOT = {
    (INFORMED, "s5h"): "no mailbox provider is known to reject by this list",
    (VOID, "abusix-combined"): "the list cannot be believed at the moment",
    (THROTTLED, "google"): "mail is slowed down and still arrives",
    (UNSIGNED, "google"): "mail is refused for its authentication",
    (TENANT, "microsoft_365"): "30 replies: a rule of one receiver or user",
    (CONTENT, "google"): "30 replies: a verdict on the message, not on the sender",
    (QUOTED, "tiscali"): "Passive Spam Block List is quoted, and is clear there",
}


def test_what_makes_no_draft_says_why(afternoon):
    said = {(each.subject, each.about): each.why for each in afternoon.why_not}
    assert said.keys() == WHY_NOT.keys()
    assert {key: why for key, why in said.items() if not why.startswith(WHY_NOT[key])} == {}
    assert all(each.then for each in afternoon.why_not)


def test_each_refusal_was_read_as_what_it_is(afternoon):
    read_as = {(ip, class_) for ip, class_ in afternoon.classes if ip in {each.ip for each in NO_VERDICTS}}
    assert read_as == {
        (THROTTLED, ReplyClass.RATE_LIMIT),
        (UNSIGNED, ReplyClass.AUTH_FAILURE),
        (TENANT, ReplyClass.POLICY),
        (GONE, ReplyClass.UNKNOWN_RECIPIENT),
        (FULL, ReplyClass.MAILBOX_FULL),
        (CONTENT, ReplyClass.CONTENT_BLOCK),
        (QUOTED, ReplyClass.DNSBL_CITED),
    }
    open_ones = {(each.kind, each.subject.value) for each in afternoon.episodes if each.closed_at is None}
    assert {kind for kind, ip in open_ones if ip in {each.ip for each in NO_VERDICTS}} == {
        EpisodeKind.THROTTLE,
        EpisodeKind.FINDING,
    }
