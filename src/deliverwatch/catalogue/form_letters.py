"""The texts of forms: the shared letters of `forms/letters/`, and those that a form has of its own.

A text is a Jinja2 template, which `render.drafts` compiles; here its name is read ("denied.de.txt.j2": which letter, in
which language) and the facts it names are looked up, so that a misspelt one is a fault of the file and not a gap in
a request. Shared files that begin with "_" are parts which the others include.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from deliverwatch.catalogue.reading import CATALOGUE_LIMIT, read_text
from deliverwatch.core.errors import ConfigError, Fault, unknown_name
from deliverwatch.core.remediation.facts import FACTS
from deliverwatch.core.remediation.form import LetterKind

ENGLISH = "en"
LETTERS = "letters"
"""The folder of the shared ones, among the forms."""
_NAME = re.compile(r"(?P<kind>\w+?)(?:\.(?P<language>[a-z]{2}))?\.txt\.j2")
_TAG = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TEXT_IN_TAG = re.compile(r"\"[^\"]*\"|'[^']*'")
_SET_IN_TAG = re.compile(r"\b(?:set|for|block|endblock|macro|as)\s+(\w+)|\bimport\s+(\w+)")
_USED_IN_TAG = re.compile(r"\ball\.(\w+)|(?<![.\w|])(?<!\| )([a-zA-Z_]\w*)(?!\w|\s*=(?!=)|\()")
_PARENT = re.compile(r"\{%-?\s*(?:extends|include|import|from)\s+(?:\"([^\"]*)\"|'([^']*)')")
_GIVEN = frozenset({"all", "brief", "loop"})
_WORDS = frozenset(
    {
        "if", "elif", "else", "endif", "for", "in", "endfor", "set", "endset", "block", "endblock", "extends",
        "include", "import", "from", "as", "macro", "endmacro", "and", "or", "not", "is", "defined", "true", "false",
        "none", "super", "self",
    }
)  # fmt: skip

Bodies = dict[tuple[LetterKind, str], str]


def language_of(name: str) -> str:
    """Of a file's name; parts that others include have none of their own, and count as English."""
    found = _NAME.fullmatch(name)
    return (found and found["language"]) or ENGLISH


def by_kind(letters: Mapping[str, str]) -> Bodies:
    named = [(_read_name(name, LetterKind.REQUEST.value), text) for name, text in letters.items()]
    return {(kind, language): text for (kind, language), text in named if kind is not None}


def read_letters(folders: Mapping[str, Path]) -> tuple[dict[str, str], list[Fault]]:
    """The shared ones by file name."""
    letters: dict[str, str] = {}
    faults: list[Fault] = []
    for name, path in folders.items():
        kind, _ = _read_name(name, LetterKind.REQUEST.value)
        if kind is None and not name.startswith("_"):
            faults.append(Fault(str(path), "", _no_letter(LetterKind.REQUEST.value)))
            continue
        letters[name], more = _read(path, folders)
        faults += more
    return letters, faults


def read_bodies(folder: Path, shared: Mapping[str, str]) -> tuple[Bodies, list[Fault]]:
    """A form's own, by letter and language."""
    bodies: Bodies = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.j2")):
        kind, language = _read_name(path.name, "body")
        if kind is None:
            faults.append(Fault(str(path), "", _no_letter("body")))
            continue
        bodies[kind, language], more = _read(path, shared)
        faults += more
    return bodies, faults


def _read_name(name: str, first: str) -> tuple[LetterKind | None, str]:
    found = _NAME.fullmatch(name)
    kinds = {(first if kind is LetterKind.REQUEST else kind.value): kind for kind in LetterKind}
    if found is None or found["kind"] not in kinds or found["language"] == ENGLISH:
        return None, ENGLISH
    return kinds[found["kind"]], found["language"] or ENGLISH


def _no_letter(first: str) -> str:
    kinds = [first, *(kind.value for kind in LetterKind if kind is not LetterKind.REQUEST)]
    return (
        f"is the name of no letter: expected one of {', '.join(kinds)}, for another language than English its two "
        f"letters after a dot, and .txt.j2, as in {first}.de.txt.j2"
    )


def _read(path: Path, shared: Mapping[str, object]) -> tuple[str, list[Fault]]:
    try:
        source = read_text(path, CATALOGUE_LIMIT)
    except ConfigError as error:
        return "", list(error.faults)
    return source, [Fault(str(path), f"line {line}", problem) for line, problem in _unknown(source, shared)]


def _unknown(source: str, shared: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    source = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source)
    for parent in _PARENT.finditer(source):
        name = parent[1] or parent[2] or ""
        if name not in shared:
            yield _line(source, parent.start()), unknown_name("shared letter", name, shared)
    tags = [(_line(source, tag.start()), _TEXT_IN_TAG.sub("''", tag[1])) for tag in _TAG.finditer(source)]
    own = {first or second for _, tag in tags for first, second in _SET_IN_TAG.findall(tag)}
    for line, tag in tags:
        for of_all, name in _USED_IN_TAG.findall(tag):
            known = FACTS if of_all else FACTS.keys() | _GIVEN | _WORDS | own
            if (of_all or name) not in known:
                yield line, unknown_name("fact", of_all or name, FACTS.keys() | _GIVEN)


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1
