"""`deliverwatch forms`: the addressees' standard forms, and how each is filled. They need no database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import faults_against, load_forms, load_letters
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.cli.form_facts import FIELD_COLUMNS, document, field_rows, lines, whole_document, whom
from deliverwatch.cli.options import ConfigFile, Json, settings_of
from deliverwatch.cli.output import print_json, print_lines, print_table
from deliverwatch.core.errors import CatalogueError, ConfigError, Fault, NotPossible, unknown_name
from deliverwatch.core.remediation.facts import FACTS, Fact, Facts
from deliverwatch.core.remediation.form import Form, LetterKind
from deliverwatch.render.drafts import Letters

_COLUMNS = ("form", "addressee", "channel", "for", "languages", "confidence", "checked on")
_WRONG = 2

forms = typer.Typer(
    help="The standard forms of list operators and mailbox providers.",
    invoke_without_command=True,
    no_args_is_help=False,
)


@forms.callback()
def overview(context: typer.Context, config: ConfigFile = None, as_json: Json = False) -> None:
    """The forms and their addressees."""
    if context.invoked_subcommand is not None:
        return
    found = load_forms(overlay=settings_of(config).catalogue.overlay)
    if as_json:
        print_json([document(form) for form in found])
        return
    rows = [
        (
            form.id,
            form.name,
            form.channel.replace("_", " "),
            whom(form) or "all others",
            ["en", *form.languages],
            form.confidence,
            form.checked_on,
        )
        for form in found
    ]
    print_table(_COLUMNS, rows, "No forms.")


@forms.command()
def show(
    form_id: Annotated[str, typer.Argument(metavar="ID")], config: ConfigFile = None, as_json: Json = False
) -> None:
    """One form: how it is sent, what it demands, and its fields with what fills them."""
    found = {form.id: form for form in load_forms(overlay=settings_of(config).catalogue.overlay)}
    if form_id not in found:
        raise NotPossible(f"{unknown_name('form', form_id, found)}; `deliverwatch forms` shows them")
    form = found[form_id]
    if as_json:
        print_json(whole_document(form))
        return
    print_lines([*lines(form), ""])
    print_table(FIELD_COLUMNS, field_rows(form), "No fields: nobody takes requests.")


@forms.command("check")
def check_forms(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="The folder that holds the forms, instead of those in use.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Validate forms and write each letter once; every fault is named. Exit 2 when there is one."""
    overlay = settings_of(config).catalogue.overlay
    try:
        found = _checked(folder, overlay)
    except ConfigError as wrong:
        if not as_json:
            raise
        faults = [{"file": fault.file, "place": fault.place, "problem": fault.problem} for fault in wrong.faults]
        print_json({"forms": [], "faults": faults})
        raise typer.Exit(_WRONG) from None
    if as_json:
        print_json({"forms": [form.id for form in found], "faults": []})
    else:
        print(f"{len(found)} form{'' if len(found) == 1 else 's'}, no fault.")


def _refuse_another_folder(folder: Path) -> None:
    """One level too high, or too low."""
    if (folder / "forms").is_dir():
        problem = f"is an overlay: its forms are in {folder / 'forms'}, so check that folder"
        raise ConfigError(Fault(str(folder), "", problem))
    if (folder / "form.yaml").is_file():
        problem = f"is one form: expected the folder that holds the forms, {folder.resolve().parent}"
        raise ConfigError(Fault(str(folder), "", problem))


def _checked(folder: Path | None, overlay: Path | None) -> tuple[Form, ...]:
    """Raises ConfigError with every fault that can be found at once."""
    if folder is not None:
        _refuse_another_folder(folder)
    above = None if folder is not None else overlay
    found = load_forms(folder, above)
    faults = faults_against(found, load_lists(overlay=overlay).usable, load_mailbox_providers(overlay=overlay))
    try:
        faults += _faults_of_letters(found, Letters(found, load_letters(folder, above)))
    except CatalogueError as wrong:
        faults += wrong.faults
    if faults:
        raise CatalogueError(*dict.fromkeys(faults))
    return found


def _faults_of_letters(found: tuple[Form, ...], letters: Letters) -> Iterator[Fault]:
    for form in found:
        for kind in LetterKind:
            for language in ("en", *form.languages):
                yield from _faults_of_letter(letters, form, kind, language)


def _faults_of_letter(letters: Letters, form: Form, kind: LetterKind, language: str) -> tuple[Fault, ...]:
    """Some show only when it is filled: with all that can be recorded, and with nothing."""
    everything: Facts = {name: Fact.of(name, "sample") for name in FACTS}
    try:
        for facts in (everything, {}):
            letters(form, facts, kind, language)
    except CatalogueError as wrong:
        return wrong.faults
    return ()
