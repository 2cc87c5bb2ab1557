"""warmup_plans/<id>.yaml -> `core.warmup.plan.WarmupPlan`.

One plan per file. A file in the overlay's `warmup_plans` folder replaces the shipped one of that name. What a plan says
about a volume is checked as a whole: it never falls from one stage to the next, at any mailbox provider, unless the
file says that it shrinks.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.schema import check, fault_at, in_file_order
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import Place, load_yaml
from deliverwatch.catalogue.warmup_plan_schema import PlanEntry, to_core
from deliverwatch.core.errors import CatalogueError, Fault, unknown_name
from deliverwatch.core.warmup.plan import PlanBasis, WarmupPlan

_FOLDER = "warmup_plans"
_MOST_STAGES = 1000


def load_warmup_plans(folder: Path | None = None, overlay: Path | None = None) -> tuple[WarmupPlan, ...]:
    """The shipped plans, or those of `folder`, under the overlay. Raises CatalogueError with every fault."""
    files = {path.stem: path for path in sorted((folder or shipped(_FOLDER)).glob("*.yaml"))}
    if overlay is not None:
        files |= {path.stem: path for path in sorted((overlay / _FOLDER).glob("*.yaml"))}
    return _load_all(files.values(), overlay)


def load_warmup_plan(path: Path, overlay: Path | None = None) -> WarmupPlan:
    """One file of an operator's own. Raises CatalogueError with every fault."""
    (plan,) = _load_all([path], overlay)
    return plan


def _load_all(files: Collection[Path], overlay: Path | None) -> tuple[WarmupPlan, ...]:
    providers = {provider.id for provider in load_mailbox_providers(overlay=overlay)}
    plans, faults = [], []
    for path in files:
        plan, more = _load(path, providers)
        plans += [plan] if plan is not None else []
        faults += more
    if faults:
        raise CatalogueError(*in_file_order(faults))
    return tuple(plans)


def _load(path: Path, providers: Collection[str]) -> tuple[WarmupPlan | None, list[Fault]]:
    document = load_yaml(path)
    if document.value is None:
        return None, list(document.faults)
    entry, faults = check(PlanEntry, document.value, document.mark)
    if entry is None:
        return None, [*document.faults, *faults]
    plan = to_core(entry)
    found = [*_contradictions(entry, path.stem), *_unknown(plan, providers), *_falls(entry, plan)]
    faults += [fault_at(document.mark, document.value, place, problem) for place, problem in found]
    return plan, [*document.faults, *faults]


def _contradictions(entry: PlanEntry, stem: str) -> Iterator[tuple[Place, str]]:
    if entry.id != stem:
        yield ("id",), f"{entry.id!r} is not the name of its file: expected {stem!r}"
    if not entry.stages:
        yield ("stages",), "is empty: expected messages a day, the first stage first"
    if len(entry.stages) > _MOST_STAGES:
        yield ("stages",), f"has {len(entry.stages)} stages: expected at most {_MOST_STAGES}"
    if entry.enough_ratio is not None and entry.basis is PlanBasis.CALENDAR_DAY:
        yield ("enough_ratio",), "stands only with basis sending_day or result: a calendar day passes by itself"
    if entry.enough_ratio == 1 and entry.basis is PlanBasis.RESULT:
        yield ("enough_ratio",), "more than all is never delivered: expected less than 1 with basis result"
    if entry.idle.restart_after_days <= entry.idle.warn_after_days:
        yield ("idle",), "restart_after_days is not after warn_after_days: expected the warning first"
    yield from _of_weekdays(entry)
    yield from _of_gates(entry)
    yield from _of_audience(entry)


def _of_weekdays(entry: PlanEntry) -> Iterator[tuple[Place, str]]:
    days = entry.weekdays
    if days == []:
        yield ("weekdays",), "is empty: expected days, or leave the key out for all seven"
    for index, day in enumerate(days or []):
        if day in (days or [])[:index]:
            yield ("weekdays", index), "is here twice"


def _of_gates(entry: PlanEntry) -> Iterator[tuple[Place, str]]:
    gates = entry.gates or []
    for index, gate in enumerate(gates):
        if gate.measure in (before.measure for before in gates[:index]):
            yield ("gates", index), f"{gate.measure} has a gate already: expected one of each measure"
        if gate.step_back_above_ratio is not None and gate.step_back_above_ratio <= gate.hold_above_ratio:
            yield (
                ("gates", index, "step_back_above_ratio"),
                f"{gate.step_back_above_ratio} is not above hold_above_ratio {gate.hold_above_ratio}",
            )


def _of_audience(entry: PlanEntry) -> Iterator[tuple[Place, str]]:
    end = 0
    for index, (first, last) in enumerate(each.stages for each in entry.audience):
        place = ("audience", index, "stages")
        if first <= end:
            yield place, f"begins at stage {first}, and stage {end} has advice already: expected ranges in order"
        if last > len(entry.stages):
            yield place, f"ends at stage {last}, and the plan has {len(entry.stages)}"
        end = max(end, last)


def _unknown(plan: WarmupPlan, providers: Collection[str]) -> Iterator[tuple[Place, str]]:
    for index, stage in enumerate(plan.stages):
        for name in stage.providers:
            if name not in providers:
                yield ("stages", index, "providers", name), unknown_name("mailbox provider", name, providers)


def _falls(entry: PlanEntry, plan: WarmupPlan) -> Iterator[tuple[Place, str]]:
    """At the providers, of what their cap leaves them: a cap of none is that of the stage."""
    if entry.shrinks:
        return
    for stage in range(2, len(plan.stages) + 1):
        before, after = plan.allowance(stage - 1), plan.allowance(stage)
        if after < before:
            yield ("stages", stage - 1), _fewer(after, before)
            continue  # what the stage has lost, its providers have too
        for name in sorted(plan.capped_providers):
            before, after = (_most(plan, each, name) for each in (stage - 1, stage))
            if after < before:
                yield ("stages", stage - 1, "providers", name), _fewer(after, before)


def _most(plan: WarmupPlan, stage: int, provider: str) -> int:
    own = plan.provider_allowance(stage, provider)
    return plan.allowance(stage) if own is None else own


def _fewer(after: int, before: int) -> str:
    return f"{after} messages a day, and {before} in the stage before: expected no fewer, or shrinks: true"
