"""What is said of a blocklist on the desk: whether it is believed, why it is off, how it takes requests."""

from collections.abc import Iterable, Mapping

from deliverwatch.core.blocklist import AccessTerms, Asker, Blocklist, Impact, ListStatus, RemovalWay
from deliverwatch.core.list_standing import Believed
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.zone_health import Health
from deliverwatch.render.tongue import listed, marked, say

BELIEVED: Mapping[Believed, str] = {
    Believed.VERIFIED: marked("verified"),
    Believed.LATE: marked("overdue"),
    Believed.AHEAD: marked("verified in the future: the clock was set back"),
    Believed.NOT_ASKED: marked("not asked yet"),
    Believed.NOT_VERIFIED: marked("not verified"),
    Believed.FAILING: marked("failing"),
    Believed.QUARANTINED: marked("quarantined"),
    Believed.REFUSES: marked("refuses us"),
    Believed.BEYOND_PROOF: marked("cannot be verified"),
}
HEALTH: Mapping[Health, str] = {
    Health.HEALTHY: marked("healthy"),
    Health.FAILING: marked("failing"),
    Health.QUARANTINED: marked("quarantined"),
    Health.UNVERIFIABLE: marked("cannot be verified"),
}
IMPACTS: Mapping[Impact, str] = {
    Impact.CRITICAL: marked("critical"),
    Impact.HIGH: marked("high"),
    Impact.MEDIUM: marked("medium"),
    Impact.LOW: marked("low"),
    Impact.INFO: marked("for information"),
}
USES: Mapping[str, str] = {
    "on": marked("on"),
    "dry_run": marked("on trial: it opens nothing"),
    "part": marked("asked within another list"),
    "off": marked("off"),
}
KINDS: Mapping[SubjectKind, str] = {
    SubjectKind.IPV4: marked("IPv4 addresses"),
    SubjectKind.IPV6: marked("IPv6 addresses"),
    SubjectKind.DOMAIN: marked("domains"),
}
TERMS: Mapping[AccessTerms, str] = {
    AccessTerms.OPEN: marked("Anybody may ask it. To turn it on, name it in lists.enable."),
    AccessTerms.TERMS: marked("It has terms: meet them, then name it in lists.enable."),
    AccessTerms.REGISTRATION: marked("It wants to know who asks: register with it, then name it in lists.enable."),
    AccessTerms.KEY: marked("It is asked with an account key: get one, and set it in [keys]."),
}
REMOVALS: Mapping[RemovalWay, str] = {
    RemovalWay.SELF_SERVICE: marked("by its own form, at once"),
    RemovalWay.ACCOUNT: marked("in an account with its operator"),
    RemovalWay.EMAIL: marked("by mail to its operator"),
    RemovalWay.NETWORK_OWNER: marked("by whoever runs the network"),
    RemovalWay.AUTOMATIC: marked("by time alone: nobody takes a request"),
}
ASKERS: Mapping[Asker, str] = {
    Asker.ANYONE: marked("anyone may ask"),
    Asker.ADDRESS_USER: marked("whoever uses the address may ask"),
    Asker.DOMAIN_OWNER: marked("the owner of the domain may ask"),
    Asker.NETWORK_OWNER: marked("the owner of the network may ask"),
    Asker.NOBODY: marked("nobody may ask"),
}
STATUSES: Mapping[ListStatus, str] = {
    ListStatus.ALIVE: marked("alive"),
    ListStatus.DEGRADED: marked("answers some only, or at times"),
    ListStatus.UNVERIFIED: marked("nobody has measured it lately"),
}


def tone(believed: Believed) -> str:
    if believed is Believed.VERIFIED:
        return "good"
    return "unsure" if believed.in_doubt else "plain"


def kinds_in_words(kinds: Iterable[SubjectKind]) -> str:
    return listed([say(KINDS[each]) for each in sorted(kinds)])


def why_off(blocklist: Blocklist, use: str, *, disabled: bool) -> str:
    """`disabled`: the operator turned it off by name, whatever its terms are."""
    if use == "part":
        return say("Its entries are all in {list}, which is on.", list=blocklist.part_of)
    if disabled:
        return say("Turned off by name in lists.disable.")
    return say(TERMS[blocklist.access.terms])
