"""What a message says, read as its reader reads it: from the words alone."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from truth.cast import SUBJECTS
from truth.simulation import Arrived

_TOKEN = re.compile(r"[0-9a-z.:/]*[0-9a-z]")
_MOMENT = re.compile(r"\w{3} (\d{1,2} \w{3} \d{4} \d\d:\d\d) UTC")
_LABELLED = re.compile(r"^(\w+(?: \w+)?) {2,}(.*)$", re.MULTILINE)
_CLAIMS = {
    "LISTED": re.compile(r"(?P<who>.+?) (?:is|are) listed on (?P<list>\w+)\.(?: That was so already .*)?"),
    "DELISTED": re.compile(r"(?P<who>.+?) (?:is|are) no longer listed on (?P<list>\w+)\."),
    "CORRECTION": re.compile(
        r"We told you that (?P<who>.+?) w(?:as|ere) listed on (?P<list>\w+)\. We take that back\."
    ),
}
_SECTIONS = ("NEEDS YOUR ATTENTION", "LISTINGS OF THIS WEEK", "FOR INFORMATION", "CORRECTIONS", "REQUESTS")
_AFTER = (
    "BLOCKS AT MAILBOX PROVIDERS",
    "IP WARM-UP",
    "WHAT TO PUT IN ORDER",
    "WHAT WE COULD NOT CHECK",
    "IMPORTANT LISTS WE DO NOT WATCH",
)
_ROW = re.compile(r"^ {2,4}(?=\S)(.+?) on (\w+) \((?:critical|high|medium|low|info)\):", re.MULTILINE | re.DOTALL)


class Claim(StrEnum):
    LISTED = "LISTED"
    DELISTED = "DELISTED"
    CORRECTION = "CORRECTION"


@dataclass(frozen=True)
class Letter:
    """An alert about listings. `dated`: when it was written; it may have been held. `partly`: more subjects are meant
    than are named. `moments`: by the label of their row, to the minute."""

    at: datetime
    dated: datetime
    recipient: str
    claim: Claim
    list_name: str
    subjects: frozenset[str]
    partly: bool
    moments: Mapping[str, tuple[datetime, ...]]
    message_id: str
    in_reply_to: str | None


@dataclass(frozen=True)
class Report:
    """`rows`: the (list, subject) pairs it tells as real."""

    at: datetime
    dated: datetime
    recipient: str
    all_clear: bool
    begin: datetime
    rows: frozenset[tuple[str, str]]
    partly: bool
    message_id: str

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(days=7)


def plain(arrived: Arrived) -> str:
    body = arrived.mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").replace("[.]", ".").replace("[:]", ":")


def is_report(arrived: Arrived) -> bool:
    return plain(arrived).startswith("Weekly deliverability report")


def read_letter(arrived: Arrived) -> Letter | None:
    """None: a message about a list, and not about a listing."""
    word = re.match(r"[A-Z ]+", arrived.mail["Subject"])
    claim = word.group().strip() if word else ""
    if claim not in _CLAIMS:
        return None
    paragraphs = [re.sub(r"\n\s+", " ", part) for part in plain(arrived).split("\n\n")]
    what, rows = paragraphs[0].replace("\n", " "), paragraphs[1]
    said = _CLAIMS[claim].fullmatch(what)
    assert said is not None, what
    by_label = dict(_LABELLED.findall(rows))
    who = by_label.get("Subjects", said["who"])
    return Letter(
        arrived.at,
        arrived.mail["Date"].datetime,
        arrived.recipient,
        Claim(claim),
        said["list"],
        frozenset(subjects_in(who)),
        " more" in who,
        {label: tuple(map(_moment, _MOMENT.findall(value))) for label, value in by_label.items()},
        arrived.mail["Message-ID"],
        arrived.mail["In-Reply-To"],
    )


def read_report(arrived: Arrived) -> Report:
    text = plain(arrived)
    week = re.search(r"\(week (\d{4})-W(\d\d)\)", text)
    assert week is not None, text
    begin = datetime.fromisocalendar(int(week[1]), int(week[2]), 1).replace(tzinfo=UTC)
    rows, partly = set(), False
    for section in ("LISTINGS OF THIS WEEK", "FOR INFORMATION"):
        told = _section(text, section)
        partly |= " more listings" in told or bool(re.search(r"and [\d,]+ more", told))
        rows |= {(name, subject) for who, name in _ROW.findall(told) for subject in subjects_in(who)}
    return Report(
        arrived.at,
        arrived.mail["Date"].datetime,
        arrived.recipient,
        "\nALL CLEAR." in text,
        begin,
        frozenset(rows),
        partly,
        arrived.mail["Message-ID"],
    )


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%d %b %Y %H:%M").replace(tzinfo=UTC)


def _section(text: str, title: str) -> str:
    """Up to the next title."""
    found = re.search(rf"^{title}$(.*?)(?=^(?:{'|'.join((*_SECTIONS, *_AFTER))})$)", text, re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


def subjects_in(text: str) -> Iterable[str]:
    """Of ours, by name or in a range."""
    for token in _TOKEN.findall(text):
        if token in SUBJECTS:
            yield token
        elif "/" in token and token[0].isdigit():
            try:
                network = ipaddress.ip_network(token)
            except ValueError:
                continue
            yield from (str(address) for address in network if str(address) in SUBJECTS)
