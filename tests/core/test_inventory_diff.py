"""What an import would change: idempotent, nothing deleted, nobody told of what was before their time."""

import contextlib
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.errors import InventoryError
from deliverwatch.core.inventory import Asset, Customer, Holdings, Inventory, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange, plan_import
from deliverwatch.core.subjects import parse_subject
from samples import NOON

TODAY = date(2026, 11, 24)
YESTERDAY = TODAY - timedelta(days=1)


def customer(name, **changes):
    return replace(
        Customer(name, name.title(), ServiceZone.UK, Tam("T", "tam@esp.example"), ("x@acme.example",)), **changes
    )


ACME, BRAVO = customer("acme"), customer("bravo")


def ip(name, holder="acme", **more):
    return Asset(name, holder, pool="p", **more)


def applied(current, change):
    """What a store makes of a change."""
    customers = {each.id: each for each in (*current.customers, *change.customers_added, *change.customers_changed)}
    assets = list(current.assets)
    for old, new in change.assets_changed:
        assets[assets.index(old)] = new
    for asset, day in change.assets_ended:
        assets[assets.index(asset)] = replace(asset, until_on=day)
    return Inventory(tuple(customers.values()), (*assets, *change.assets_added))


def after(current, customers, assets, has_esp=False, today=TODAY):
    return applied(current, plan_import(current, customers, assets, has_esp, today))


def test_the_first_import_takes_everything_as_it_is():
    assets = (ip("192.0.2.1"), ip("203.0.113.0/29", None, shared_with=("acme",)))
    change = plan_import(Inventory(), (ACME,), assets, True, TODAY)
    assert change == InventoryChange(customers_added=(ACME,), assets_added=assets)


def test_the_same_again_changes_nothing():
    current = after(Inventory(), (ACME,), (ip("192.0.2.1"), ip("192.0.2.2", until_on=YESTERDAY)))
    assert not plan_import(current, (ACME,), (ip("192.0.2.1"), ip("192.0.2.2", until_on=YESTERDAY)), False, TODAY)


def test_what_is_gone_from_the_file_is_ended_and_not_held_today():
    current = after(Inventory(), (ACME,), (ip("192.0.2.1"), ip("192.0.2.2")))
    change = plan_import(current, (ACME,), (ip("192.0.2.1"),), False, TODAY)
    assert change == InventoryChange(assets_ended=((ip("192.0.2.2"), YESTERDAY),))
    assert [subject.value for subject in applied(current, change).subjects_on(TODAY)] == ["192.0.2.1"]


def test_who_is_not_in_the_file_is_left_alone_and_so_is_the_esp():
    current = Inventory((ACME, BRAVO), (ip("192.0.2.1"), ip("192.0.2.2", "bravo"), ip("203.0.113.1", None)))
    assert not plan_import(current, (ACME,), (ip("192.0.2.1"),), False, TODAY)
    assert plan_import(current, (), (), True, TODAY).assets_ended == ((ip("203.0.113.1", None), YESTERDAY),)


def test_a_changed_customer_and_a_changed_asset_are_changed_in_place():
    current = Inventory((ACME,), (ip("192.0.2.1"),))
    renamed, moved = replace(ACME, name="Acme Ltd"), replace(ip("192.0.2.1"), stream="news")
    assert plan_import(current, (renamed,), (moved,), False, TODAY) == InventoryChange(
        customers_changed=(renamed,), assets_changed=((ip("192.0.2.1"), moved),)
    )


def test_a_first_day_that_the_file_does_not_tell_stays():
    known = ip("192.0.2.1", from_on=date(2026, 3, 1))
    assert not plan_import(Inventory((ACME,), (known,)), (ACME,), (ip("192.0.2.1"),), False, TODAY)


def test_a_last_day_that_the_file_tells_is_taken():
    current = Inventory((ACME,), (ip("192.0.2.1"),))
    ending = ip("192.0.2.1", until_on=date(2026, 12, 31))
    assert plan_import(current, (ACME,), (ending,), False, TODAY).assets_changed == ((ip("192.0.2.1"), ending),)


def test_what_comes_back_is_held_from_today_and_its_pause_stays_a_pause():
    current = Inventory((ACME,), (ip("192.0.2.1", until_on=date(2026, 10, 1)),))
    back = after(current, (ACME,), (ip("192.0.2.1"),))
    assert back.assets == (ip("192.0.2.1", until_on=date(2026, 10, 1)), ip("192.0.2.1", from_on=TODAY))
    assert not plan_import(back, (ACME,), (ip("192.0.2.1"),), False, TODAY)
    assert not plan_import(back, (ACME,), (ip("192.0.2.1"),), False, TODAY + timedelta(days=30))


def test_a_new_holder_learns_nothing_of_the_former_one():
    for name in ("192.0.2.1", "192.0.2.0/30", "news.acme.example"):
        current = Inventory((ACME,), (Asset(name, "acme"),))
        inside = name.replace("192.0.2.0/30", "192.0.2.3")
        moved = after(current, (ACME, BRAVO), (Asset(inside, "bravo"),))
        holdings = Holdings(moved.assets)
        assert holdings.parties(parse_subject(inside), YESTERDAY) == ("acme",)
        assert holdings.parties(parse_subject(inside), TODAY) == ("bravo",)


def test_an_address_beside_a_known_range_was_always_held():
    current = Inventory((ACME,), (ip("192.0.2.0/30"), ip("2001:db8::/120")))
    new = (ip("192.0.2.4", "bravo"), ip("192.0.1.255", "bravo"), ip("2001:db8::100", "bravo"))
    assert plan_import(current, (BRAVO,), new, False, TODAY).assets_added == new


def test_a_holding_of_later_does_not_rewrite_that_of_today():
    current = Inventory((ACME,), (ip("192.0.2.1"),))
    later = ip("192.0.2.1", from_on=date(2027, 1, 1))
    assert plan_import(current, (ACME,), (later,), False, TODAY) == InventoryChange(
        assets_added=(later,), assets_ended=((ip("192.0.2.1"), YESTERDAY),)
    )


class TestShares:
    """Who shared what on which day: the past stays as it was, whatever the file says today."""

    POOL = Asset("203.0.113.0/30", None, ("acme", "bravo"), pool="shared")
    MINE = replace(POOL, shared_with=("acme",))
    CURRENT = Inventory((ACME, BRAVO), (POOL,))

    def test_who_is_dropped_keeps_the_past_and_who_is_added_gets_none(self):
        ended, begun = replace(self.POOL, until_on=YESTERDAY), replace(self.MINE, from_on=TODAY)
        change = plan_import(self.CURRENT, (), (self.MINE,), True, TODAY)
        assert change == InventoryChange(assets_added=(begun,), assets_ended=((self.POOL, YESTERDAY),))
        dropped = applied(self.CURRENT, change)
        assert dropped.assets == (ended, begun)
        back = after(dropped, (), (self.POOL,), True, TODAY + timedelta(days=3))
        holdings, inside = Holdings(back.assets), parse_subject("203.0.113.1")
        days = (YESTERDAY, TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=3))
        assert [holdings.parties(inside, day) for day in days] == [
            ("acme", "bravo"),
            ("acme",),
            ("acme",),
            ("acme", "bravo"),
        ]

    def test_a_share_that_began_today_is_changed_in_place(self):
        new = replace(self.POOL, from_on=TODAY)
        change = plan_import(Inventory((ACME, BRAVO), (new,)), (), (self.MINE,), True, TODAY)
        assert change == InventoryChange(assets_changed=((new, replace(self.MINE, from_on=TODAY)),))

    @pytest.mark.parametrize("since", [None, date(2026, 3, 1)])
    @pytest.mark.parametrize("until", [None, date(2026, 12, 31)])
    @pytest.mark.parametrize("later", [0, 1, 200])
    def test_the_same_file_again_changes_nothing_whatever_days_it_names(self, since, until, later):
        told = {"from_on": since, "until_on": until}
        current = Inventory((ACME, BRAVO), (replace(self.POOL, **told),))
        wanted = (replace(self.MINE, **told),)
        turned = after(current, (), wanted, True)
        assert [(each.from_on, each.until_on) for each in turned.assets] == [(since, YESTERDAY), (TODAY, until)]
        assert not plan_import(turned, (), wanted, True, TODAY + timedelta(days=later))
        assert not plan_import(turned, (), turned.assets, True, TODAY + timedelta(days=later))

    def test_what_is_over_stays_shared_as_it_was(self):
        over = replace(self.POOL, until_on=YESTERDAY)
        wanted = replace(self.MINE, until_on=YESTERDAY)
        assert not plan_import(Inventory((ACME, BRAVO), (over,)), (), (wanted,), True, TODAY)

    def test_it_is_known_since_it_was_known(self):
        known = replace(self.POOL, added_at=NOON)
        change = plan_import(Inventory((ACME, BRAVO), (known,)), (), (self.MINE,), True, TODAY)
        assert [each.added_at for each in change.assets_added] == [NOON]


class TestOneHolder:
    CURRENT = Inventory((ACME, BRAVO), (ip("192.0.2.1"),))
    BACK = ip("192.0.2.1", "bravo", from_on=date(2026, 11, 1))

    def test_the_past_of_another_is_not_taken(self):
        message = r"bravo > 192.0.2.1: on record it is held by acme on the same days \(from 2026-11-01\)"
        for customers in ((BRAVO,), (ACME, BRAVO)):
            with pytest.raises(InventoryError, match=message):
                plan_import(self.CURRENT, customers, (self.BACK,), False, TODAY)

    def test_the_files_own_last_day_makes_room(self):
        ended = ip("192.0.2.1", until_on=date(2026, 10, 31))
        assert after(self.CURRENT, (ACME, BRAVO), (ended, self.BACK)).assets == (ended, self.BACK)

    def test_who_is_not_in_the_file_still_holds_it(self):
        with pytest.raises(InventoryError, match="held by acme"):
            plan_import(self.CURRENT, (BRAVO,), (ip("192.0.2.1", "bravo"),), False, TODAY)
        assert plan_import(self.CURRENT, (BRAVO,), (ip("192.0.2.0/30", "bravo"),), False, TODAY)


DAYS = st.dates(date(2026, 9, 1), date(2027, 2, 1))


@st.composite
def histories(draw):
    """One name with one holder: stretches that do not overlap, as a checked file has them."""
    days = sorted(draw(st.sets(DAYS, min_size=0, max_size=4)))
    stretches = [(days[index], days[index + 1] - timedelta(days=1)) for index in range(0, len(days) - 1, 2)]
    if not stretches or draw(st.booleans()):
        last = stretches[-1][1] + timedelta(days=1) if stretches else None
        stretches.append((last if last or draw(st.booleans()) else draw(st.none() | DAYS), None))
    elif draw(st.booleans()):
        stretches[0] = (None, stretches[0][1])
    return stretches


SHARES = st.sampled_from([(), ("acme",), ("bravo",), ("acme", "bravo")])


def parties_on(inventory, day):
    return {(asset.name, party) for asset in inventory.assets if asset.held_on(day) for party in asset.parties}


@st.composite
def files(draw):
    """What a valid file may say: some customers, what they hold, perhaps the ESP's own."""
    customers = draw(st.lists(st.sampled_from([ACME, BRAVO, replace(ACME, name="New")]), unique_by=lambda c: c.id))
    has_esp = draw(st.booleans())
    assets, holders = [], [each.id for each in customers] + ([None] if has_esp else [])
    for name in draw(st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2", "mail.acme.example"]))) if holders else ():
        holder = draw(st.sampled_from(holders))
        for begin, end in draw(histories()):
            stream, shares = draw(st.sampled_from(["news", None])), draw(SHARES) if holder is None else ()
            assets.append(Asset(name, holder, shares, pool="p", stream=stream, from_on=begin, until_on=end))
    return customers, assets, has_esp


@given(st.lists(st.tuples(files(), st.integers(0, 40)), min_size=1, max_size=5))
def test_any_file_may_follow_any_other_and_the_day_is_always_as_the_last_file_says(imports):
    current, today = Inventory(), date(2026, 10, 1)
    for (customers, assets, has_esp), pause in imports:
        today += timedelta(days=pause)
        before = {(asset.holder, asset.name) for asset in current.assets}
        spoken_for = {each.id for each in customers} | ({None} if has_esp else set())
        past = {day: parties_on(current, day) for day in (today - timedelta(days=each) for each in range(1, 60))}
        dated = any((asset.from_on and asset.from_on < today) or asset.until_on for asset in assets)
        try:
            current = after(current, customers, assets, has_esp, today)
        except InventoryError:  # it gives one holder the days that another has on record, who may not be in the file
            assert dated or any(each.holder not in spoken_for for each in current.assets)
            continue
        if not dated and current.assets and before:
            assert all(was <= parties_on(current, day) for day, was in past.items())
        assert before <= {(asset.holder, asset.name) for asset in current.assets}
        held = {(a.holder, a.name) for a in current.assets if a.holder in spoken_for and a.held_on(today)}
        assert held == {(a.holder, a.name) for a in assets if a.held_on(today)}
        assert len(held) == len([a for a in current.assets if a.holder in spoken_for and a.held_on(today)])
        for later in (0, 1, 17, 200):
            change = plan_import(current, customers, assets, has_esp, today + timedelta(days=later))
            assert not change, change


@given(st.lists(files(), min_size=1, max_size=4), st.dates(date(2026, 8, 1), date(2027, 3, 1)), st.integers(1, 40))
def test_importing_what_an_inventory_holds_changes_nothing(imports, today, pause):
    current = Inventory()
    for customers, assets, has_esp in imports:
        with contextlib.suppress(InventoryError):
            current = after(current, customers, assets, has_esp, today)
        today += timedelta(days=pause)
    held = [each for each in current.assets if (each.from_on or date.min) <= (each.until_on or date.max)]
    assert not plan_import(current, current.customers, held, True, today)
    for name in {each.name for each in held}:
        spans = sorted((each.from_on or date.min, each.until_on or date.max) for each in held if each.name == name)
        assert all(first[1] < second[0] for first, second in pairwise(spans)), spans
