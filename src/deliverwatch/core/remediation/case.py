"""Everything that is recorded about one cause at one addressee: what facts are made from, and nothing else is.

One cause: listings on one list that opened together, or what one provider does alike to several senders, of one
customer. The flow loads it; `gather` and `make` are pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deliverwatch.core.block import Episode
from deliverwatch.core.blocklist import Blocklist
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.provider import MailboxProvider
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftKind, Requester
from deliverwatch.core.remediation.form import Form
from deliverwatch.core.subjects import Subject


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is asked. `id`: of the list or mailbox provider it is about; `through`: why another's form is used
    ("comcast.net is served by mx-aol.mail.gm0.yahoodns.net, looked up at ..."). `doubt`: what could not be found out
    about who is responsible: then it is a blocker."""

    id: str
    name: str
    form: Form
    through: str | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A receiver whose replies quote the list, with how many did in the week before now."""

    provider: str
    replies: int
    sample: str


@dataclass(frozen=True, slots=True)
class SndsDay:
    """What SNDS said of an address last. `colour`: green, yellow, red."""

    ip: str
    colour: str
    on: str


@dataclass(frozen=True, slots=True)
class Case:
    """`listings` or `episodes`, oldest first, by `kind`. `holders`: the customers concerned; `customer` the only one of
    them, else None. `earlier`: drafts to this addressee about any of the subjects, newest first; `others`: all other
    drafts through this form that were submitted, whoever they are for (an addressee sees one ESP). `follows`: the
    draft that this one follows up. `practice`: of the subjects and sending domains concerned, last results; `advice`:
    what failed and was told or overruled. `words`: what the customer said about this cause, newest first."""

    kind: DraftKind
    addressee: Addressee
    subjects: tuple[Subject, ...]
    now: datetime
    requester: Requester
    customer: Customer | None = None
    holders: tuple[Customer, ...] = ()
    assets: tuple[Asset, ...] = ()
    sending_domains: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()
    blocklist: Blocklist | None = None
    quotes: tuple[Quote, ...] = ()
    episodes: tuple[Episode, ...] = ()
    provider: MailboxProvider | None = None
    ptr_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ptr_at: datetime | None = None
    snds: tuple[SndsDay, ...] = ()
    practice: tuple[CheckResult, ...] = ()
    advice: tuple[Advice, ...] = ()
    words: tuple[ActionRequest, ...] = ()
    earlier: tuple[Draft, ...] = ()
    others: tuple[Draft, ...] = ()
    follows: Draft | None = None
    freemail: bool = False
    """The requester's mailbox is at a freemail provider."""
    doubted: bool = False
    """The list's word on a listing does not hold at the moment."""
    inherited: frozenset[str] = frozenset()
    """Keys of blocks that began when somebody else held the sender: what was refused then is not this holder's."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Of its listings or blocks, oldest first."""
        opened = [(each.opened_at, each.key) for each in self.listings]
        opened += [(each.opened_at, each.key) for each in self.episodes]
        return tuple(key for _, key in sorted(opened))
