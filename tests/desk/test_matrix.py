"""Who comes to what: every route, every kind of person and token, every customer.

The table says of each route what it takes and whose it is. A route that is not in it, and a line of it that is no route
any more, are faults as well.
"""

import re
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

import httpx
import pytest

from deliverwatch.core.access import Act, Role, Scope
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.core.silences import Cover
from desk.places import examples, filled, routes
from servers.sandbox_week import ROBIN
from web.signing_in import FROM_US, sign_in, token


class Whose(StrEnum):
    """STRANGER: anybody comes in. NOBODY: it is no customer's. CUSTOMER: a customer's; others' do not exist. WHOLE: of
    all customers together."""

    STRANGER = "stranger"
    NOBODY = "nobody"
    CUSTOMER = "customer"
    WHOLE = "whole"


MAY_BE_MISSING = {
    "GET /drafts/{draft_id}/mail.eml",  # where it goes by a form
    "POST /alerts/{number}/resend",  # where no message is named
    "POST /blocks/{block_id}/close",  # where it is closed
    "POST /tokens/{token_id}/revoke",  # there is none of that id
}
LOOK, WORK, ADMINISTER = Act.LOOK, Act.WORK, Act.ADMINISTER
STRANGER, NOBODY, CUSTOMER, WHOLE = Whose

PAGES = {
    "GET /": (LOOK, NOBODY),
    "GET /account": (LOOK, NOBODY),
    "GET /accounts": (ADMINISTER, NOBODY),
    "GET /accounts/{id_}": (ADMINISTER, NOBODY),
    "GET /alerts": (LOOK, NOBODY),
    "GET /alerts/{number}": (LOOK, CUSTOMER),
    "GET /audit": (ADMINISTER, NOBODY),
    "GET /customers": (LOOK, NOBODY),
    "GET /customers/{customer_id}": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/history.csv": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/practice": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/reports": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/subjects": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/timeline": (LOOK, CUSTOMER),
    "GET /drafts": (LOOK, NOBODY),
    "GET /drafts/{draft_id}": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/draft.md": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/evidence.md": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/mail.eml": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/text.txt": (LOOK, CUSTOMER),
    "GET /healthz": (LOOK, STRANGER),
    "GET /lists": (LOOK, NOBODY),
    "GET /lists/{list_id}": (LOOK, NOBODY),
    "GET /metrics": (LOOK, STRANGER),
    "GET /readyz": (LOOK, STRANGER),
    "GET /replies": (LOOK, WHOLE),
    "GET /reports/{report_id}": (LOOK, CUSTOMER),
    "GET /reports/{report_id}/as-sent": (LOOK, CUSTOMER),
    "GET /search": (LOOK, NOBODY),
    "GET /sign-in": (LOOK, STRANGER),
    "GET /sign-in/provider": (LOOK, STRANGER),
    "GET /sign-in/provider/back": (LOOK, STRANGER),
    "GET /silences": (LOOK, NOBODY),
    "GET /sources": (LOOK, NOBODY),
    "GET /status": (ADMINISTER, NOBODY),
    "GET /unsubscribe/{token}": (LOOK, STRANGER),
    "GET /warmups": (LOOK, NOBODY),
    "GET /warmups/{ip}": (LOOK, CUSTOMER),
    "GET /warnings": (LOOK, NOBODY),
    "POST /account/language": (LOOK, NOBODY),
    "POST /account/password": (LOOK, NOBODY),
    "POST /account/sessions/{session_id}/end": (LOOK, NOBODY),
    "POST /account/tokens/{token_id}/revoke": (LOOK, NOBODY),
    "POST /accounts": (ADMINISTER, NOBODY),
    "POST /accounts/tokens/{token_id}/revoke": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/disable": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/enable": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/password": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/sessions/{session_id}/end": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/tokens": (ADMINISTER, NOBODY),
    "POST /accounts/{id_}/tokens/{token_id}/revoke": (ADMINISTER, NOBODY),
    "POST /alerts/{number}/resend": (WORK, CUSTOMER),
    "POST /audit/verify": (ADMINISTER, NOBODY),
    "POST /customers/{customer_id}/practice/overrule": (WORK, CUSTOMER),
    "POST /customers/{customer_id}/reports/{act}": (WORK, CUSTOMER),
    "POST /drafts/{draft_id}/edit": (WORK, CUSTOMER),
    "POST /drafts/{draft_id}/{act}": (WORK, CUSTOMER),
    "POST /ingest/{source}": (LOOK, STRANGER),
    "POST /lists/{list_id}/ask-now": (ADMINISTER, NOBODY),
    "POST /seen": (LOOK, NOBODY),
    "POST /sign-in": (LOOK, STRANGER),
    "POST /sign-out": (LOOK, STRANGER),
    "POST /silences": (WORK, NOBODY),
    "POST /silences/{silence_id}/end": (WORK, CUSTOMER),
    "POST /unsubscribe/{token}": (LOOK, STRANGER),
    "POST /warmups/start": (WORK, NOBODY),
    "POST /warmups/{ip}/{act}": (WORK, CUSTOMER),
}
API = {
    "DELETE /customers/{customer_id}": (ADMINISTER, CUSTOMER),
    "GET /alerts": (LOOK, NOBODY),
    "GET /alerts/{number}": (LOOK, CUSTOMER),
    "GET /blocks": (LOOK, NOBODY),
    "GET /customers": (LOOK, NOBODY),
    "GET /customers/{customer_id}": (LOOK, CUSTOMER),
    "GET /customers/{customer_id}/data": (ADMINISTER, CUSTOMER),
    "GET /customers/{customer_id}/subjects": (LOOK, CUSTOMER),
    "GET /drafts": (LOOK, NOBODY),
    "GET /drafts/{draft_id}": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/steps": (LOOK, CUSTOMER),
    "GET /drafts/{draft_id}/text": (LOOK, CUSTOMER),
    "GET /events": (LOOK, NOBODY),
    "GET /exports/blocks.csv": (LOOK, NOBODY),
    "GET /exports/listings.csv": (LOOK, NOBODY),
    "GET /exports/warmups.csv": (LOOK, NOBODY),
    "GET /listings": (LOOK, NOBODY),
    "GET /lists": (LOOK, NOBODY),
    "GET /lists/{list_id}": (LOOK, NOBODY),
    "GET /me": (LOOK, NOBODY),
    "GET /replies": (LOOK, WHOLE),
    "GET /reports": (LOOK, NOBODY),
    "GET /reports/{report_id}": (LOOK, CUSTOMER),
    "GET /reports/{report_id}/eml": (LOOK, CUSTOMER),
    "GET /reports/{report_id}/html": (LOOK, CUSTOMER),
    "GET /reports/{report_id}/text": (LOOK, CUSTOMER),
    "GET /search": (LOOK, NOBODY),
    "GET /silences": (LOOK, NOBODY),
    "GET /sources": (LOOK, NOBODY),
    "GET /tokens": (ADMINISTER, WHOLE),
    "GET /warmups": (LOOK, NOBODY),
    "GET /warmups/{ip}": (LOOK, CUSTOMER),
    "GET /warnings": (LOOK, NOBODY),
    "POST /alerts/{number}/messages/{message_id}/resend": (WORK, CUSTOMER),
    "POST /blocks/{block_id}/close": (WORK, CUSTOMER),
    "POST /customers/{customer_id}/subjects/changes": (ADMINISTER, CUSTOMER),
    **{
        f"POST /drafts/{{draft_id}}/{act}": (WORK, CUSTOMER)
        for act in ("answer", "ask", "close", "edits", "link", "overrule", "pull", "submit", "told")
    },
    "POST /lists/{list_id}/ask-now": (ADMINISTER, WHOLE),
    "POST /silences": (WORK, NOBODY),
    "POST /silences/{silence_id}/end": (WORK, CUSTOMER),
    "POST /tokens": (ADMINISTER, WHOLE),
    "POST /tokens/{token_id}/revoke": (ADMINISTER, WHOLE),
    "POST /warmups": (WORK, NOBODY),
    **{f"POST /warmups/{{ip}}/{act}": (WORK, CUSTOMER) for act in ("finish", "hold", "release", "step-back")},
    "PUT /customers/{customer_id}": (ADMINISTER, CUSTOMER),
}
STREAM = "GET /events/stream"
"""Never ends by itself: `tests/web/api` has it."""
REASON = {"reason": "a test"}
BODIES = {
    "POST /blocks/{block_id}/close": REASON,
    "POST /customers/{customer_id}/subjects/changes": {
        "changes": [{"change": "end", "name": "192.0.2.99"}],
        "dry_run": True,
    },
    "PUT /customers/{customer_id}": {
        **{"name": "Delta Travel", "service_time_zone": "uk", "contacts": ["postmaster@delta.example"]},
        "tam": {"name": "Robin Doe", "email": ROBIN},
    },
    "POST /drafts/{draft_id}/answer": {"outcome": "granted", "note": "a test"},
    "POST /drafts/{draft_id}/close": REASON,
    "POST /drafts/{draft_id}/edits": {"fields": {"text": "a test"}},
    "POST /drafts/{draft_id}/link": {"ticket": "https://desk.esp.example/1"},
    "POST /drafts/{draft_id}/overrule": {"check": "spf", **REASON},
    "POST /drafts/{draft_id}/submit": {"reference": "a test"},
    "POST /drafts/{draft_id}/told": {"answers": {"cause": "a test"}, "said_by": "a test"},
    **{f"POST /warmups/{{ip}}/{act}": REASON for act in ("finish", "hold", "release", "step-back")},
}
"""What is well formed, where it is looked at before the address is."""
PREFIX = "/api/v1"
THEIRS, FOREIGN = "delta", "bravo"
"""Of Robin Doe, and of somebody else. Delta has a draft, a warm-up, reports, alerts."""


class Person(NamedTuple):
    role: Role
    sees_all: bool
    email: str = ""
    scope: Scope | None = None
    bounds: tuple[str, ...] | None = None

    @property
    def acts(self):
        of_role = {Role.OPERATOR: set(Act), Role.TAM: {LOOK, WORK}, Role.READ_ONLY: {LOOK}}
        of_scope = {None: set(Act), Scope.READ: {LOOK}, Scope.WRITE: {LOOK, WORK}, Scope.ADMIN: set(Act)}
        return of_role[self.role] & of_scope[self.scope]

    @property
    def sees(self):
        """None: everything."""
        everything = self.sees_all or self.role is Role.OPERATOR
        if self.bounds is not None:
            return set(self.bounds)
        return None if everything else {"acme", "delta"} if self.email == ROBIN else set()


PEOPLE = {
    "operator": Person(Role.OPERATOR, True),
    "TAM of all": Person(Role.TAM, True),
    "TAM": Person(Role.TAM, False, ROBIN),
    "TAM of none": Person(Role.TAM, False, "nobody@esp.example"),
    "reader of all": Person(Role.READ_ONLY, True),
    "reader": Person(Role.READ_ONLY, False, ROBIN),
}
TOKENS = {
    f"{name}, {scope}": person._replace(scope=scope)
    for name, person in {
        "operator's": PEOPLE["operator"],
        "operator's for delta": PEOPLE["operator"]._replace(bounds=(THEIRS,)),
        "TAM's": PEOPLE["TAM"],
        "TAM's for none of hers": PEOPLE["TAM"]._replace(bounds=()),
        "reader's": PEOPLE["reader"],
    }.items()
    for scope in Scope
}


@pytest.fixture
async def values(desk):
    """By customer: what stands for the places in addresses."""
    found = {}
    for customer in (THEIRS, FOREIGN):
        cover = Cover(customer=customer)
        until_at = desk.house.app.clock.now() + timedelta(days=1)
        silence = await desk.house.app.silence("the tests", "a test", until_at, cover)
        blocks = await desk.house.app.store.episodes_of([customer])
        alert = await alert_about(desk.house.app.store, customer)
        found[customer] = {
            **await examples(desk.house, customer),
            "silence_id": silence.id,
            "number": str(alert.numbered.id),
            "message_id": alert.lines[0].notification.id,
            "block_id": episode_id(blocks[0]) if blocks else None,
            "source": "postfix",
            "token": "x" * 32,
            "session_id": "s-none",
            "token_id": "t-none",
        }
    return found


async def alert_about(store, customer):
    """One that was sent, and is nobody's matter who is not of its account manager's."""
    others = {"bravo", "cedar"} if customer == THEIRS else {"acme", "delta"}
    found = [each for each in await store.alerts(customer=customer, limit=1000) if each.lines]
    return next(iter([each for each in found if others.isdisjoint(each.numbered.event.facts["parties"])]))


ACTS = {
    "/drafts/{draft_id}/{act}": "close",
    "/customers/{customer_id}/reports/{act}": "hold",
    "/warmups/{ip}/{act}": "hold",
}


def addressed(path, values):
    return filled(path, {**values, "act": ACTS.get(path)})


def expected(person, act, whose, customer):
    """The answer where one is not let in; None: one is."""
    if act not in person.acts or (whose is WHOLE and person.sees is not None):
        return 403
    return 404 if whose is CUSTOMER and person.sees is not None and customer not in person.sees else None


def test_the_tables_name_every_route(desk):
    found = {f"{method} {path}" for method, path in routes(desk.app)}
    of_api = {f"{each.partition(' ')[0]} {PREFIX}{each.partition(' ')[2]}" for each in [*API, STREAM]}
    assert found == {*PAGES, *of_api}


async def faults_of(client, desk, values, table, person, prefix="", headers=None):
    """Each cell whose answer is not what the table says."""
    for route, (act, whose) in table.items():
        method, _, path = route.partition(" ")
        for customer in (THEIRS, FOREIGN) if whose is CUSTOMER else (THEIRS,):
            address = addressed(path, values[customer])
            if address is None or whose is STRANGER or route == "POST /sign-out":
                continue
            wanted = expected(person, act, whose, customer)
            body = BODIES.get(route) if prefix else None
            answer = await client.request(method, prefix + address, headers=headers, json=body)
            refused = answer.status_code if answer.status_code in (401, 403) else None
            missing = 404 if answer.status_code == 404 and whose in (CUSTOMER, WHOLE) else None
            missing = None if wanted is None and route in MAY_BE_MISSING else missing
            if (refused or missing) != wanted or answer.status_code >= 500:
                yield f"{route} of {customer}: {answer.status_code}, not {wanted or 'let in'}"


@pytest.mark.parametrize("name", PEOPLE)
async def test_people_come_to_what_is_theirs(desk, values, name):
    person = PEOPLE[name]
    async with httpx.AsyncClient(base_url=desk.url) as client:
        await sign_in(client, desk.house, role=person.role, sees_all=person.sees_all, email=person.email)
        faults = [each async for each in faults_of(client, desk, values, PAGES, person)]
    assert faults == []


@pytest.mark.parametrize("name", TOKENS)
async def test_programs_come_to_what_is_theirs(desk, values, name):
    person = TOKENS[name]
    who = {"role": person.role, "sees_all": person.sees_all, "email": person.email}
    headers = await token(desk.house, person.scope, person.bounds, **who)
    async with httpx.AsyncClient(base_url=desk.url) as client:
        faults = [each async for each in faults_of(client, desk, values, API, person, PREFIX, headers)]
    assert faults == []


async def test_strangers_come_to_nothing(desk, values):
    """On a page they are sent to sign in; a cookie is nothing to the API, and a token nothing to the pages."""
    headers = await token(desk.house, Scope.ADMIN)
    faults = []
    async with httpx.AsyncClient(base_url=desk.url) as client:
        for route, (_, whose) in PAGES.items():
            method, _, path = route.partition(" ")
            if whose is not STRANGER and path != "/sign-out":
                answer = await client.request(method, addressed(path, values[THEIRS]), headers=FROM_US | headers)
                sent = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
                faults += [route] if not (sent if method == "GET" else answer.status_code == 403) else []
        await sign_in(client, desk.house)
        for route in API:
            method, _, path = route.partition(" ")
            answer = await client.request(method, PREFIX + addressed(path, values[THEIRS]), headers=FROM_US)
            faults += [route] if answer.status_code != 401 else []
    assert faults == []


@pytest.mark.parametrize("name", [name for name, person in PEOPLE.items() if person.sees == {"acme", THEIRS}])
async def test_no_page_of_ones_own_names_anybody_else(desk, values, name):
    """Nor anything that is another's: their names, addresses, contacts, account managers."""
    person = PEOPLE[name]
    async with httpx.AsyncClient(base_url=desk.url) as client:
        await sign_in(client, desk.house, role=person.role, sees_all=person.sees_all, email=person.email)
        for route, (act, whose) in PAGES.items():
            method, _, path = route.partition(" ")
            if method == "GET" and expected(person, act, whose, THEIRS) is None and whose is not STRANGER:
                answer = await client.get(addressed(path, values[THEIRS]))
                assert OF_OTHERS.findall(answer.text) == [], path
    headers = await token(desk.house, Scope.WRITE, role=person.role, sees_all=False, email=person.email)
    async with httpx.AsyncClient(base_url=desk.url, headers=headers) as client:
        for route, (act, whose) in API.items():
            method, _, path = route.partition(" ")
            if method == "GET" and expected(person, act, whose, THEIRS) is None and act is LOOK:
                answer = await client.get(PREFIX + addressed(path, values[THEIRS]))
                assert OF_OTHERS.findall(answer.text) == [], path


OF_OTHERS = re.compile(r"bravo|cedar|sam.roe|\b203\.0\.113\.[0-3]\b", re.IGNORECASE)
"""Names, account manager, and the shared pool that acme and delta are not in."""
