"""forms/<id>/ -> `core.remediation.Form`.

A standard form is data: which fields the addressee wants, which recorded fact fills each, what is required, how long a
value may be (`form.yaml`), the words of the request (`body.txt.j2`), and the words once filled with sample facts
(`example.txt`), which a reader looks at first and a test compares. A folder in the overlay's `forms` replaces the
shipped one of that name. The digest names the version of the form that a draft was made from.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from deliverwatch.catalogue.reading import CATALOGUE_LIMIT, read_text
from deliverwatch.catalogue.schema import IsoDate, KebabId, Strict, Text, check, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Document, Place, load_yaml
from deliverwatch.core.errors import CatalogueError, ConfigError, Fault, unknown_name
from deliverwatch.core.remediation import Form, FormField

_FOLDER = "forms"
FACTS = frozenset(
    {
        "subject",
        "list_name",
        "list_zone",
        "lookup_url",
        "codes",
        "meanings",
        "reason",
        "listed_since",
        "expires",
        "holder_kind",
        "what_changed",
        "requester_company",
        "requester_name",
        "requester_role",
        "requester_phone",
        "requester_mailbox",
    }
)
_NAMES_IN_BODY = re.compile(r"\{\{-?\s*(\w+)|\{%-?\s*(?:el)?if\s+(?:not\s+)?(\w+)")


class _Field(Strict):
    name: Text
    label: Text
    fact: Text
    required: bool = True
    limit: int | None = None


class _Form(Strict):
    id: KebabId
    name: Text
    source: Text
    checked_on: IsoDate
    fields: list[_Field]


def load_forms(folder: Path | None = None, overlay: Path | None = None) -> tuple[Form, ...]:
    """The shipped forms, or those of `folder`, under the overlay. Raises CatalogueError with every fault."""
    folders = {path.parent.name: path.parent for path in sorted((folder or shipped(_FOLDER)).glob("*/form.yaml"))}
    if overlay is not None:
        folders |= {path.parent.name: path.parent for path in sorted((overlay / _FOLDER).glob("*/form.yaml"))}
    forms, faults = [], []
    for path in folders.values():
        form, more = _load(path)
        forms += [form] if form is not None else []
        faults += more
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(forms)


def _load(folder: Path) -> tuple[Form | None, list[Fault]]:
    document = load_yaml(folder / "form.yaml")
    body, faults = _body(folder / "body.txt.j2")
    faults = [*document.faults, *faults]
    if document.value is None:
        return None, faults
    model, more = check(_Form, document.value, document.mark)
    if model is None:
        return None, [*faults, *more]
    faults += [
        fault_at(document.mark, document.value, place, problem)
        for place, problem in _contradictions(model, folder.name)
    ]
    return _core(model, document, body), faults


def _body(path: Path) -> tuple[str, list[Fault]]:
    try:
        body = read_text(path, CATALOGUE_LIMIT)
    except ConfigError as error:
        return "", list(error.faults)
    faults = []
    for number, line in enumerate(body.splitlines(), start=1):
        for match in _NAMES_IN_BODY.finditer(line):
            name = match[1] or match[2]
            if name not in FACTS | {"way"}:
                faults.append(Fault(str(path), f"line {number}", unknown_name("fact", name, FACTS | {"way"})))
    return body, faults


def _contradictions(form: _Form, folder: str) -> Iterator[tuple[Place, str]]:
    if form.id != folder:
        yield ("id",), f"{form.id!r} is not the name of its folder: expected {folder!r}"
    names: set[str] = set()
    for index, field in enumerate(form.fields):
        if field.name in names:
            yield ("fields", index, "name"), f"the field {field.name!r} is here twice"
        if field.fact not in FACTS:
            yield ("fields", index, "fact"), unknown_name("fact", field.fact, FACTS)
        if field.limit is not None and field.limit < 1:
            yield ("fields", index, "limit"), "expected a number of characters, 1 or more"
        names.add(field.name)


def _core(form: _Form, document: Document, body: str) -> Form:
    digest = hashlib.sha256(f"{document.value!r}\n{body}".encode()).hexdigest()[:16]
    fields = tuple(FormField(field.name, field.label, field.fact, field.required, field.limit) for field in form.fields)
    return Form(form.id, form.name, fields, body, digest, form.checked_on.isoformat(), form.source)
