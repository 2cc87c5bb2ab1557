"""Files with the data of a list that an installation fetches for itself: where each lies, and how it is written.

Many lists are handed out whole as well, as datasets of rbldnsd(8) or, for Spamhaus DROP, as JSON lines
(spamhaus.org/drop, checked 2026-11-22). One table under `[feeds]` names the file of a list; one that comes in several,
such as IPv4 and IPv6 apart, has a list of tables. The operator's rsync may have put it on this machine: file:///.

An address often holds the account in its query or as a user name. So no sentence about a wrong one repeats it, and
what is shown of a right one leaves both out.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from deliverwatch.core.blocklist import FeedFormat, FeedSource
from deliverwatch.core.errors import unknown_name
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.settings.values import described, duration, each, split_url, word

_REQUIRED = ("url", "format", "kinds")
_KEYS = (*_REQUIRED, "refresh")


def feeds(value: Any) -> tuple[FeedSource, ...]:
    """One table, or a list of them."""
    if isinstance(value, dict):
        return (_feed(value),)
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise ValueError('expected {url = "https://...", format = "ip4set", kinds = ["ipv4"]}, or a list of such')
    return tuple(each(_numbered, enumerate(value, start=1)))


def shown_feed(feed: FeedSource, refresh: str) -> str:
    return f"{shown_url(feed.url)} {feed.format} for {', '.join(sorted(feed.kinds))}, at most every {refresh}"


def shown_url(url: str) -> str:
    """Without what may be a secret: the user, the query, the fragment."""
    parts = urlsplit(url)
    host = "***@" + parts.netloc.rpartition("@")[2] if "@" in parts.netloc else parts.netloc
    return f"{parts.scheme}://{host}{parts.path}" + ("?***" if parts.query or parts.fragment else "")


def _numbered(numbered: tuple[int, Mapping[str, Any]]) -> FeedSource:
    number, table = numbered
    try:
        return _feed(table)
    except ValueError as error:
        raise ValueError(f"file {number}: {error}") from None


def _feed(table: Mapping[str, Any]) -> FeedSource:
    for key in table:
        if key not in _KEYS:
            raise ValueError(unknown_name("key", key, _KEYS))
    for key in _REQUIRED:
        if key not in table:
            raise ValueError(f"the key {key!r} is missing")
    format_ = word(FeedFormat, table["format"])
    kinds = _kinds(table["kinds"], format_)
    refresh = {"refresh_for": duration(table["refresh"])} if "refresh" in table else {}
    return FeedSource(_url(table["url"]), format_, kinds, **refresh)


def _kinds(value: Any, format_: FeedFormat) -> frozenset[SubjectKind]:
    if not isinstance(value, list) or not value:
        raise ValueError(f'expected kinds = ["ipv4"] or several, found {described(value)}')
    kinds = frozenset(word(SubjectKind, kind) for kind in value)
    if wrong := sorted(kinds - format_.kinds):
        raise ValueError(f"a file written as {format_} cannot hold {' or '.join(wrong)} subjects")
    return kinds


def _url(value: Any) -> str:
    if isinstance(value, str) and unquote(value).isprintable() and (parts := split_url(value)) is not None:
        on_the_web = parts.scheme == "https" and parts.hostname
        on_this_machine = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
        if on_the_web or on_this_machine:
            return value
    raise ValueError("url is not where a file lies: expected https://... or file:///... (the value is not shown)")
