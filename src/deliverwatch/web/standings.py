"""How the lists that are on stand now, those on trial among them; for pages and metrics."""

from deliverwatch.app import App
from deliverwatch.core.list_standing import ListRounds, ListStanding


async def standings(app: App) -> dict[str, ListStanding]:
    """By id, in the order of the catalogue."""
    store, now = app.store, app.clock.now()
    newest = await store.last_cycles()
    not_verified = [each.id for each in app.catalogue.on if each.id in newest and not newest[each.id].verified]
    rounds = ListRounds(
        now=now,
        newest=newest,
        verified_at=await store.last_verified(not_verified),
        zones=await store.zone_states(),
        held=(await app.desk.snapshot()).kinds,
    )
    every = app.settings.lists.interval_for
    return {each.id: rounds.standing(each, every(each.id)) for each in app.catalogue.on}
