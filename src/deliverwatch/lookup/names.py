"""The name that is asked for, and the only place where an account key becomes a part of one.

A blocklist is asked for the subject's label (RFC 5782 §2.1, §2.4, §3) in front of its zone. Keyed zones carry the
account key as one label of that name; whoever sees the name can spend the account, so it is built here, handed to the
engine, and appears in no answer, error or log. A key that is more than one LDH label (RFC 5890 §2.3.1) could steer the
question into another zone and is refused.

Lists that store registered domains only (the "URIBL usage" of their operators) answer NXDOMAIN for every subdomain, so
a subject is reduced to its registered domain by the Public Suffix List first. A test point is the operator's own name
for an entry and is asked as it stands: test.uribl.com is an entry of URIBL, uribl.com is not.
"""

import re
from functools import cache

from publicsuffixlist import PublicSuffixList

from deliverwatch.core.blocklist import AskedName, Blocklist, query_label
from deliverwatch.core.subjects import SubjectKind

MAX_NAME = 253
_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")


def query_name(blocklist: Blocklist, kind: SubjectKind, name: str, key: str | None) -> str:
    """The absolute name, with its final dot. Raises ValueError, without the name, when DNS cannot carry it."""
    asked = f"{subject_label(blocklist, kind, name)}.{zone_name(blocklist, key)}"
    if len(asked) > MAX_NAME:
        raise ValueError(f"the name to ask for has {len(asked)} characters, more than the {MAX_NAME} of DNS")
    if not all(_LABEL.fullmatch(label) for label in asked.split(".")):
        raise ValueError("the name to ask for has a label that DNS host names do not allow")
    return f"{asked}."


def subject_label(blocklist: Blocklist, kind: SubjectKind, name: str) -> str:
    """What stands in front of the zone. Raises ValueError for an address that is none."""
    if kind is SubjectKind.DOMAIN and blocklist.asked_name is AskedName.REGISTERED:
        own_names = {point.name for point in blocklist.points_for(kind)}
        return name if name in own_names else registered_domain(name)
    return query_label(kind, name)


def zone_name(blocklist: Blocklist, key: str | None) -> str:
    """Without a key, the public zone. Raises ValueError where there is none."""
    if key is not None and blocklist.keyed_zone is not None:
        return blocklist.keyed_zone.replace("{key}", key)
    if blocklist.zone is None:
        raise ValueError(f"{blocklist.name} is asked only with an account key: set keys.{blocklist.id}")
    return blocklist.zone


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
