"""All that is kept of one customer, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass

from deliverwatch.core.block import Episode
from deliverwatch.core.inventory import Asset, Customer
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Advice, CheckResult
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftStep
from deliverwatch.flows.alert_ports import NumberedEvent
from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.report_ports import Contact, ReportWord
from deliverwatch.flows.warmup_ports import RunHistory


@dataclass(frozen=True, slots=True)
class CustomerData:
    customer: Customer
    assets: Sequence[Asset]
    listings: Sequence[Listing]
    episodes: Sequence[Episode]
    events: Sequence[NumberedEvent]
    warmups: Sequence[RunHistory]
    drafts: Sequence[tuple[Draft, Sequence[DraftStep]]]
    action_requests: Sequence[ActionRequest]
    practice: Sequence[CheckResult]
    advice: Sequence[Advice]
    reports: Sequence[ReportRun]
    report_words: Sequence[ReportWord]
    report_contacts: Sequence[Contact]
