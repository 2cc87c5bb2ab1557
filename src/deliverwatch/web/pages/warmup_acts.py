"""What people decide about a warm-up, as posts of its page: begin, hold, release, step back, finish; each with a
reason.

All of it is advice: nothing is changed at any sending platform. Before one begins, what speaks against it is said, and
asked for once more. About an address that concerns others as well decides who sees them all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from deliverwatch.app import App
from deliverwatch.core.access import Act, Viewer
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.visible import visible
from deliverwatch.desk import Snapshot
from deliverwatch.render.tongue import marked, say
from deliverwatch.render.warmup_warnings import warning_words
from deliverwatch.web.doors import house, person
from deliverwatch.web.pages.warmup import shown, the_history
from deliverwatch.web.pages.warmups import overview, provider_names
from deliverwatch.web.posted import Wrong, line, posted
from deliverwatch.web.request_ids import request_id

_OF_OTHERS_TOO = marked("This address concerns customers of others as well: who sees all of them decides about it.")
_MOST_DIGITS = 9
_MOST_SAID = 1000


@dataclass(frozen=True, slots=True)
class Start:
    """`target` None: as the plan has it."""

    ip: str
    plan: str
    on: date
    target: int | None


Does = Callable[[App, str, str, str, Mapping[str, str]], Awaitable[object]]
"""(app, ip, reason, by, what the form sent)"""


def add(router: APIRouter) -> None:
    @router.post("/warmups/start")
    async def start(request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]) -> Response:
        return await _start(request, viewer, await posted(request))

    @router.post("/warmups/{ip}/{act}")
    async def acted(
        ip: str, act: str, request: Request, viewer: Annotated[Viewer, Depends(person(Act.WORK))]
    ) -> Response:
        history = await the_history(house(request).app, viewer, ip)
        if act not in _ACTS:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        if history.status.shared:
            raise HTTPException(HTTPStatus.FORBIDDEN, say(_OF_OTHERS_TOO))
        return await _act(request, viewer, history.status.run.ip, act, await posted(request))


async def _act(request: Request, viewer: Viewer, ip: str, act: str, told: Mapping[str, str]) -> Response:
    app = house(request).app
    reason = line(act, told, "reason", say("Say why: whoever looks next wants to know."))
    if isinstance(reason, Wrong):
        return await shown(request, viewer, await the_history(app, viewer, ip), reason, told)
    facts = {"reason": reason} | {name: told[name] for name in ("provider", "stage") if told.get(name)}
    await app.access.record(viewer, f"warmup.{act}", ip, facts, request_id(request))
    try:
        await _ACTS[act](app, ip, reason, viewer.by, told)
    except NotPossible as why:
        wrong = Wrong(act, "reason", visible(str(why), _MOST_SAID), HTTPStatus.CONFLICT)
        return await shown(request, viewer, await the_history(app, viewer, ip), wrong, told)
    return _to(ip, act)


def _to(ip: str, done: str) -> Response:
    return RedirectResponse(f"/warmups/{quote(ip)}?done={done}", HTTPStatus.SEE_OTHER)


async def _hold(app: App, ip: str, reason: str, by: str, told: Mapping[str, str]) -> None:
    await app.warmups.hold(ip, reason, by, told.get("provider") or None)


async def _release(app: App, ip: str, reason: str, by: str, _: Mapping[str, str]) -> None:
    await app.warmups.release(ip, reason, by)


async def _step_back(app: App, ip: str, reason: str, by: str, told: Mapping[str, str]) -> None:
    stage = told.get("stage", "")
    if stage and _count(stage) is None:
        raise NotPossible(say("This is not the number of a stage."))
    await app.warmups.step_back(ip, reason, by, _count(stage))


async def _finish(app: App, ip: str, reason: str, by: str, _: Mapping[str, str]) -> None:
    await app.warmups.finish(ip, reason, by)


_ACTS: Mapping[str, Does] = {"hold": _hold, "release": _release, "step-back": _step_back, "finish": _finish}


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


async def _start(request: Request, viewer: Viewer, told: Mapping[str, str]) -> Response:
    app = house(request).app
    wanted = _wanted(told, viewer, await app.desk.snapshot())
    if isinstance(wanted, Wrong):
        return await overview(request, viewer, wrong=wanted, given=told)
    try:
        plan = app.warmups.plan(wanted.plan)
        warnings = await app.warmups.start_warnings(wanted.ip, wanted.on)
        if warnings and told.get("all_the_same") != "yes":
            words = [visible(warning_words(each, provider_names(app)), _MOST_SAID) for each in warnings]
            return await overview(request, viewer, given=told, warnings=words)
        facts = {"plan": wanted.plan, "on": wanted.on.isoformat(), "target": wanted.target}
        await app.access.record(viewer, "warmup.start", wanted.ip, facts, request_id(request))
        await app.warmups.start(wanted.ip, plan, wanted.on, viewer.by, target=wanted.target)
    except NotPossible as why:
        wrong = Wrong("start", "ip", visible(str(why), _MOST_SAID), HTTPStatus.CONFLICT)
        return await overview(request, viewer, wrong=wrong, given=told)
    return _to(wanted.ip, "start")


def _wanted(told: Mapping[str, str], viewer: Viewer, snapshot: Snapshot) -> Start | Wrong:
    ip = _address(told.get("ip", ""), viewer, snapshot)
    if isinstance(ip, Wrong):
        return ip
    on = _day(told.get("on", ""))
    if on is None:
        return Wrong("start", "on", say("This is not a day: expected a date like 2026-11-24."))
    target = told.get("target", "").strip()
    if target and not _count(target):
        return Wrong("start", "target", say("This is not a number of messages a day."))
    return Start(ip, told.get("plan", ""), on, _count(target))


def _address(text: str, viewer: Viewer, snapshot: Snapshot) -> str | Wrong:
    """One that concerns nobody but whom the viewer sees. Of others it is not said whether they are there."""
    try:
        subject = parse_subject(text.strip())
    except ValueError:
        subject = None
    if subject is None or subject.kind is SubjectKind.DOMAIN:
        return Wrong("start", "ip", say("This is not an IP address: expected one such as 192.0.2.10."))
    parties = snapshot.parties(subject)
    if not viewer.sees_all and not (parties and all(map(viewer.sees, parties))):
        return Wrong("start", "ip", say("None of your customers holds this address alone."))
    return subject.value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
