"""`deliverwatch customers platform`: what the sending platform says it sends from, against the inventory."""

from typing import Annotated

import typer

from deliverwatch.app import App
from deliverwatch.cli.options import ConfigFile, Json, with_app
from deliverwatch.cli.output import print_json, print_lines, say
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.platform import PlatformDifference
from deliverwatch.render.inventory_changes import change_lines


def platform(
    read: Annotated[bool, typer.Option("--read", help="Ask the platform now, instead of what was read last.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Take the difference over into the inventory.")] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """How what the sending platform sends from differs from the inventory; with --apply, it does no longer."""

    async def work(app: App) -> PlatformDifference:
        if read:
            await app.intake.read_platform()
        if (failure := await app.intake.platform_failure()) is not None:
            say(f"The platform could not be read lately: {failure}")
        found = await app.intake.platform_difference()
        if found is None:
            raise NotPossible("the platform was not read yet: `deliverwatch customers platform --read` asks it now")
        if apply and found.change:
            await app.store.apply_inventory(found.change, app.clock.now())
        return found

    found = with_app(config, work)
    lines = change_lines(found.change)
    if as_json:
        changes = [{"what": what, "name": name} for what, name in lines]
        print_json({"applied": apply and bool(lines), "changes": changes, "unmapped": list(found.unmapped)})
        return
    print_lines(f"{what:<8} {name}" for what, name in lines)
    print_lines(f"nobody's {each}" for each in found.unmapped)
    verb = "changed" if apply else "would change with --apply"
    print(f"{len(lines)} {verb}." if lines else "Nothing to change.")
