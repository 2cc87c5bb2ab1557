"""What people decide about a warm-up: hold, release, step back, finish, amend. Each with who and why.

Each act is said in a sentence, and that it is advice: nothing is changed at any sending platform.
"""

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines
from deliverwatch.cli.warmup_plans import PlanOption, find_plan
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.warmup.status import RunStatus
from deliverwatch.render.warmup_documents import status_document
from deliverwatch.render.warmup_words import Names, provider_name, state_words

NO_MORE = "Nothing is changed at any sending platform."


def address(text: str) -> str:
    """An option's IP, in its normal form."""
    subject = None
    with contextlib.suppress(ValueError):
        subject = parse_subject(text)
    if subject is None or subject.kind is SubjectKind.DOMAIN:
        raise typer.BadParameter(f"{text[:80]!r} is not an IP address: expected one such as 192.0.2.10")
    return subject.value


Ip = Annotated[str, typer.Option("--ip", metavar="IP", parser=address)]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the run.")]


def hold(
    ip: Ip,
    reason: Reason,
    provider: Annotated[
        str | None, typer.Option("--provider", metavar="ID", help="Only at this mailbox provider.")
    ] = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Stop the growth of the volume until somebody releases it."""

    def done(_: RunStatus, names: Names) -> str:
        return f"is held{f' at {provider_name(provider, names)}' if provider else ''}: its volume is not to grow."

    _act(config, as_json, ip, lambda app: app.warmups.hold(ip, reason, by or login_name(), provider), done)


def release(ip: Ip, reason: Reason, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """End all holds of a run. It goes on from the volume at which it was held."""

    def done(status: RunStatus, _: Names) -> str:
        return f"is released and goes on at {_stage(status)}."

    _act(config, as_json, ip, lambda app: app.warmups.release(ip, reason, by or login_name()), done)


def step_back(
    ip: Ip,
    reason: Reason,
    stage: Annotated[
        int | None, typer.Option("--stage", metavar="N", min=1, help="Default: the one before the present one.")
    ] = None,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Go back to an earlier stage."""

    def done(status: RunStatus, _: Names) -> str:
        return f"is stepped back to {_stage(status)}."

    _act(config, as_json, ip, lambda app: app.warmups.step_back(ip, reason, by or login_name(), stage), done)


def finish(ip: Ip, reason: Reason, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """End a warm-up before its plan does."""
    _act(
        config,
        as_json,
        ip,
        lambda app: app.warmups.finish(ip, reason, by or login_name()),
        lambda *_: "is warmed up no more: it was finished by hand.",
    )


def amend(
    ip: Ip, plan: PlanOption, reason: Reason, by: By = None, config: ConfigFile = None, as_json: Json = False
) -> None:
    """Go on by another plan. It begins at the stage that comes nearest; the first plan stays the baseline."""
    wanted = find_plan(plan, config)

    def done(status: RunStatus, _: Names) -> str:
        return f"goes on by {status.run.plan.id}, version {status.run.plan_version} of its plan, at {_stage(status)}."

    _act(config, as_json, ip, lambda app: app.warmups.amend(ip, wanted, reason, by or login_name()), done)


def _act(
    config: Path | None,
    as_json: bool,
    ip: str,
    act: Callable[[App], Awaitable[RunStatus]],
    done: Callable[[RunStatus, Names], str],
) -> None:
    """What a person decides; said in a sentence, or as the run's status."""

    async def work(app: App) -> tuple[RunStatus, Names]:
        return await act(app), provider_names(app)

    status, names = with_app(config, work)
    if as_json:
        print_json(status_document(status, names))
    else:
        print_lines([f'{ip} {done(status, names)} Its state is "{state_words(status)}". {NO_MORE}'])


def _stage(status: RunStatus) -> str:
    return f"stage {status.stage} of {len(status.run.plan.stages)}"


def provider_names(app: App) -> Names:
    return {each.id: each.name for each in app.providers.values()}
