"""Why something could not be verified, in the reader's language.

Rounds record their reasons in English, as sentences that are put together from a closed set (`core.verdict`,
`core.zone_health`, the look-ups). Here each is found again by its words and said in the language that is spoken, with
what it names put in as it was recorded; {why} stands for another reason of the set. What is not known here, such as a
list's own words for refusing us, is quoted as it is.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from deliverwatch.core.inventory import Language
from deliverwatch.render.tongue import marked, say, spoken

LEFT_OUT = marked("(left out here, as it may name addresses or domains)")
"""In place of a reason that a private report may not quote (`render.week_private`)."""

_SENTENCES: Sequence[str] = (
    marked("no answer in time"),
    marked("no answer in time ({why})"),
    marked("the server answered SERVFAIL"),
    marked("the server answered FORMERR"),
    marked("the server answered NOTIMP"),
    marked("the server answered REFUSED: we may not ask it"),
    marked("the server answered with response code {code}"),
    marked("the network failed"),
    marked("the network failed ({why})"),
    marked("over TCP"),
    marked("over TCP: the server hung up"),
    marked("over TCP: {why}"),
    marked("the connection failed"),
    marked("closed before an answer came"),
    marked("a reply that is cut short"),
    marked("a reply that cannot be read"),
    marked("the server that answered is not the list's own (no AA)"),
    marked("the reply contradicts itself"),
    marked("an answer without a record (NOERROR, no A): something filters it"),
    marked("an answer without an address"),
    marked("answered that there is no such name, and {values} for it"),
    marked("answered {count} addresses for one name: at most {most} are taken for a listing"),
    marked("answered {values}, outside 127.0.0.0/8"),
    marked("{code}: an answer about our query, not about the subject"),
    marked("test point {point} must be listed and is not: the list has gone empty, or something hides it"),
    marked("test point {point} must not be listed and is: the list lists the world, or something answers for it"),
    marked("test point {point} answered {found}, expected {expected}"),
    marked("test point {point}: {why}"),
    marked("the list cannot be believed: {why}"),
    marked("not found, which proves nothing: {why}"),
    marked("the list publishes no test points for this kind of subject: nothing it says can be verified"),
    marked("nothing was asked"),
    marked("not asked: {why}"),
    marked("the list answered none of the last {count} questions"),
    marked("asked, and then not waited for: the list is not asked any more"),
    marked("in the middle of a round: {why}"),
    marked("quarantined since {moment} UTC: {why}"),
    marked("it refuses us since {moment} UTC: {why}"),
    marked("the day's budget of {count} queries is used up: ask the list less often"),
    marked("there is no download of {url}"),
    marked("there is no download of {url}: the last one {why}"),
    marked("the download of {url} is {hours} h old"),
    marked("the download of {url} is {hours} h old: the last one {why}"),
    marked("the download of {url} cannot be read: {why}"),
    marked("the download of {url} is of no use: {why}"),
)
_WORD = r"\S+"
_FREE = r".+"
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_OF_SEVERAL_WORDS = frozenset({"why", "values", "found", "expected", "moment"})


def said_why(recorded: str) -> str:
    """Not encoded: what it names is as foreign as it was."""
    if spoken() is Language.EN:
        return recorded
    if recorded == LEFT_OUT:
        return say(LEFT_OUT)
    return next(_readings(recorded), None) or say("“{words}”", words=recorded)


def _readings(recorded: str) -> Iterator[str]:
    for pattern, sentence in _patterns():
        if found := pattern.fullmatch(recorded):
            yield say(sentence, **{place: _put_in(place, text) for place, text in found.groupdict().items()})


def _put_in(place: str, text: str) -> str:
    return said_why(text) if place == "why" else text


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    return [(re.compile(_PLACE.sub(_group, re.escape(sentence)), re.DOTALL), sentence) for sentence in _SENTENCES]


def _group(place: re.Match[str]) -> str:
    name = place[1]
    return f"(?P<{name}>{_FREE if name in _OF_SEVERAL_WORDS else _WORD})"
