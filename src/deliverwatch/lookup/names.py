"""The name that is asked for, and the only place where an account key becomes a part of one.

A blocklist is asked for the subject's label (RFC 5782 §2.1, §2.4, §3) in front of its zone. Keyed zones carry the
account key as one label of that name; whoever sees the name can spend the account, so it is built here, handed to the
engine, and appears in no answer, error or log. A key that is more than one LDH label (RFC 5890 §2.3.1) could steer the
question into another zone and is refused.

A list of registered domains (uribl.com/about.shtml) answers NXDOMAIN for every name below them, so a subject is reduced
to its registered domain by the Public Suffix List first. One that wildcards its entries (docs.spamhaus.com, "DQS
Requests", on DBL and ZRD) takes the host as it is; one with entries of both sorts and no wildcards (SURBL) is asked for
both, or half of it is never seen. A test point is the operator's own name for an entry and is asked as it stands:
test.uribl.com is an entry of URIBL, uribl.com is not. (All as in the catalogue's sources, checked 2026-11.)
"""

import re
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

from deliverwatch.core.blocklist import AskedName, Blocklist, query_label
from deliverwatch.core.subjects import SubjectKind

MAX_NAME = 253
_NAMES_KEPT = 65_536  # all lists are asked about the same ones, hour after hour
_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")


def query_name(blocklist: Blocklist, kind: SubjectKind, name: str, key: str | None) -> str:
    """The absolute name for one of `asked_names`, with its final dot. Raises ValueError, without the name, when DNS
    cannot carry it."""
    asked = f"{query_label(kind, name)}.{zone_name(blocklist, key)}"
    if len(asked) > MAX_NAME:
        raise ValueError(f"the name to ask for has {len(asked)} characters, more than the {MAX_NAME} of DNS")
    if not all(_LABEL.fullmatch(label) for label in asked.split(".")):
        raise ValueError("the name to ask for has a label that DNS host names do not allow")
    return f"{asked}."


def asked_names(blocklist: Blocklist, kind: SubjectKind, name: str) -> tuple[str, ...]:
    """The names under which the list may hold a subject or test point: one, or its own and the registered domain."""
    if kind is not SubjectKind.DOMAIN or blocklist.asked_name is AskedName.FULL:
        return (name,)
    if any(point.name == name for point in blocklist.points_for(kind)):
        return (name,)
    registered = registered_domain(name)
    if blocklist.asked_name is AskedName.BOTH and registered != name:
        return (name, registered)
    return (registered,)


def zone_name(blocklist: Blocklist, key: str | None) -> str:
    """Without a key, the public zone. Raises ValueError where there is none."""
    if key is not None and blocklist.keyed_zone is not None:
        return blocklist.keyed_zone.replace("{key}", key)
    if blocklist.zone is None:
        raise ValueError(f"{blocklist.name} is asked only with an account key: set keys.{blocklist.id}")
    return blocklist.zone


@lru_cache(maxsize=_NAMES_KEPT)
def registered_domain(name: str) -> str:
    """One label below the public suffix; a public suffix itself stays as it is."""
    return _suffixes().privatesuffix(name) or name


def check_key(list_id: str, key: str) -> None:
    """Raises ValueError with a sentence that does not show the key."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"the key of {list_id} is not a key: expected one label of letters, digits and hyphens")


def without_key(text: str, key: str | None) -> str:
    """Lists do quote the name they were asked for."""
    return text if key is None else re.sub(re.escape(key), "***", text, flags=re.IGNORECASE)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
