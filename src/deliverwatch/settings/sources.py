"""Where raw values come from: the TOML file, systemd's credentials, the environment.

Each source gives values by the setting's name ("mail.port", "keys.psbl") with their origin. The environment has only
text, which is read by what the setting holds: a number, true or false, a list separated by commas, a table in { } as
TOML writes it, or text.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from deliverwatch.core.errors import ConfigError, Fault, unknown_name

PREFIX = "DELIVERWATCH_"
CONFIG_VARIABLE = "DELIVERWATCH_CONFIG"
_LIMIT = 1 << 20
_WHERE = re.compile(r" \(at (line \d+), column \d+\)$| \(at end of document\)$")
_TOML_WORDS = {
    r"^Invalid value$": "expected text in quotes, a number, true, false, or a list in [ ]",
    r"^Cannot overwrite a value$": "the key is here twice",
    r"^Cannot declare \('(.*)',\) twice$": r"the section [\1] is here twice",
}


class Shape(Enum):
    """What a setting holds, for text that must become it."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    LIST = auto()
    TABLES = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class Raw:
    """`file` and `place` are for the sentence about a fault, `origin` for `config show`."""

    value: Any
    origin: str
    file: str
    place: str


@dataclass(frozen=True, slots=True)
class Names:
    """The settings there are: `shapes` by name, `open` the tables whose keys are ids of lists ("keys"), and what they
    hold."""

    shapes: Mapping[str, Shape]
    open: Mapping[str, Shape]

    def shape_of(self, name: str) -> Shape | None:
        return self.shapes.get(name) or self.open.get(self.table_of(name) or "")

    def is_table(self, name: str) -> bool:
        """Within a section: "lists.intervals", or "web.oidc"."""
        return name in self.open or any(known.startswith(f"{name}.") for known in self.shapes)

    def table_of(self, name: str) -> str | None:
        return next((table for table in self.open if name.startswith(f"{table}.") and name != f"{table}."), None)

    def no_section(self, name: str) -> str:
        """The sentence about a value where a section should be."""
        if self.is_table(name):
            return f"expected a section, begun with [{name}]"
        return "stands outside of any section: expected it below one, such as [mail]"

    def unknown(self, name: str) -> str:
        """The sentence about a name that is none."""
        section, _, key = name.partition(".")
        sections = {known.partition(".")[0] for known in (*self.shapes, *self.open)}
        if section not in sections:
            return unknown_name("section", section, sections)
        keys = {known.partition(".")[2] for known in (*self.shapes, *self.open) if known.startswith(f"{section}.")}
        return unknown_name("key", key, keys - {""})


def from_toml(path: Path, names: Names) -> tuple[dict[str, Raw], list[Fault]]:
    file = str(path)
    try:
        tree = _toml(path)
    except ConfigError as error:
        return {}, list(error.faults)
    values: dict[str, Raw] = {}
    faults: list[Fault] = []
    for name, value in _flat(tree, names):
        section, _, key = name.rpartition(".")
        if value is None:
            faults.append(Fault(file, name, names.no_section(name)))
        elif names.shape_of(name) is None:
            faults.append(Fault(file, f"[{section}]", names.unknown(name)))
        else:
            values[name] = Raw(value, file, file, f"[{section}] {key}")
    return values, faults


def _toml(path: Path) -> Mapping[str, Any]:
    content = read_file(path)
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        where = _WHERE.search(str(error))
        problem = _WHERE.sub("", str(error))
        for pattern, words in _TOML_WORDS.items():
            problem = re.sub(pattern, words, problem)
        raise ConfigError(Fault(str(path), (where and where[1]) or "", f"is not TOML: {problem}")) from None
    except RecursionError:
        raise ConfigError(Fault(str(path), "", "is not usable: its lists or tables are nested too deep")) from None


def read_file(path: Path) -> str:
    """Raises ConfigError with one fault."""
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise ConfigError(Fault(str(path), "", "is larger than 1 MiB: this is not a configuration"))
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(Fault(str(path), "", f"cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        raise ConfigError(Fault(str(path), "", "is not UTF-8 text: save it as UTF-8")) from None


def _flat(tree: Mapping[str, Any], names: Names) -> Iterator[tuple[str, Any]]:
    """Each value with its name; None for a value where a section should be."""
    for section, table in tree.items():
        if not isinstance(table, dict):
            yield section, None
            continue
        for key, value in table.items():
            name = f"{section}.{key}"
            if not names.is_table(name):
                yield name, value
            elif isinstance(value, dict):
                yield from ((f"{name}.{inner}", each) for inner, each in value.items())
            else:
                yield name, None


@dataclass(frozen=True, slots=True)
class _Text:
    """A value as text, or the file that holds it."""

    name: str
    content: str | Path
    origin: str
    file: str
    place: str = ""


def from_credentials(environ: Mapping[str, str], names: Names) -> tuple[dict[str, Raw], list[Fault]]:
    """Files named like a setting; other credentials of the unit are not ours to judge."""
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return {}, []
    try:
        found = sorted(path for path in Path(folder).iterdir() if names.shape_of(path.name))
    except OSError as error:
        return {}, [Fault(folder, "", f"cannot be read (CREDENTIALS_DIRECTORY): {error.strerror}")]
    return _read(
        (_Text(path.name, path, f"credential {path.name}", f"credential {path.name}") for path in found), names
    )


def from_environment(environ: Mapping[str, str], names: Names) -> tuple[dict[str, Raw], list[Fault]]:
    texts: dict[str, _Text] = {}
    faults: list[Fault] = []
    known = {_variable(name): name for name in names.shapes}
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and name != CONFIG_VARIABLE):
        plain, content = variable.removesuffix("_FILE"), environ[variable]
        name = known.get(plain) or _open_name(plain, names)
        if name is None:
            faults += _unknown_variable(variable, known)
        elif name in texts:
            faults.append(Fault("environment", variable, f"is set beside {plain}: set one of them"))
        elif plain == variable:
            texts[name] = _Text(name, content, f"environment {variable}", "environment", variable)
        else:
            texts[name] = _Text(name, Path(content), f"file {content} ({variable})", content, variable)
    values, more = _read(texts.values(), names)
    return values, [*faults, *more]


def _read(texts: Iterable[_Text], names: Names) -> tuple[dict[str, Raw], list[Fault]]:
    values: dict[str, Raw] = {}
    faults: list[Fault] = []
    for text in texts:
        try:
            content = text.content if isinstance(text.content, str) else read_file(text.content)
        except ConfigError as error:
            faults += [Fault(text.file, text.place, fault.problem) for fault in error.faults]
            continue
        shape = names.shape_of(text.name)
        if shape is Shape.TABLES:
            faults.append(Fault(text.file, text.place, f"{text.name} can be set in the configuration file only"))
        elif shape is not None:
            values[text.name] = Raw(_shaped(shape, content.rstrip("\r\n")), text.origin, text.file, text.place)
    return values, faults


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace(".", "__").replace("-", "_")


def _open_name(variable: str, names: Names) -> str | None:
    """DELIVERWATCH_KEYS__SPAMHAUS_ZEN -> keys.spamhaus-zen: ids of lists have hyphens, never underscores."""
    for table in sorted(names.open):
        prefix = _variable(table) + "__"
        if variable.startswith(prefix) and variable != prefix:
            return f"{table}.{variable.removeprefix(prefix).lower().replace('_', '-')}"
    return None


def _unknown_variable(variable: str, known: Mapping[str, str]) -> list[Fault]:
    """Without "__" it is ours only if it looks like one of ours, mistyped."""
    flattened = {name.replace("__", "_"): name for name in known}
    if "__" in variable:
        return [Fault("environment", variable, unknown_name("setting", variable, known))]
    meant = flattened.get(variable.removesuffix("_FILE"))
    return [Fault("environment", variable, f"unknown setting: did you mean {meant!r}?")] if meant else []


def _shaped(shape: Shape, content: str) -> Any:
    """What TOML would have had; left as text, for the sentence, where it cannot be that."""
    match shape:
        case Shape.NUMBER:
            return int(content) if re.fullmatch(r"[0-9]{1,9}", content) else content
        case Shape.FLAG:
            return {"true": True, "false": False}.get(content, content)
        case Shape.LIST:
            return [part.strip() for part in content.split(",") if part.strip()]
        case Shape.TABLE:
            return _inline(content)
        case _:
            return content


def _inline(content: str) -> Any:
    """A value in the words of TOML, such as {url = "...", kinds = ["ipv4"]}."""
    try:
        tree = tomllib.loads(f"value = {content.strip()}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return content
    return tree["value"] if len(tree) == 1 else content
