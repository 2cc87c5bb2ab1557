"""The weekly report as a mail: its words are golden files; what mail programs and readers need are properties."""

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from functools import cache
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.bulletin import BulletinItem
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
from deliverwatch.render.look import MARK, PLAIN, Logo, Look
from deliverwatch.render.mail import compose
from deliverwatch.render.practice_words import repair
from deliverwatch.render.week_page import week_page
from deliverwatch.render.week_places import place_rows
from deliverwatch.render.week_requests import ANSWERS
from deliverwatch.render.weekly import render_weekly
from render.golden import check_golden
from render.week_runs import RUN, held_week, refused_week, told
from render.weeks import (
    ACME,
    GREAT,
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
    last_week,
    listing,
    mail,
    result,
    week,
)

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
STATES = {
    "compared": "Attention: ",
    "first": "All clear: ",
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
        note="as we said before " * 60,
        bulletin=[BulletinItem(WEEK.begin.date(), "t" * 140, "text " * 120, "https://lists.example/x")] * 3,
        counted=[mail(WEEK, attempted=1_250_400, delivered=1_250_400, deferred=1, bounced=1)],
        last_week=last_week(attempted=7),
        **more,
    )


def composed(words):
    return compose("Us <us@esp.example>", "p@acme.example", words.subject, words.text, words.html, "id", MADE_AT)


def html_as_sent(words):
    return message_from_bytes(composed(words), policy=SMTP).get_body(("html",)).as_bytes()


def test_the_largest_report_is_not_cut_by_gmail():
    """102 KB of source is where Gmail stops."""
    words = render_weekly(largest_week())
    assert len(html_as_sent(words)) <= 80_000
    assert re.search(r"and [\d,]+ more listings", words.text)
    assert set(NUMBER.findall(Page(words.html).text)) == set(NUMBER.findall(words.text))


def test_all_clear_is_never_said_of_what_was_not_verified():
    for name in STATES.keys() - {"quiet", "first", "warming"}:
        words = render_weekly(WEEKS[name]())
        assert "all clear" not in (words.subject + words.text + Page(words.html).text).lower()


@pytest.mark.parametrize("name", ["quiet", "first"])
def test_a_quiet_week_is_twelve_lines(name):
    for look in (PLAIN, Look(unsubscribe_url=f"https://deliverwatch.esp.example/unsubscribe/{MARK}")):
        lines = render_weekly(WEEKS[name](), look).text.splitlines()
        assert len([line for line in lines if line.strip()]) <= 12


@pytest.mark.parametrize(
    ("said", "before", "told"),
    [
        ({}, [], "1 (1 more than last week)"),
        ({}, [-30], "1 (as last week)"),
        ({}, [-30, -31, -32], "1 (2 fewer than last week)"),
        ({"verified_ratio": 0.5}, [], "1 (1 more than we know of last week)"),
        ({"verified_ratio": 0.5}, [-30], "1 (as we know of last week)"),
        ({"verified_ratio": 0.5}, [-30, -31, -32], "1 (2 fewer than we know of last week)"),
        ({"watch_hours": 3}, [-30], "1 (change not known)"),
    ],
)
def test_the_change_is_said_in_words_and_only_as_far_as_it_is_known(said, before, told):
    ended = [listing(MIDDLE, f"192.0.2.{9 - hour // 40}", hour, hour + 1, Ending.DELISTED) for hour in before]
    words = render_weekly(week(listings=[listing(MIDDLE, "192.0.2.10", 5), *ended], last_week=last_week(**said)))
    assert f"New this week     {told}" in words.text
    assert told[3:-1] in Page(words.html).text


def test_numbers_that_may_grow_are_provisional_and_those_that_did_are_restated():
    text = " ".join(render_weekly(WEEKS["compared"]()).text.split())
    assert "20,900 bounced (provisional; last week: 905,000 attempted" in text
    assert "Mail attempted: 905,000 the report said 904,000" in text
    assert "Open at the end: 1 the report said 0" in text
    html = Page(render_weekly(WEEKS["compared"]()).html).text
    assert "This week, provisional Last week, restated" in html
    settled = replace(WEEKS["compared"](), mail_can_grow=False)
    assert "rovisional" not in render_weekly(settled).text + render_weekly(settled).html


def test_mail_that_nobody_counts_is_not_measured():
    text = render_weekly(WEEKS["first"]()).text
    assert "Your own mail was not measured." in text
    assert "attempted" not in text
    partly = " ".join(render_weekly(week(counted=[mail(WEEK, delivered=7)])).text.split())
    assert "not measured attempted, 7 delivered, not measured deferred" in partly
    assert "last week: not measured" in partly
    assert "Your own mail" not in partly
    unverified = cycles(failing={"great": (100, 168, "no answer in time")})
    assert "Your own mail was not measured." in render_weekly(week(cycles=unverified)).text


def test_a_place_that_nobody_watches_says_so():
    lists = (GREAT, MIDDLE)
    words = render_weekly(week(lists_on=lists, cycles=cycles(lists)))
    assert "news[.]acme[.]example now 0, this week 0, last week not known; not observed: not watched" in " ".join(
        words.text.split()
    )


def test_hours_not_observed_are_rounded_up():
    of_pool = replace(week().places[0], due_for=timedelta(hours=79, minutes=49), unverified_for=timedelta(minutes=1))
    assert [each.unobserved for each in place_rows([of_pool])] == ["1\N{NO-BREAK SPACE}h of 80\N{NO-BREAK SPACE}h"]


def test_five_items_need_the_reader_at_most_and_of_each_kind_one():
    listed = [listing(each, f"192.0.2.{n}", n) for n in range(8, 13) for each in (GREAT, MIDDLE)]
    blocked = [block(f"p{n}", "192.0.2.10", 8) for n in range(4)]
    page = week_page(week(listings=listed, episodes=blocked, warmups=told(refused_week(), held_week())))
    assert [len(each.rows) for each in (page.items, page.blocked, page.held)] == [2, 2, 1]
    assert [each.more for each in (page.items, page.blocked, page.held)] == [8, 2, 1]
    assert len(week_page(week(listings=listed)).items.rows) == 5


def test_a_request_granted_in_vain_says_so():
    text = " ".join(render_weekly(WEEKS["compared"]()).text.split())
    assert "We: Microsoft says lifted, still refusing on Sun 22 Nov 16:00. We go on reading the replies from" in text
    assert "192.0.2.9, 192.0.2.10: Microsoft says lifted, still refusing on Sun 22 Nov 16:00 to Microsoft" in text
    found = block("outlook", "192.0.2.10", 8, last_seen=160)
    granted = draft(found, DraftState.ANSWERED, outcome=RequestOutcome.GRANTED)
    again = draft(found, DraftState.PULLED, id="again", follow_up_of=granted.id, created_at=granted.answered_at)
    text = " ".join(render_weekly(week(episodes=[found], drafts=[granted, again])).text.split())
    assert "still refusing on Sun 22 Nov 16:00. A follow-up to Outlook[.]com is being checked and completed." in text


BLOCKS = {
    "192.0.2.9: open since Mon 16 Nov 08:00; 12 refusals; 25% of a day's mail of yours": [
        block("yahoo", "192.0.2.9", 8, replies=12, share=0.25)
    ],
    "192.0.2.10/31 (2 addresses): open since Mon 16 Nov 08:00; at least 12 refusals; at least 25% of a day's": [
        block("yahoo", "192.0.2.10", 8, replies=12, share=0.25),
        block("yahoo", "192.0.2.11", 9),
    ],
    "192.0.2.9: accepted again Mon 16 Nov 20:00 since Mon 16 Nov 08:00; 1 refusal; less than 0.1% of a day's": [
        block("yahoo", "192.0.2.9", 8, 20, replies=1, share=0.0009)
    ],
    "192.0.2.9: open at the end, accepted again Mon 23 Nov 02:00 since Mon 16 Nov 08:00; not counted; share of": [
        block("yahoo", "192.0.2.9", 8, 170)
    ],
    "203.0.113.2: open since Mon 16 Nov 08:00; others send from there too: no counts WHAT WE COULD": [
        block("yahoo", "203.0.113.2", 8, replies=12, share=0.25)
    ],
}


@pytest.mark.parametrize("expected", BLOCKS)
def test_blocks_are_told_with_how_much_they_hit(expected):
    text = " ".join(render_weekly(week(episodes=BLOCKS[expected])).text.split())
    assert expected.replace(": ", " at Yahoo: ", 1) in text.split("BLOCKS AT MAILBOX PROVIDERS")[1]


def test_the_tams_words_and_the_news_are_told():
    words = render_weekly(WEEKS["compared"]())
    head, rest = words.text.split("NEEDS YOUR ATTENTION")
    assert "Example TAM writes: We spoke on Thursday" in head
    assert "Outlook[.]com" in head
    news = " ".join(rest.split("WHAT CHANGED IN THE INDUSTRY")[1].split())
    assert news.startswith("A list has closed 18 Nov 2026: Its operator answers no more questions since that day;")
    assert "Source: https://lists.example/closed" in news
    assert ("href", "https://lists.example/closed") in Page(words.html).attributes


LOOK = Look(
    brand="Example ESP",
    colour="#7a1f5c",
    logo=Logo(b"", "png"),
    footer="Example ESP, 1 Example Street",
    unsubscribe_url=f"https://deliverwatch.esp.example/unsubscribe/{MARK}",
)


def test_an_installation_has_its_own_look():
    words = render_weekly(WEEKS["compared"](), LOOK)
    page = Page(words.html)
    assert [each for each in page.attributes if each[0] == "src"] == [("src", f"cid:{LOOK.logo.cid}")]
    assert ("alt", "Example ESP") in page.attributes
    assert "#7a1f5c" in words.html
    assert contrast("#7a1f5c", "#ffffff") >= 4.5
    for part in (" ".join(words.text.split()), page.text):
        assert "by Example ESP." in part
        assert "deliverwatch" not in part.replace(LOOK.unsubscribe_url, "")
        assert f"To stop it: {LOOK.unsubscribe_url}" in part
        assert part.endswith("Example ESP, 1 Example Street")
    assert "answer this mail" not in words.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", WEEKS)
def test_it_speaks_the_customers_language(name, language):
    report = replace(WEEKS[name](), customer=replace(ACME, language=language, name="Acme " * 9))
    words = render_weekly(report)
    page = Page(words.html)
    assert ("lang", language) in page.attributes
    assert len(words.subject) <= 70
    assert words.subject.endswith(" 2026")
    assert set(NUMBER.findall(page.text)) == set(NUMBER.findall(words.text))
    assert len(html_as_sent(words)) <= 80_000


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
    if is_listing and state is DraftState.ANSWERED and outcome is RequestOutcome.GRANTED:
        assert "192.0.2.10: Middle list says removed, still listed on Sun 22 Nov 23:00" in text
        return
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


def week_in_words_of_others(words, language):
    lists = [replace(each, name=words, access=replace(each.access, note=words)) for each in LISTS]
    found = listing(lists[2], "192.0.2.10", 5, meaning=words)
    quoted = f"no answer in time ({words})"
    return week(
        customer=replace(ACME, name=words, language=language, tam=replace(ACME.tam, name=words)),
        assets=[Asset("192.0.2.8/29", "acme", pool=words, stream=words)],
        listings=[found],
        lists_on=lists[:3],
        lists_off=lists[3:],
        cycles=cycles(failing={"great": (10, 90, words)}),
        gaps=[Gap(Watch("middle", found.subject), WEEK.begin, None, Outcome.NONSENSE, quoted)],
        drafts=[draft(found, DraftState.SUBMITTED, words, addressee=words)],
        episodes=[block("outlook", "192.0.2.11", 5)],
        provider_names={"outlook": words},
        note=words,
        bulletin=[BulletinItem(WEEK.begin.date(), words, words, "https://lists.example/x")],
        practice=[result(Check.DMARC, words, CheckOutcome.FAIL, words)],
        advice=[advice(Check.DMARC, words, "dmarc_invalid", words, 5, facts={"name": words})],
        warmups=told(held_week(run=replace(RUN, pool=words, plan=replace(RUN.plan, name=words)))),
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("words", ["{tam}", "{0}", "{n:>9999999999}", "{tam!r}", "{tam", "%s%(n)d", "=?utf-8?q?evil?="])
def test_what_could_be_filled_in_or_decoded_comes_out_as_text(words, language):
    """By `str.format`, by "%", by the template, or by whoever reads a header (RFC 2047): the report is the same as of
    harmless words."""
    harmless = re.sub(r"\S", "\N{GREEK SMALL LETTER XI}", words)
    said, expected = (
        render_weekly(week_in_words_of_others(each, language), Look(brand=each, footer=each))
        for each in (words, harmless)
    )
    assert said.text.replace(words, harmless) == expected.text
    assert unescape(said.html).replace(words, harmless) == unescape(expected.html)
    assert said.subject.split(words[:4])[0] == expected.subject.split(harmless[:4])[0]
    assert min(part.count(words) for part in (said.text, unescape(said.html))) > 20
    assert "=?" not in message_from_bytes(composed(said), policy=SMTP)["Subject"]


@cache
def plain_pages():
    return Page("".join(render_weekly(each()).html for each in WEEKS.values()))


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
        note=hostile,
        bulletin=[BulletinItem(WEEK.begin.date(), hostile, hostile, "https://lists.example/x")],
        practice=[result(Check.DMARC, hostile, CheckOutcome.FAIL, hostile), result(Check.MX, hostile, UNKNOWN)],
        advice=[
            advice(Check.DMARC, hostile, "dmarc_missing", hostile, 5, facts=dict.fromkeys(("domain", "name"), hostile)),
            advice(Check.MX, hostile, "mx_missing", hostile, 5, 9),
        ],
    )
    words = render_weekly(report)
    page, plain = Page(words.html), plain_pages()
    assert set(page.tags) <= set(plain.tags)
    assert {name for name, _ in page.attributes} <= {name for name, _ in plain.attributes}
    assert "<script>alert(1)</script>" in page.text
    for part in (words.subject, words.text, words.html):
        assert not {"\x1b", "\u202e", "\r"} & set(part)
    assert "\n" not in words.subject
