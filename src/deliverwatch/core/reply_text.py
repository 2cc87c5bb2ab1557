"""The receiver's own words, out of whatever carried them here, in one form.

A reply comes as the receiver said it, or inside what our MTA, a sending service or a bounce wrote around it: "host
mx.example[192.0.2.1] said: 550-5.7.1 ... (in reply to RCPT TO command)". What stands around is not the receiver's and
is cut; the host that it names is kept, since it tells who spoke. Of a reply of several lines (RFC 5321 §4.2.1) the
codes of all lines but the first go, so that a sentence is one sentence again.

Normalised text is lower case, one line, single spaces. Addresses and ids in it are replaced by constants that look
alike ("192.0.2.1", "user@"), so that replies which differ in nothing else are one text, and what is known of it need
be found out once. Each word of it knows its place in the reply: what is quoted from one is quoted as it stands there.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

MOST = 4096  # characters of a reply that are read; RFC 5321 §4.5.3.1.5 allows 512 octets a line
_MOST_WORD = 256
_MOST_WORDS_KNOWN = 50_000
_QMAIL = 2  # underscores, and two more for every space, before they are taken for spaces

IPV4 = r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\.?\d)"
IPV6 = r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}(?![\w:])"
_IN_ANGLES = re.compile(r"(<[^<>\s]{0,320}>)")
_MAY_VARY = re.compile(r"[0-9@]|::")
_MAIL = re.compile(  # what most words that vary look like
    r"([<(\"'\[]{0,2})[^\s<>@\"'(),:;\[\]]{1,64}@([a-z][a-z.-]{1,200}[>\])\"',.:;]{0,4})"
)
_VARIABLE = re.compile(
    r"(?P<mail>[^\s<>@\"'(),:;\[\]]{1,64}@(?=[a-z0-9-]))"
    rf"|(?P<v4>{IPV4})"
    r"|(?P<date>(?<!\d)\d{4}-\d\d-\d\d(?:t\d\d:\d\d(?::\d\d(?:\.\d+)?)?z?)?)"
    rf"|(?P<v6>{IPV6})"
    r"|(?P<clock>(?<!\d)\d\d:\d\d:\d\d(?!\d))"
    r"|(?P<id>(?<![a-z0-9_])(?:\d{9,}|(?=[a-z]*\d[a-z]*\d[a-z]*\d)[a-z0-9]{12,}))"
)
# Nobody's sending IP as another host sees it: unspecified, private, loopback (lists' answers, too), link-local.
_NEVER_SEEN_IPV4 = ("0.", "10.", "127.", "169.254.", "192.168.", *(f"172.{second}." for second in range(16, 32)))
_NEVER_SEEN_IPV6 = tuple(map(ipaddress.IPv6Network, ("::/127", "fe80::/10", "fc00::/7")))
SOME_IPV4, SOME_IPV6 = "192.0.2.1", "2001:db8::1"  # for any address in a normalised text
_CONSTANTS = {"mail": "user@", "date": "2026-01-01", "clock": "00:00:00", "id": "id000000"}


class ReplyText(NamedTuple):
    """`text`: normalised. `places`: for each of its words, which word of the reply it is. `host`: that answered, if the
    wrapper tells."""

    text: str
    places: Sequence[int]
    host: str | None


class Words(dict[str, str]):
    """A word of a reply -> the same in the normalised form. Remembers, since most words come again; forgets all of them
    when they are too many."""

    def joined(self, words: Iterable[str]) -> str:
        """In their normalised form, single spaces between them."""
        return " ".join(map(self.__getitem__, words))

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS_KNOWN:
            self.clear()
        normal = word.lower()
        if (mail := _MAIL.fullmatch(normal)) is not None:
            normal = f"{mail[1]}user@{mail[2]}"
        elif _MAY_VARY.search(normal) is not None:
            normal = _VARIABLE.sub(_constant, normal)
        if len(word) <= _MOST_WORD:
            self[word] = normal
        return normal


def _constant(found: re.Match[str]) -> str:
    kind, value = str(found.lastgroup), found[0]
    if kind not in ("v4", "v6"):
        return _CONSTANTS[kind]
    address = seen_address(value)
    if address is None:
        return value
    return SOME_IPV6 if ":" in address else SOME_IPV4


def seen_address(text: str) -> str | None:
    """An address under which another host may have seen us, in its normal form. None: it is none."""
    if ":" not in text:
        octets = text.split(".")
        sound = all(octet == "0" or (octet[0] != "0" and int(octet) < 256) for octet in octets)
        return text if sound and not text.startswith(_NEVER_SEEN_IPV4) else None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return seen_address(str(address.ipv4_mapped))
    return None if any(address in network for network in _NEVER_SEEN_IPV6) else str(address)


def normalised(reply: str) -> ReplyText:
    return read_reply(Words().joined(split_reply(reply)))


def split_reply(reply: str) -> list[str]:
    """The words of a reply. Exim writes the line breaks of a reply into its log as backslash and n, qmail all spaces
    as underscores."""
    reply = reply[:MOST]
    if "\\" in reply:
        reply = reply.replace("\\r", " ").replace("\\n", " ")
    if "_" in reply and reply.count("_") > _QMAIL + 2 * reply.count(" "):
        reply = _with_spaces(reply)
    return reply.split()


def _with_spaces(reply: str) -> str:
    """An address keeps its underscores; where one may begin anywhere, all are kept: it has to be known to be masked."""
    parts = _IN_ANGLES.split(reply)
    if any("@" in part for part in parts[::2]):
        return reply
    return "".join(part if number % 2 else part.replace("_", " ") for number, part in enumerate(parts))


def read_reply(joined: str) -> ReplyText:
    """`joined`: the words in their normalised form, single spaces between them."""
    begin, end = _quoted(joined)
    before = joined.count(" ", 0, begin)
    text, host = joined[begin:end], _host(joined, begin)
    if (plain := _PLAIN.match(text)) is not None and text.find(plain[1], plain.end(1)) == -1:
        return ReplyText(text, range(before, before + text.count(" ") + 1), host)
    words, places = _without_repeated_codes(text.split(" "), before)
    return ReplyText(" ".join(words), places, host)


# --- what stands around ---------------------------------------------------------------------------------------------

# Words after which the receiver speaks: Postfix, qmail, Exchange, sendmail, Gmail, IronPort, Momentum, DSN fields
# (RFC 3464 §2.3.6). The last one counts: a reply may quote another hop's.
_OPENINGS = (
    "said: ",
    "refused to talk to me: ",
    "refused to talk to me. ",
    "remote server returned '",
    "remote server returned: ",
    "last transfail: ",
    "smtp; ",
    "smtp;",
    "x-postfix; ",
    "<<< ",
    "remote server was: ",
    "other server returned was: ",
    "the response was: ",
    "server responded: ",
    "server responded with: ",
    "server replied: ",
    "error message below: ",
    "unknown address error ",
    "other network problem ",
    "returned a permanent error ",
    "returned a temporary error ",
)
# A text that begins with a code is a reply; these are found in replies of relays, which quote the next host's.
_OPENINGS_IN_A_REPLY = (
    "said: ",
    "last transfail: ",
    "remote server returned '",
    "smtp; ",
    "<<< ",
    "unknown address error ",
)
_CODE_FOLLOWS = re.compile(
    r"(?:[\])>:]|data|to|from|connection|command|size=\d{1,12}|reason|message|server): (?=[245]\d\d[ -])"
)
# Where nothing else tells: whatever looks like a code with words after it, behind a colon, a bracket or a quote.
_CODE_ANYWHERE = re.compile(r"(?:: ?[\"']?|[=(\"'])(?=[45]\d\d[ -][a-z0-9#<\"])")
_CLOSINGS = (
    " (in reply to ",
    ": retry timeout exceeded",
    "i'm not going to try again",
    " giving up on ",
    "/giving up on ",
    " (delivery attempts:",
    " >>> ",
)
_CLOSINGS_503 = (" 503 5.5.2 need rcpt", " 503 need rcpt", " 503 5.5.1 ", " 503 error: need rcpt")
_HOST = re.compile(
    r"(?:\bhost:?|\bwith|\bconnect to|\btalking to|\bby|\bdns;|@)[ ]"
    r"(?P<name>[a-z0-9_][a-z0-9_.-]{0,250}\.[a-z]{2,24})\.?:?(?: ?[\[(:]|$| while)"
)
_ENOUGH = 3


def _quoted(joined: str) -> tuple[int, int]:
    """Where the receiver's words begin and end."""
    if (complaint := joined.find(" <<< 503")) != -1:  # about the command that came after the refusal
        joined = joined[:complaint]
    begin, least, bare = 0, len(joined) - _ENOUGH, joined[:1].isdigit()
    for opening in _OPENINGS_IN_A_REPLY if bare else _OPENINGS:
        if opening in joined and begin < (found := joined.rfind(opening) + len(opening)) <= least:
            begin = found
    if not bare and ": " in joined and (code := _last_code(joined)) > begin:
        begin = code
    if not bare and not joined[begin : begin + 3].isdigit() and (coded := _CODE_ANYWHERE.search(joined, begin)):
        begin = coded.end()
    end = len(joined)
    for closing in _CLOSINGS_503 + _CLOSINGS if " 503 " in joined else _CLOSINGS:
        if closing in joined and (found := joined.find(closing, begin + _ENOUGH)) != -1:
            end = min(end, found)
    return begin, _without_closing_quotes(joined, begin, end)


def _without_closing_quotes(joined: str, begin: int, end: int) -> int:
    """A bracket goes only if it was opened outside."""
    while end > begin + _ENOUGH:
        last = joined[end - 1]
        if last not in " '\")" or (last == ")" and joined.count("(", begin, end) >= joined.count(")", begin, end)):
            break
        end -= 1
    return end


def _last_code(joined: str) -> int:
    """Exim: "... after RCPT TO:<...>: host mx.example [192.0.2.1]: 550 ..."."""
    if "remote" not in joined and "host" not in joined:
        return 0
    return max((found.end() for found in _CODE_FOLLOWS.finditer(joined)), default=0)


def _host(joined: str, begin: int) -> str | None:
    """The last host named before the quoted words; in a text without such words, the one that it is about."""
    if begin == 0 and joined[:1].isdigit():
        return None
    name = None
    for found in _HOST.finditer(joined, 0, begin or len(joined)):
        name = found["name"]
    return name


# --- codes ----------------------------------------------------------------------------------------------------------

_CODES = re.compile(r"[\"'#(\[]{0,2}([245]\d\d)(?:-(?=\S)|$|-$)['\"#]{0,2}(?:([245]\.\d{1,3}\.\d{1,3})(?:-|$))?")
_ENHANCED = re.compile(r"[(\[#]{0,2}([245]\.\d{1,3}\.\d{1,3})[\])#:-]{0,2}")
# Codes as they are to be, each a word of its own, or no enhanced one: nothing to do if the code does not come again.
_PLAIN = re.compile(r"([245]\d\d) (?:[245]\.\d{1,3}\.\d{1,3} |[^(\[#\d])")


class _Codes:
    """Those of the first line, and what is left of a piece without them."""

    def __init__(self) -> None:
        self.code: str | None = None
        self.enhanced: str | None = None
        self._dropped = False

    def first(self, piece: str) -> list[str]:
        found = _CODES.match(piece)
        if found is None:
            return [piece]
        self.code, self.enhanced = found[1], found[2]
        return [found[1], *([found[2]] if found[2] else []), piece[found.end() :]]

    def second(self, piece: str) -> list[str]:
        if self.code is not None and self.enhanced is None and (found := _ENHANCED.fullmatch(piece)):
            self.enhanced = found[1]
            return [found[1]]
        return [piece] if self.code is not None else self.first(piece)

    def later(self, piece: str) -> str:
        found = _CODES.match(piece) if self.code is not None and self.code in piece[:6] else None
        if found is not None and found[1] == self.code:
            rest = self._without_enhanced(piece[found.end() :])
            self._dropped = not rest
            return rest
        if self._dropped:
            self._dropped = False
            return self._without_enhanced(piece)
        return piece

    def _without_enhanced(self, piece: str) -> str:
        repeated = self.enhanced is not None and piece.startswith(self.enhanced)
        return piece[len(self.enhanced or "") :].lstrip("-") if repeated else piece


def _without_repeated_codes(pieces: list[str], before: int) -> tuple[list[str], list[int]]:
    """The pieces and their places. The first line's codes stay, as words of their own."""
    codes = _Codes()
    words = [word for word in codes.first(pieces[0]) if word]
    places = [before] * len(words)
    if len(pieces) > 1:
        rest = [word for word in codes.second(pieces[1]) if word]
        words += rest
        places += [before + 1] * len(rest)
    if codes.code is None or codes.code not in " ".join(pieces[2:]):
        return words + pieces[2:], [*places, *range(before + 2, before + len(pieces))]
    for number, piece in enumerate(pieces[2:], start=before + 2):
        if word := codes.later(piece):
            words.append(word)
            places.append(number)
    return words, places
