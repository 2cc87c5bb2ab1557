"""The weekly report as a mail: its words are golden files; what mail programs and readers need are properties."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.coverage import Gap
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset, Language
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.practice import Check, CheckOutcome
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.week_practice import MOST_ADVICE
from deliverwatch.render.encode import in_mail
from deliverwatch.render.mail import compose
from deliverwatch.render.practice_words import repair
from deliverwatch.render.week_page import week_page
from deliverwatch.render.week_requests import ANSWERS
from deliverwatch.render.weekly import render_weekly
from render.golden import check_golden
from render.weeks import (
    ACME,
    HOUR,
    LISTS,
    MADE_AT,
    MIDDLE,
    MUTE,
    SMALL,
    WEEK,
    WEEKS,
    advice,
    bad_week,
    block,
    blocklist,
    cycles,
    draft,
    listing,
    result,
    week,
)

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
STATES = {
    "asked": "Attention: ",
    "bad": "Attention: ",
    "range": "Attention: ",
    "minor": "For information: ",
    "quiet": "All clear: ",
    "unchecked": "Not verified: ",
    "warming": "Attention: ",
}
UNKNOWN = CheckOutcome.UNKNOWN
HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e\"'><img src=x onerror=alert(1)> http://evil.example"


class Page(HTMLParser):
    """Words, elements and attributes; and the colours that each word stands in."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html):
        super().__init__()
        self.words, self.tags, self.attributes, self.tables, self.pairs = [], [], [], [], set()
        self._stack = [("", "#000000", "#ffffff")]
        self._hidden = False
        self.style = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.attributes += attrs.items()
        if tag == "table":
            self.tables.append({"role": attrs.get("role"), "caption": False})
        if tag == "caption":
            self.tables[-1]["caption"] = True
        style = dict(part.split(":", 1) for part in attrs.get("style", "").replace(" ", "").split(";") if part)
        _, colour, ground = self._stack[-1]
        colour, ground = style.get("color", colour), style.get("background-color", attrs.get("bgcolor", ground))
        if tag not in self.VOID:
            self._stack.append((tag, colour, ground))

    def handle_endtag(self, tag):
        while self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, colour, ground = self._stack[-1]
        if tag == "style":
            self.style += data
        elif data.strip(" \n\xa0"):
            self.words.append(data)
            if tag != "title":
                self.pairs.add((colour, ground))

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second):
    """WCAG 2.2, relative luminance."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=WEEKS)
def each_week(request):
    return request.param, render_weekly(WEEKS[request.param]())


def test_the_words(each_week):
    name, words = each_week
    check_golden(f"weekly/{name}.txt", f"Subject: {words.subject}\n\n{words.text}")
    check_golden(f"weekly/{name}.html", words.html)


def test_both_parts_tell_the_same_numbers(each_week):
    _, words = each_week
    assert set(NUMBER.findall(Page(words.html).text)) == set(NUMBER.findall(words.text))


def test_the_subject_begins_with_the_state_and_is_short(each_week):
    name, words = each_week
    assert words.subject.startswith(STATES[name])
    assert len(words.subject) <= 70


def test_a_long_name_is_cut_in_the_subject():
    report = replace(bad_week(), customer=replace(ACME, name="The Very Long Acme Company of Everywhere and Elsewhere"))
    subject = render_weekly(report).subject
    assert len(subject) <= 70
    assert subject.endswith(", 16-22 Nov 2026")
    assert "The Very" in subject


def test_html_is_what_mail_programs_can_show(each_week):
    page = Page(each_week[1].html)
    assert not set(page.tags) & {"img", "svg", "link", "script", "iframe", "form", "video", "object"}
    assert not {name for name, _ in page.attributes} & {"src", "srcset", "background", "poster"}
    assert len(page.style.encode()) <= 4096
    styles = page.style + " ".join(value for name, value in page.attributes if name == "style")
    assert not re.search(r"url\(|@import|var\(|flex|grid|position", styles)
    assert all(value.startswith("https://") for name, value in page.attributes if name == "href")


def test_html_can_be_heard(each_week):
    page = Page(each_week[1].html)
    assert ("lang", "en") in page.attributes
    assert page.tags.count("h1") == 1
    assert all((table["role"] == "presentation") != table["caption"] for table in page.tables)
    assert page.tags.count("th") == sum(name == "scope" for name, _ in page.attributes)


def test_html_can_be_read(each_week):
    page = Page(each_week[1].html)
    assert len(page.pairs) >= 3
    for colour, ground in page.pairs:
        assert contrast(colour, ground) >= 4.5, f"{colour} on {ground}"


def largest_week(lists_for_information=0, **more):
    lists = [blocklist(f"list-{n}", f"A list with a rather long name {n}", Impact.HIGH) for n in range(60)]
    found = [
        listing(each, f"192.0.2.{n}", n / 10, None if n % 2 else 100, None if n % 2 else Ending.DELISTED, "m" * 300)
        for each in lists[:4]
        for n in range(256)
    ]
    lists[:lists_for_information] = [replace(each, leads=False) for each in lists[:lists_for_information]]
    long_names = [f"selector-with-a-long-name-{n}._domainkey.{'news-' * 12}{n}" for n in range(40)]
    gaps = [
        Gap(Watch("list-1", parse_subject(f"192.0.2.{n}")), WEEK.begin, None, Outcome.UNREACHABLE, "no answer " * 40)
        for n in range(256)
    ]
    return week(
        assets=[Asset("192.0.2.0/24", "acme", pool=None, stream="newsletter")],
        listings=found,
        lists_on=lists[:40],
        lists_off=[replace(each, access=replace(each.access, note="a key " * 60)) for each in lists[40:]],
        cycles=cycles(lists[:40], failing={each.id: (3, 99, "the list has gone " * 20) for each in lists[:40]}),
        gaps=gaps,
        every={each.id: HOUR for each in lists},
        drafts=[draft(each, DraftState.SUBMITTED, "R" * 200) for each in found],
        episodes=[block(f"a provider with a long name {n}", f"192.0.2.{n}", n / 10) for n in range(60)],
        practice=[
            *(result(Check.DKIM, f"{name}.example", CheckOutcome.FAIL, "x" * 500) for name in long_names),
            *(result(check, name, CheckOutcome.UNKNOWN, "x") for check in Check for name in (*long_names, "z.example")),
        ],
        advice=[
            advice(
                Check.DKIM,
                f"{name}.example",
                "dkim_invalid",
                "x",
                n,
                facts={"name": name, "reason": f"{n} is wrong " * 30},
            )
            for n, name in enumerate(long_names)
        ],
        **more,
    )


def html_as_sent(words):
    mail = compose("Us <us@esp.example>", "p@acme.example", words.subject, words.text, words.html, "id", MADE_AT)
    return message_from_bytes(mail, policy=SMTP).get_body(("html",)).as_bytes()


def test_the_largest_report_is_not_cut_by_gmail():
    """102 KB of source is where Gmail stops."""
    words = render_weekly(largest_week())
    assert len(html_as_sent(words)) <= 80_000
    assert "and 994 more listings" in words.text
    assert set(NUMBER.findall(Page(words.html).text)) == set(NUMBER.findall(words.text))


def test_all_clear_is_never_said_of_what_was_not_verified():
    for name in STATES.keys() - {"quiet", "warming"}:
        words = render_weekly(WEEKS[name]())
        assert "all clear" not in (words.subject + words.text + Page(words.html).text).lower()


def test_a_week_that_is_not_over_says_so():
    words = render_weekly(week(made_at=WEEK.begin + 50 * HOUR))
    assert "The week is not over: this is how it stood on Wed 18 Nov 02:00." in " ".join(words.text.split())
    assert "The week is not over" in Page(words.html).text


def test_ended_listings_are_told_by_their_endings():
    words = render_weekly(week(listings=[listing(MIDDLE, "192.0.2.10", 5, 20, Ending.DELISTED)]))
    assert words.subject.startswith("Ended: 1 listing ended")
    assert "ENDED. No listing is open at the end of the week; 1 listing ended" in words.text
    doubtful = week(
        listings=[listing(MIDDLE, "192.0.2.10", 5, 20, Ending.WITHDRAWN)],
        cycles=cycles(failing={"great": (100, 168, "no answer in time")}),
    )
    text = " ".join(render_weekly(doubtful).text.split())
    assert "No listing that we know of is open at the end of the week" in text
    assert "no longer yours Mon 16 Nov 20:00" in text


def test_what_opened_together_is_one_row_with_its_ranges():
    text = " ".join(render_weekly(WEEKS["range"]()).text.split())
    assert "the worst of them 192.0.2.8/30 (4 addresses), 192.0.2.12/31 (2 addresses) and 192.0.2.14 on Great" in text
    assert text.count("192.0.2.8/30, 192.0.2.12/31, 192.0.2.14 on Great list (critical)") == 1
    assert "192.0.2.15 on Great list (critical): a network of spammers since Tue 17 Nov 16:00, delisted" in text
    assert "203.0.113.0/30 (4 addresses): taken back" in text
    assert "A removal request to Great list is being prepared." in text


def test_where_it_hurts_and_whom_it_accuses_is_told():
    text = " ".join(render_weekly(WEEKS["range"]()).text.split())
    assert "Known to be used by Example Mail (its refusals name the list). It accuses the whole network" in text


def test_a_list_that_matters_less_is_information_and_needs_nobody():
    words = render_weekly(WEEKS["minor"]())
    assert "NEEDS YOUR ATTENTION" not in words.text
    assert "No listing on an important list is open" in words.text
    assert "192.0.2.9 on Small list (low)" in words.text[words.text.index("FOR INFORMATION") :]
    assert "on less important lists" in Page(words.html).text


def test_nothing_watched_is_told():
    text = " ".join(render_weekly(week(assets=())).text.split())
    assert "NOT VERIFIED." in text
    assert "nothing of yours was watched" in text
    text = " ".join(render_weekly(week(lists_on=(MUTE,))).text.split())
    assert "NOT VERIFIED." in text
    assert "We could not verify enough: nothing of yours was watched on a list that can be verified." in text


def test_a_list_that_can_never_be_verified_is_named_once_and_is_no_doubt():
    words = render_weekly(week(lists_on=(*LISTS, MUTE)))
    text = " ".join(words.text.split())
    assert words.subject.startswith("All clear: 14 subjects on 4 lists")
    assert "any of the 4 lists that we watch and could verify; 1 list publishes too little to be verified by." in text
    assert "Mute list: cannot be verified publishes no test points for IPv4 and IPv6" in text
    assert text.count("Mute list") == Page(words.html).text.count("Mute list") == 1
    assert "None of the lists that can be verified went a whole interval without it." in text
    failing = cycles(failing={"small": (3, 6, "no answer in time")})
    both = " ".join(render_weekly(week(lists_on=(*LISTS, MUTE), cycles=failing)).text.split())
    assert "could verify; 1 other list could not be verified all the time and 1 list publishes too little" in both


SAID = {
    DraftState.PREPARED: "192.0.2.10: being prepared",
    DraftState.PULLED: "192.0.2.10: being checked",
    DraftState.SUBMITTED: "192.0.2.10: sent Mon 16 Nov 11:00",
    DraftState.ANSWERED: "192.0.2.10: answered Tue 17 Nov 04:00: ",
}


@pytest.mark.parametrize("state", SAID)
@pytest.mark.parametrize("outcome", [None, *RequestOutcome])
@pytest.mark.parametrize("found", [listing(MIDDLE, "192.0.2.10", 8), block("outlook", "192.0.2.10", 8)])
def test_requests_are_told_by_their_state(state, outcome, found):
    is_listing = isinstance(found, Listing)
    due_at = WEEK.begin + timedelta(hours=11, minutes=11)
    asked = draft(found, state, "R-77", outcome, due_at=due_at, follow_up_at=due_at)
    words = render_weekly(week(**{"listings" if is_listing else "episodes": [found], "drafts": [asked]}))
    text = " ".join(words.text.split())
    answer = ANSWERS[outcome] if outcome is not None else "no outcome is recorded"
    assert SAID[state] + (answer if state is DraftState.ANSWERED else "") in text
    about = "to Middle list, about the listing there" if is_listing else "to Outlook[.]com, about the block there"
    assert f"{about}, reference R-77" in text
    assert "11:11" not in words.text + words.html


def test_a_follow_up_is_told_as_one_and_is_what_we_do():
    found = block("outlook", "192.0.2.10", 8)
    denied = draft(found, DraftState.ANSWERED, outcome=RequestOutcome.DENIED)
    again = draft(found, DraftState.PREPARED, id="again", follow_up_of=denied.id, created_at=denied.answered_at)
    text = " ".join(render_weekly(week(episodes=[found], drafts=[again, denied])).text.split())
    assert "192.0.2.10: answered Tue 17 Nov 04:00: denied" in text
    assert "192.0.2.10: follow-up: being prepared" in text
    assert "We: A follow-up to Outlook[.]com is being prepared." in text


def test_what_nobody_can_be_asked_about_is_not_being_prepared():
    found = listing(MIDDLE, "192.0.2.10", 5)
    nobody = draft(found, DraftState.PREPARED, channel=FormChannel.NONE)
    text = " ".join(render_weekly(week(listings=[found], drafts=[nobody])).text.split())
    assert "192.0.2.10: no requests are taken listing on Middle list" in text
    assert "We: We look again in every round. Middle list takes no requests." in text
    assert "prepared" not in text
    ends = {"list-operator": "a day after the last report"}
    text = " ".join(render_weekly(week(listings=[found], drafts=[nobody], endings=ends)).text.split())
    assert "192.0.2.10: ends by itself; nobody can be asked listing on Middle list: ends a day after the last" in text
    assert "Middle list takes no requests: the listing ends a day after the last report." in text


def test_an_open_block_needs_the_reader_and_is_never_clear():
    found = [block("outlook", f"192.0.2.{n}", 8, last_seen=50) for n in (10, 11)]
    words = render_weekly(week(episodes=[*found, block("yahoo", "203.0.113.2", 9, last_seen=90)]))
    text = " ".join(words.text.split())
    assert words.subject.startswith("Attention: 3 blocks open - ")
    assert "all clear" not in text.lower()
    which = "the oldest of them: 192.0.2.10/31 (2 addresses) at Outlook[.]com."
    assert f"3 blocks are open at mailbox providers, {which}" in text
    assert "192.0.2.10/31 (2 addresses) is blocked at Outlook[.]com Since Mon 16 Nov 08:00 (6 days)." in text
    assert "the last one that we know of came Wed 18 Nov 02:00. We: We go on reading the replies from there. No" in text
    assert "203.0.113.2 is blocked at Yahoo" in text
    assert "You: Nothing: we run this asset, and others send from it too." in text
    over = render_weekly(week(episodes=[block("outlook", "192.0.2.10", 8, 50)]))
    assert over.subject.startswith("All clear: ")


def practice_week(**more):
    failed = result(Check.DMARC, "news.acme.example", CheckOutcome.FAIL, "no DMARC record is published")
    told = advice(Check.DMARC, failed.subject, "dmarc_missing", "as first seen", 5, facts={"domain": failed.subject})
    return week(**({"practice": [failed], "advice": [told]} | more))


def test_what_is_to_be_put_in_order_comes_with_since_when_and_the_repair():
    page = week_page(practice_week())
    (row,) = page.practice.rows
    assert row.about == "DMARC: news[.]acme[.]example"
    assert row.found == "Since Mon 16 Nov 05:00: no DMARC record is published."
    assert row.repair == in_mail(repair("dmarc_missing", {"domain": "news.acme.example"}, Language.EN))
    text = " ".join(render_weekly(practice_week()).text.split())
    assert f"WHAT TO PUT IN ORDER As last checked on Mon 23 Nov 2026 01:30 EST. {row.about} {row.found} " in text
    assert "not checked yet" not in text


def test_what_one_repair_mends_is_said_once():
    names = [f"192.0.2.{n}" for n in (8, 9, 10)]
    told = [advice(Check.PTR, name, "ptr_missing", "none", 5, facts={"address": name}) for name in names]
    results = [result(Check.PTR, name, CheckOutcome.FAIL, "none") for name in names]
    (row,) = week_page(practice_week(practice=results, advice=told)).practice.rows
    assert row.about == "Reverse name: 192.0.2.8/31 and 192.0.2.10"
    assert row.found == "Since Mon 16 Nov 05:00."
    assert row.repair.startswith("Set a reverse name (PTR) for 192.0.2.8/31 and 192.0.2.10, ")


def test_doubts_about_advice_are_told():
    unknown = result(Check.DMARC, "news.acme.example", CheckOutcome.UNKNOWN, "no answer in time")
    told = advice(Check.DMARC, unknown.subject, "dmarc_missing", "none.", 5, overruled_at=WEEK.begin)
    (row,) = week_page(practice_week(practice=[unknown], advice=[told])).practice.rows
    assert row.found == "Since Mon 16 Nov 05:00: none. It could not be checked again. Requests do not wait for it."


def test_what_was_never_checked_is_in_the_small_print_only():
    text = " ".join(render_weekly(week()).text.split())
    assert "PUT IN ORDER" not in text
    assert "What senders should have in order (SPF, DKIM, DMARC and more): not checked yet." in text


def test_where_nothing_failed_what_could_not_be_checked_is_told_all_the_same():
    checked = [result(Check.SPF, "news.acme.example"), result(Check.TLS, "", CheckOutcome.UNKNOWN)]
    text = " ".join(render_weekly(week(practice=checked)).text.split())
    assert "PUT IN ORDER" not in text
    assert "1 best-practice check passed, none failed, as last checked on " in text
    assert "; listings are told above. Could not be checked: TLS." in text


def test_advice_is_told_as_far_as_there_is_room_and_what_was_mended_beside_it():
    names = [f"n{number}.acme.example" for number in range(MOST_ADVICE + 3)]
    told = [
        advice(Check.MX, name, "mx_dead", "none", 1, facts={"domain": name, "hosts": f"mx.{name}"}) for name in names
    ]
    mended = [advice(Check.MX, f"m{number}.acme.example", "mx_missing", "none", 1, 30) for number in range(11)]
    results = [result(Check.MX, name, CheckOutcome.FAIL, "none") for name in names]
    well = [result(Check.MX, each.subject) for each in mended]
    report = week(practice=[*results, *well], advice=[*told, *mended])
    text = " ".join(render_weekly(report).text.split())
    assert "and 3 more of this kind" in text
    assert "Mended this week: " in text
    assert "m6[.]acme[.]example (Tue 17 Nov 06:00); 3 more." in text
    assert f"n{MOST_ADVICE}[.]" not in text
    assert len(report.practice.advice_ids) == MOST_ADVICE


@settings(deadline=None, max_examples=20)
@given(st.text(st.characters(), max_size=60))
def test_strangers_text_stays_text(text):
    hostile = text + HOSTILE
    lists = [replace(each, name=hostile, access=replace(each.access, note=hostile)) for each in LISTS]
    found, blocked = listing(lists[2], "192.0.2.10", 5, meaning=hostile), block("outlook", "192.0.2.11", 5)
    report = week(
        customer=replace(ACME, name=hostile, tam=replace(ACME.tam, name=hostile)),
        assets=[Asset("192.0.2.8/29", "acme", pool=hostile, stream=hostile)],
        listings=[found, replace(listing(SMALL, "192.0.2.11", 5, 9, Ending.VOID), list_id=hostile)],
        lists_on=lists[:3],
        lists_off=lists[3:],
        cycles=cycles(failing={"great": (10, 90, hostile)}),
        gaps=[Gap(Watch("middle", found.subject), WEEK.begin, None, Outcome.NONSENSE, hostile)],
        drafts=[
            draft(found, DraftState.SUBMITTED, hostile, addressee=hostile),
            draft(blocked, DraftState.PREPARED, channel=FormChannel.NONE, addressee=hostile),
        ],
        episodes=[blocked],
        provider_names={"outlook": hostile},
        endings={"postmaster-letter": hostile},
        practice=[result(Check.DMARC, hostile, CheckOutcome.FAIL, hostile), result(Check.MX, hostile, UNKNOWN)],
        advice=[
            advice(Check.DMARC, hostile, "dmarc_missing", hostile, 5, facts=dict.fromkeys(("domain", "name"), hostile)),
            advice(Check.MX, hostile, "mx_missing", hostile, 5, 9),
        ],
    )
    words = render_weekly(report)
    page, plain = Page(words.html), Page(render_weekly(WEEKS["asked"]()).html + render_weekly(bad_week()).html)
    assert set(page.tags) <= set(plain.tags)
    assert {name for name, _ in page.attributes} <= {name for name, _ in plain.attributes}
    assert "<script>alert(1)</script>" in page.text
    for part in (words.subject, words.text, words.html):
        assert not {"\x1b", "\u202e", "\r"} & set(part)
    assert "\n" not in words.subject
