"""Everything that is kept of one customer, as one JSON document, for them to take along."""

from dataclasses import asdict
from typing import Any

from deliverwatch.flows.customer_data_ports import CustomerData
from deliverwatch.flows.ports import Forgotten
from deliverwatch.render.customer_document import customer_document
from deliverwatch.render.draft_document import document
from deliverwatch.render.episode_document import episode_document
from deliverwatch.render.event_document import event_document
from deliverwatch.render.listing_document import listing_document
from deliverwatch.render.look import MARK
from deliverwatch.render.plain_json import plain
from deliverwatch.render.warmup_documents import history_document
from deliverwatch.render.warmup_words import Names

_NOBODYS = "to-whom-it-was-sent"


def customer_data_document(data: CustomerData, names: Names) -> dict[str, Any]:
    """`names`: of mailbox providers, by id."""
    id_ = data.customer.id
    return {
        "customer": customer_document(data.customer, data.assets),
        "listings": [listing_document(each, None, None) for each in data.listings],
        "blocks": [episode_document(each, [id_]) for each in data.episodes],
        "events": [event_document(each, [id_]) for each in data.events],
        "warmups": [history_document(each, names) for each in data.warmups],
        "drafts": [document(draft, steps) for draft, steps in data.drafts],
        "action_requests": [plain(asdict(each)) for each in data.action_requests],
        "practice": [plain(asdict(each)) for each in data.practice],
        "advice": [plain(asdict(each)) for each in data.advice],
        "reports": [_without_tokens(plain(asdict(each))) for each in data.reports],
        "report_words": [plain(asdict(each)) for each in data.report_words],
        "report_contacts": [plain(asdict(each)) for each in data.report_contacts],
    }


def forgotten_document(forgotten: Forgotten) -> dict[str, Any]:
    return {
        "customer": forgotten.customer,
        "deleted": dict(forgotten.deleted),
        "anonymised": dict(forgotten.anonymised),
    }


def _without_tokens(report: dict[str, Any]) -> dict[str, Any]:
    return {name: each.replace(MARK, _NOBODYS) if isinstance(each, str) else each for name, each in report.items()}
