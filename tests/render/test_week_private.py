"""A private report names no address and no domain of theirs, whoever wrote it down and however."""

import ipaddress
import re
from dataclasses import replace

import pytest

from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Language
from deliverwatch.core.listing import Watch
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.warmup.run import HoldCause
from deliverwatch.core.warmup.status import HoldView
from deliverwatch.render.look import Look
from deliverwatch.render.weekly import render_weekly
from render.week_runs import RUN, SINCE, held_week, run_week, told
from render.weeks import (
    ACME,
    ASSETS,
    DOMAINS,
    GREAT,
    MIDDLE,
    WEEK,
    WEEKS,
    advice,
    block,
    cycles,
    draft,
    last_week,
    listing,
    mail,
    result,
    week,
)

LINK = "https://deliverwatch.esp.example/unsubscribe/0123456789abcdef0123456789abcdef01"
PRIVATE = Look(private=True, unsubscribe_url=LINK)
LEFT_OUT = "(left out here, as it may name addresses or domains)"
THEIRS = re.compile(
    r"192\W{1,3}0\W{1,3}2(?!\d)|198\W{1,3}51|203\W{1,3}0\W{1,3}113|2001\W{1,3}db8|::ffff|acme\W{1,3}example"
    r"|news\W{1,3}acme|old\W{1,3}relay|esp\W{1,3}example|domainkey|in\W{1,3}addr",
    re.IGNORECASE,
)
AS_FOREIGN_TEXT = [
    "192.0.2.9",
    "listed: ::ffff:192.0.2.1",
    "see 192.0.2.…",
    "2001:db8::10",
    "2001:db8:0:0:0:0:0:10",
    "192.0.2.8/29",
    "192[.]0[.]2[.]9",
    "mail from news[.]acme[.]example",
    "old-relay.esp.example",
    "198-51-100-7 is dynamic",
    "7.100.51.198.in-addr.arpa",
    "Acme.Example sends spam",
    "127.0.0.2.acme.example",
    "https://great.example/q?ip=192.0.2.9",
    "news.acme…",
]


def named_in(text):
    """What stands there that a private report must not hold."""
    rest = text.replace(ACME.tam.email, "").replace(LINK, "")
    tokens = re.findall(r"[0-9a-f]*(?:[:.]+[0-9a-f]+)+", rest.replace("[.]", "."), re.IGNORECASE)
    return [each for each in tokens if is_address(each)] + [found[0] for found in THEIRS.finditer(rest)]


def is_address(token):
    try:
        return not ipaddress.ip_address(token.strip(":.")).is_loopback
    except ValueError:
        return False


def parts(report, language=Language.EN):
    words = render_weekly(replace(report, customer=replace(ACME, language=language)), PRIVATE)
    return words.subject, words.text, words.html


def text_of(report, language=Language.EN):
    return " ".join(parts(report, language)[1].split())


def foreign_week(words):
    """One in which everybody has put the same words wherever they could."""
    found, small = listing(MIDDLE, "192.0.2.10", 5, meaning=words), listing(GREAT, "acme.example", 5, 9)
    found, domain = replace(found, reason=words), replace(small, list_id="domains", ended=Ending.DELISTED)
    person = HoldView(HoldCause.PERSON, "", SINCE, {"by": f"Mo of {words}", "reason": words})
    plan = replace(RUN.plan, name=words)
    dkim = f"s1._domainkey.{words}"
    failed = (CheckOutcome.FAIL, words)
    return week(
        assets=[*ASSETS[1:], Asset("192.0.2.8/29", "acme", pool=words, stream=words), Asset("acme.example", "acme")],
        listings=[found, domain, listing(MIDDLE, "192.0.2.13", 5, 9, Ending.VOID, meaning=words)],
        cycles=cycles(failing={"great": (10, 90, words)}),
        gaps=[Gap(Watch("middle", found.subject), WEEK.begin, None, Outcome.NONSENSE, words)],
        episodes=[block("outlook", "192.0.2.11", 5)],
        drafts=[draft(found, DraftState.SUBMITTED, words)],
        note=words,
        warmups=told(held_week(hold=person), run_week(run=replace(RUN, pool=words, plan=plan))),
        practice=[
            result(Check.PTR, "192.0.2.10", *failed),
            result(Check.HELO, "old-relay.esp.example", *failed),
            result(Check.DKIM, dkim, *failed),
            result(Check.SPF, "news.acme.example", *failed),
            result(Check.MX, "mx.acme.example", CheckOutcome.UNKNOWN, words),
        ],
        advice=[
            advice(Check.PTR, "192.0.2.10", "ptr_elsewhere", words, 5, facts={"address": "192.0.2.10", "names": words}),
            advice(Check.HELO, "old-relay.esp.example", "helo_elsewhere", words, 5, facts={"domain": words}),
            advice(Check.DKIM, dkim, "dkim_invalid", words, 5, facts={"name": dkim, "reason": words}),
            advice(
                Check.SPF,
                "news.acme.example",
                "spf_fail",
                words,
                5,
                facts={"domain": "news.acme.example", "addresses": words},
            ),
            advice(Check.DMARC, "acme.example", "dmarc_missing", words, 1, 9),
        ],
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", WEEKS)
def test_no_sample_names_an_address_or_a_domain_of_theirs(name, language):
    for part in parts(WEEKS[name](), language):
        assert named_in(part) == []


@pytest.mark.parametrize("words", AS_FOREIGN_TEXT)
def test_nobodys_words_name_one(words):
    for part in parts(foreign_week(words)):
        assert named_in(part) == []


def test_the_property_would_find_them():
    """All of it stands in the report that is not private."""
    for words in AS_FOREIGN_TEXT:
        assert named_in(words) != []
        assert named_in(render_weekly(foreign_week(words)).text) != []


def test_words_that_name_nothing_are_told():
    words = "3 of 10,000 (0.42%), 16.11.2026 10:15, code 127.0.0.2"
    text = text_of(foreign_week(words))
    assert f"Example TAM writes: {words} " in text
    assert f"pool {words}" in text
    assert f"reference {words}" in text
    assert f"Since Mon 16 Nov 05:00: {words}. " in text
    assert LEFT_OUT not in text


def test_what_is_left_out_is_said_and_lists_and_providers_are_still_named():
    text = text_of(foreign_week("old-relay.esp.example"))
    assert f"Example TAM writes: {LEFT_OUT} " in text
    assert f"critical impact; {LEFT_OUT}" in text
    assert "(not named here) (pool (not named here))" in text
    assert "Let the reverse name of one of your sending IPs lead back to it; at present (not named here) does" in text
    assert "Publish the DKIM key (not named here) anew: (not named here)." in text
    assert "Allow some of your sending IPs in the SPF record of one of your sending domains; at present" in text
    assert "We spoke on Thursday: the sign-up form is mended, and we expect the block at Outlook[.]com" in text_of(
        WEEKS["compared"]()
    )


def test_look_up_pages_are_left_out():
    assert "Look it up:" in render_weekly(WEEKS["bad"]()).text
    assert "Look it up:" not in text_of(WEEKS["bad"]())


def test_what_stands_for_names_is_counted():
    found = [listing(GREAT, f"192.0.2.{n}", 5, incident="one") for n in range(8, 12)]
    text = text_of(week(listings=found))
    assert "the worst of them 4 of your sending IPs on Great list (critical impact)." in text
    assert " 4 of your sending IPs are listed on Great list Since " in text
    text = text_of(week(episodes=[block("outlook", f"192.0.2.{n}", 8) for n in (9, 10)]))
    assert " 2 of your sending IPs are blocked at Outlook[.]com Since " in text
    text = text_of(WEEKS["bad"]())
    assert " one of your sending IPs is listed on Great list Since " in text
    assert " one of your sending domains on Domain list (critical)" in text
    assert "Mended this week: Reverse name: one of your sending IPs (Fri 20 Nov 04:00)." in text_of(WEEKS["asked"]())


def test_counts_are_no_addresses():
    counted = [mail(WEEK, attempted=1_234_567_890, delivered=1_100_020_003)]
    text = text_of(week(counted=counted, last_week=last_week()), Language.DE)
    assert "1.234.567.890" in text
    assert "1.100.020.003" in text


def test_a_domain_is_found_with_what_is_watched_beside_it():
    parent = replace(listing(DOMAINS, "acme.example", 5), subject=parse_subject("acme.example"))
    report = week(assets=[*ASSETS, Asset("acme.example", "acme")], listings=[parent])
    assert " one of your sending domains is listed on Domain list " in text_of(report)
