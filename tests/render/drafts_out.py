"""One draft of each kind with everything in it, and what hangs on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Advice, Check
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    DraftStep,
    Edit,
    Evidence,
    Missing,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from samples import customer

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACME = replace(customer("acme"), name="Acme Ltd")
REPLY = "554 IP=192.0.2.10 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de"
TEXT = f"Guten Tag,\n\nSie weisen E-Mails von 192.0.2.10 ab:\n\n{REPLY}\n\nMit freundlichen Grüßen\nExample ESP\n"
ENGLISH = f"Hello,\n\nyou refuse mail from 192.0.2.10:\n\n{REPLY}\n\nKind regards\nExample ESP\n"

MAIL = Draft(
    id="d-1",
    customer="acme",
    form="t_online",
    form_digest="0" * 64,
    provider="t_online",
    kind=DraftKind.BLOCK,
    channel=FormChannel.EMAIL,
    url="https://postmaster.provider.example",
    to="tosa@provider.example",
    subjects=("192.0.2.10",),
    state=DraftState.PULLED,
    text=TEXT,
    fields=(
        DraftField("ips", "IP address", "192.0.2.10", 200, "replies since 2026-11-24 08:00 UTC"),
        DraftField("contact", "Contact", "postmaster@esp.example", None, "settings [requester]"),
        DraftField("changed", "What was changed", None, None, None),
        DraftField("phone", "Phone", None, None, None, required=False),
        DraftField("text", "Message", TEXT.strip(), None, "the text of the request"),
    ),
    missing=(Missing("changed", "only the customer knows"),),
    blockers=(
        Blocker("spf", "SPF of 192.0.2.10 fails", "add the IP"),
        Blocker("ptr", "no reverse name", "set one", "Robin", "2026-11-24T10:30Z", "is being set"),
    ),
    evidence=(Evidence("2026-11-24T08:00Z", "192.0.2.10: 3,911 replies refused it"),),
    created_at=AT,
    changed_at=AT + HOUR,
    due_at=AT + 4 * HOUR,
    episodes=("block/t_online/192.0.2.10",),
    cause="block/t_online",
    addressee="Telekom (t-online.de)",
    language="de",
    text_english=ENGLISH,
    facts={"ips": "192.0.2.10", "refused_since": "2026-11-24 08:00 UTC"},
    edits=(Edit("contact", "postmaster@esp.example", "Robin", AT + HOUR, "ops@esp.example"),),
    pulled_by="Robin",
    pulled_at=AT + HOUR,
    version=3,
)
FORM = replace(
    MAIL,
    id="d-2",
    kind=DraftKind.LISTING,
    provider="sample",
    addressee="Sample list",
    channel=FormChannel.WEB_FORM,
    to=None,
    language="en",
    text=ENGLISH,
    text_english=None,
    fields=(*MAIL.fields[:-1], DraftField("text", "Message", ENGLISH.strip(), None, "the text of the request")),
    facts={"ips": "192.0.2.10", "listed_since": "2026-11-24 08:00 UTC"},
)
DENIED = replace(
    MAIL,
    id="d-0",
    state=DraftState.ANSWERED,
    created_at=AT - 2 * DAY,
    submitted_at=AT - 2 * DAY + HOUR,
    submitted_by="Robin",
    reference="SRX1234",
    answered_at=AT - DAY,
    outcome=RequestOutcome.DENIED,
    note="does not qualify for mitigation",
)
FOLLOW_UP = replace(
    MAIL,
    letter=LetterKind.DENIED,
    follow_up_of="d-0",
    round=1,
    facts={**MAIL.facts, "reference": "SRX1234"},
)
STEPS = (
    DraftStep(AT, DraftState.PREPARED, "deliverwatch"),
    DraftStep(AT + HOUR, DraftState.PULLED, "Robin", None, Action.PULLED),
    DraftStep(AT + HOUR, DraftState.PULLED, "Robin", "role mailbox", Action.EDITED, {"field": "contact"}),
)
ASKED = ActionRequest(
    "a-1",
    "acme",
    "d-1",
    AT + HOUR,
    "Robin",
    Language.EN,
    ("cause", "what_changed", "changed_on"),
    ("postmaster@acme.example",),
    answers={"cause": "an old list", "what_changed": "we deleted it"},
    answer_language=Language.EN,
    answered_at=AT + 3 * HOUR,
    answered_by="Sam Poe",
    kept_by="Robin",
)
ADVICE = (
    Advice("v-1", "acme", Check.SPF, "192.0.2.10", "spf_missing", {}, "no SPF record", AT - 3 * DAY, AT - 2 * DAY),
    Advice(
        "v-2", "acme", Check.PTR, "192.0.2.10", "ptr_missing", {}, "no reverse name", AT - 3 * DAY, AT - 2 * DAY, AT
    ),
    Advice(
        "v-3",
        "acme",
        Check.BOUNCES,
        "",
        "bounces",
        {},
        "12 % bounced",
        AT - DAY,
        overruled_by="Robin",
        overruled_at=AT,
        overruled_because="one import, cleaned",
    ),
)
