"""From a tree read from a file to a checked model, or to one sentence per fault.

The models are pydantic's, strict and without room for unknown keys; the sentences are ours. Each names the file, the
line, the way to the value in the reader's own ids ("customers acme > pools news > ips #2"), and what was expected.
Validators that know better raise ValueError with a whole sentence, which is passed on as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from deliverwatch.catalogue.strict_yaml import Mark, Place
from deliverwatch.core.errors import Fault, unknown_name

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ROUGH_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_MAX_TEXT = 1000

M = TypeVar("M", bound="Strict")
E = TypeVar("E", bound=StrEnum)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _printable(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("is empty: expected text, or leave the key out")
    if not text.isprintable():
        raise ValueError(f"{text[:80]!r} holds control characters or line breaks: expected one line of text")
    if len(text) > _MAX_TEXT:
        raise ValueError(f"is {len(text)} characters long: at most {_MAX_TEXT} are kept")
    return text


def _kebab(text: str) -> str:
    if not _KEBAB.fullmatch(text) or len(text) > 64:
        raise ValueError(f"{text[:80]!r} is not an id: expected lower-case letters, digits and single hyphens")
    return text


def _https(text: str) -> str:
    if urlsplit(text).scheme != "https" or not urlsplit(text).hostname:
        raise ValueError(f"{text[:200]!r} is not a web address: expected https://...")
    return text


def parse_date(value: Any) -> date:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a date: there is no such day") from None
    raise ValueError(f"{str(value)[:80]!r} is not a date: expected YYYY-MM-DD")


def rough_date(text: str) -> str:
    """A day, a month or a year: as exactly as it is known."""
    if not _ROUGH_DATE.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a date: expected YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        raise ValueError(f"{text!r} is not a date: there is no such day") from None
    return text


def choice(kind: type[E]) -> BeforeValidator:
    """A word of a closed set; the sentence about a wrong one names the nearest."""

    def read(value: Any) -> E:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        raise ValueError(unknown_name("word", str(value), kind))

    return BeforeValidator(read)


Text = Annotated[str, AfterValidator(_printable)]
KebabId = Annotated[Text, AfterValidator(_kebab)]
HttpsUrl = Annotated[Text, AfterValidator(_https)]
IsoDate = Annotated[date, BeforeValidator(parse_date)]


def check(model: type[M], value: Any, mark: Mark, at: Place = ()) -> tuple[M | None, list[Fault]]:
    """`at`: the way that already led to `value`, for the sentences."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [_fault(model, value, mark, at, dict(problem)) for problem in error.errors(include_url=False)]


def fault_at(mark: Mark, value: Any, place: Place, problem: str, at: Place = ()) -> Fault:
    """A fault about what stands at `place` inside `value`."""
    found = mark.at(place)
    words = [*map(str, at), *_way(value, place)]
    return Fault(found.file, ", ".join([f"line {found.line}", *([" > ".join(words)] if words else [])]), problem)


def in_file_order(faults: Iterable[Fault]) -> list[Fault]:
    def position(fault: Fault) -> tuple[str, int]:
        line = re.match(r"line (\d+)", fault.place)
        return fault.file, int(line[1]) if line else 0

    return sorted(dict.fromkeys(faults), key=position)


def _fault(model: type[BaseModel], value: Any, mark: Mark, at: Place, problem: Mapping[str, Any]) -> Fault:
    place: Place = problem["loc"]
    kind, found = problem["type"], problem["input"]
    if kind in ("missing", "extra_forbidden"):
        *way, key = place
        if kind == "missing":
            return fault_at(mark, value, tuple(way), f"the key {str(key)!r} is missing", at)
        fault = fault_at(mark, value, tuple(way), unknown_name("key", str(key), _known_keys(model, way)), at)
        line = mark.at(place).line
        return Fault(fault.file, re.sub(r"^line \d+", f"line {line}", fault.place), fault.problem)
    if kind == "value_error":
        return fault_at(mark, value, place, str(problem["ctx"]["error"]), at)
    expected = _EXPECTED.get(kind, f"a different value ({problem['msg']})")
    hint = ": put it in quotes" if kind == "string_type" and isinstance(found, (bool, int, float)) else ""
    return fault_at(mark, value, place, f"expected {expected}, found {_described(found)}{hint}", at)


_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}


def _described(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value[:80]!r}"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def _way(value: Any, place: Place) -> list[str]:
    """Keys and list positions as words: ("customers", 0, "ips", 1) becomes "customers acme", "ips #2"."""
    words: list[str] = []
    for step in place:
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            word = _label(value) or f"#{step + 1}"
            words[-1:] = [f"{words[-1]} {word}"] if words else [word]
        elif isinstance(value, Mapping):
            words.append(str(step))
            value = value.get(step)
        else:
            break
    return words


def _label(value: Any) -> str | None:
    """What a reader calls an entry of a list: its id or name, when it has one."""
    names = [value.get("id"), value.get("name")] if isinstance(value, Mapping) else []
    return next((name[:80] for name in names if isinstance(name, str)), None)


def _known_keys(model: type[BaseModel], way: Sequence[str | int]) -> list[str]:
    """The keys that the model at the end of `way` takes."""
    for step in way:
        if isinstance(step, str):
            field = next((f for name, f in model.model_fields.items() if step in (name, f.alias)), None)
            if field is not None:
                model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside list[...], ... | None and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
