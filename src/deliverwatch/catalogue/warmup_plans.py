"""warmup_plans/<id>.yaml -> `core.warmup.WarmupPlan`.

One published plan per file. A file in the overlay's `warmup_plans` folder replaces the shipped one of that name.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from deliverwatch.catalogue.schema import IsoDate, KebabId, Strict, Text, check, choice, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Place, load_yaml
from deliverwatch.core.errors import CatalogueError, Fault
from deliverwatch.core.warmup import PlanBasis, WarmupPlan

_FOLDER = "warmup_plans"


class _Plan(Strict):
    id: KebabId
    name: Text
    owner: Text
    basis: Annotated[PlanBasis, choice(PlanBasis)]
    stages: list[int]
    advance_above_ratio: float | None = None
    platform_stops_after_days: int | None = None
    notes: list[Text] = Field(default_factory=list)
    source: Text
    checked_on: IsoDate


def load_warmup_plans(folder: Path | None = None, overlay: Path | None = None) -> tuple[WarmupPlan, ...]:
    """The shipped plans, or those of `folder`, under the overlay. Raises CatalogueError with every fault."""
    files = {path.stem: path for path in sorted((folder or shipped(_FOLDER)).glob("*.yaml"))}
    if overlay is not None:
        files |= {path.stem: path for path in sorted((overlay / _FOLDER).glob("*.yaml"))}
    plans, faults = [], []
    for path in files.values():
        plan, more = _load(path)
        plans += [plan] if plan is not None else []
        faults += more
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(plans)


def _load(path: Path) -> tuple[WarmupPlan | None, list[Fault]]:
    document = load_yaml(path)
    if document.value is None:
        return None, list(document.faults)
    model, faults = check(_Plan, document.value, document.mark)
    if model is None:
        return None, [*document.faults, *faults]
    faults += [
        fault_at(document.mark, document.value, place, problem) for place, problem in _contradictions(model, path.stem)
    ]
    fields = model.model_dump()
    plan = WarmupPlan(**fields | {"stages": tuple(model.stages), "notes": tuple(model.notes)})
    return plan, [*document.faults, *faults]


def _contradictions(plan: _Plan, stem: str) -> Iterator[tuple[Place, str]]:
    if plan.id != stem:
        yield ("id",), f"{plan.id!r} is not the name of its file: expected {stem!r}"
    if not plan.stages:
        yield ("stages",), "is empty: expected messages per day, the first stage first"
    for index, (before, after) in enumerate(zip([0, *plan.stages], plan.stages, strict=False)):
        if after < max(before, 1):
            yield ("stages", index), f"{after} is less than the stage before it: a plan never shrinks"
    ratio = plan.advance_above_ratio
    if (ratio is None) == (plan.basis is PlanBasis.GATED):
        yield ("basis",), "gated needs advance_above_ratio, and only gated takes it"
    if ratio is not None and not 0 < ratio <= 1:
        yield ("advance_above_ratio",), f"{ratio} is not a share: expected a number above 0 and up to 1"
    if plan.platform_stops_after_days is not None and plan.platform_stops_after_days < 1:
        yield ("platform_stops_after_days",), "expected a number of days, 1 or more"
