"""Who is asked, and by whose form.

A listing goes to its list, by the form for the codes found: of ZEN, an SBL entry is left through the owner of the
network alone, and while it stands nothing else of the list is; so the hardest code decides. A block goes to the
provider that answered; where a provider's domains may have moved behind another's hosts (AT&T and Comcast to Yahoo,
2025), to whom their MX belongs now. Who has no form of its own gets the generic letter.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deliverwatch.core.blocklist import Blocklist, RemovalWay
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.provider import MailboxProvider, ProviderDirectory
from deliverwatch.core.remediation.case import Addressee
from deliverwatch.core.remediation.form import Form, Sender

SERVED_AT = "has its mail at"
LIST_LETTER, POSTMASTER_LETTER = "list-operator", "postmaster-letter"

_FIRST = (Sender.NETWORK_OWNER, Sender.REQUESTER, Sender.NETWORK_OPERATIONS)
"""Whose request comes first, where the codes of one listing need several."""


@dataclass(frozen=True, slots=True)
class FormDirectory:
    """Finds the form of an addressee. Build with `of`."""

    forms: Mapping[str, Form]
    _of_list: Mapping[str, tuple[Form, ...]]
    _of_provider: Mapping[str, Form]

    @classmethod
    def of(cls, forms: Iterable[Form]) -> "FormDirectory":
        forms = tuple(forms)
        lists = {each.list_id for form in forms for each in form.lists}
        of_list = {id_: tuple(f for f in forms if any(each.list_id == id_ for each in f.lists)) for id_ in lists}
        return cls({form.id: form for form in forms}, of_list, {id_: form for form in forms for id_ in form.providers})

    def form(self, id_: str) -> Form:
        if id_ not in self.forms:
            raise NotPossible(f"there is no form {id_}: `deliverwatch forms` shows them")
        return self.forms[id_]

    def of_listing(self, blocklist: Blocklist, codes: Iterable[str]) -> Form:
        """The hardest of its codes' forms."""
        forms = [form for code in codes if (form := self._of_code(blocklist, code)) is not None]
        if not forms:
            return self.form(LIST_LETTER)
        return min(forms, key=lambda form: _FIRST.index(form.sender))

    def _of_code(self, blocklist: Blocklist, code: str) -> Form | None:
        """A form that names the code, else one that takes all the others of the list."""
        others = None
        for form in self._of_list.get(blocklist.id, ()):
            for each in form.lists:
                if each.list_id == blocklist.id and any(covers(pattern, code) for pattern in each.codes):
                    return form
                if each.list_id == blocklist.id and not each.codes:
                    others = form
        return others

    def of_provider(self, provider: MailboxProvider | None) -> Form:
        """By the provider's own entry, since several may share a form (Rogers' mail lies at Yahoo)."""
        if provider is None:
            return self.form(POSTMASTER_LETTER)
        named = self.forms.get(provider.form) if provider.form is not None else None
        return named or self._of_provider.get(provider.id) or self.form(POSTMASTER_LETTER)

    def of_list(self, blocklist: Blocklist) -> Form:
        """Before it is known which code was found: the one for requests as the list mostly takes them."""
        forms = self._of_list.get(blocklist.id, ())
        sender = Sender.NETWORK_OWNER if blocklist.removal.way is RemovalWay.NETWORK_OWNER else Sender.REQUESTER
        return next((f for f in forms if f.sender is sender), None) or next(iter(forms), None) or self.form(LIST_LETTER)


@dataclass(frozen=True, slots=True)
class MailHosts:
    """The MX hosts of a domain, most preferred first. `hosts` None: not known, and `detail` says why."""

    domain: str
    hosts: tuple[str, ...] | None
    detail: str | None = None


def listing_addressee(forms: FormDirectory, blocklist: Blocklist, codes: tuple[str, ...]) -> Addressee:
    return Addressee(blocklist.id, blocklist.name, forms.of_listing(blocklist, codes))


def block_addressee(
    forms: FormDirectory, directory: ProviderDirectory, provider: MailboxProvider, mail_hosts: MailHosts | None
) -> Addressee:
    """`mail_hosts`: where the provider's domain has its mail now; looked up only if its form says it may have moved."""
    form = forms.of_provider(provider)
    if not form.check_mx or mail_hosts is None:
        return Addressee(provider.id, provider.name, form)
    if mail_hosts.hosts is None:
        doubt = f"the mail hosts of {mail_hosts.domain} could not be looked up ({mail_hosts.detail})"
        return Addressee(provider.id, provider.name, form, doubt=doubt)
    for host in mail_hosts.hosts:
        served_by = directory.of_host(host)
        if served_by is not None and served_by != provider.id:
            other = next(each for each in directory.providers if each.id == served_by)
            through = f"{mail_hosts.domain} {SERVED_AT} {host}: {other.name} answers for it"
            return Addressee(provider.id, other.name, forms.of_provider(other), through=through)
    return Addressee(provider.id, provider.name, form)


def own_domain(provider: MailboxProvider) -> str | None:
    """A domain of it to look up: AT&T's are all named by its hosts."""
    names = (*provider.domains, *(host.removeprefix("*.") for host in provider.hosts))
    return next((name for name in names if "*" not in name), None)


def covers(pattern: str, code: str) -> bool:
    """Whether a return code is meant by a catalogue value ("127.0.0.4", "127.0.*.5-7", or a bit: "8")."""
    try:
        octets = str(ipaddress.IPv4Address(code)).split(".")
    except ValueError:
        return pattern == code
    if "." not in pattern:
        return bool(int(octets[3]) & int(pattern)) if pattern.isdigit() else False
    wanted = pattern.split(".")
    return len(wanted) == len(octets) and all(_octet(want, got) for want, got in zip(wanted, octets, strict=True))


def _octet(want: str, got: str) -> bool:
    if want == "*":
        return True
    low, _, high = want.partition("-")
    return int(low) <= int(got) <= int(high or low)
