"""`deliverwatch drafts ask` and `told`: what only the customer knows."""

from datetime import date
from typing import Annotated

import typer

from deliverwatch.cli.draft_acts import DraftId
from deliverwatch.cli.options import By, ConfigFile, Json, login_name, with_app
from deliverwatch.cli.output import print_json, print_lines
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import Said
from deliverwatch.core.remediation.facts import QUESTIONS
from deliverwatch.render.draft_document import document


def ask(draft_id: DraftId, by: By = None, config: ConfigFile = None, as_json: Json = False) -> None:
    """Ask the customer, by mail and in their language, what only they know and the form needs."""
    request = with_app(config, lambda app: app.remediation.ask_customer(draft_id, by or login_name()))
    if as_json:
        print_json(
            {
                "id": request.id,
                "draft": request.draft,
                "customer": request.customer,
                "language": request.language,
                "questions": list(request.questions),
                "sent_to": list(request.sent_to),
            }
        )
    else:
        print_lines(
            [f"Asked {', '.join(request.sent_to)}: {', '.join(QUESTIONS[each] for each in request.questions)}."]
        )


def told(
    draft_id: DraftId,
    said_by: Annotated[str, typer.Option("--said-by", metavar="NAME", help="Who at the customer.")],
    cause: Annotated[str | None, typer.Option("--cause", metavar="TEXT", help="What caused it.")] = None,
    what: Annotated[str | None, typer.Option("--what", metavar="TEXT", help="What was cleaned or changed.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="When (2026-11-24).")] = None,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="By whom it was done.")] = None,
    consent: Annotated[str | None, typer.Option("--consent", metavar="TEXT", help="How recipients signed up.")] = None,
    language: Annotated[Language, typer.Option("--language", help="Of their words.")] = Language.EN,
    by: By = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Keep what the customer said, with their name and the time."""
    given = {"cause": cause, "what_changed": what, "changed_on": on and _day(on), "changed_by": who, "consent": consent}
    answers = {name: value for name, value in given.items() if value}
    if not answers:
        raise NotPossible("nothing was said: give --cause, --what, --on, --who or --consent")
    said = Said(answers, said_by, language)
    who = by or login_name()
    draft = with_app(config, lambda app: app.remediation.keep_answer(draft_id, who, said))
    if as_json:
        print_json(document(draft))
        return
    print_lines([f"{draft.id} keeps what {said_by} said:"])
    print_lines(f"  {QUESTIONS[name]}: {' '.join(answers[name].split())}" for name in answers)
    print_lines(["It was sent before: its text stays as it was."] if draft.submitted_at is not None else [])


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotPossible(f"{text!r} is not a day: expected a date like 2026-11-24") from None
