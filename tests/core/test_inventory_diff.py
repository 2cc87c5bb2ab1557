"""What an import would change: idempotent, nothing deleted, nobody told of what was before their time."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.inventory import Asset, Customer, Holdings, Inventory, ServiceZone, Tam
from deliverwatch.core.inventory_diff import InventoryChange, plan_import
from deliverwatch.core.subjects import parse_subject

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


@st.composite
def files(draw):
    """What a valid file may say: some customers, what they hold, perhaps the ESP's own."""
    customers = draw(st.lists(st.sampled_from([ACME, BRAVO, replace(ACME, name="New")]), unique_by=lambda c: c.id))
    has_esp = draw(st.booleans())
    assets = []
    for holder in [each.id for each in customers] + ([None] if has_esp else []):
        for name in draw(st.sets(st.sampled_from(["192.0.2.1", "192.0.2.2", "mail.acme.example"]))):
            for begin, end in draw(histories()):
                stream = draw(st.sampled_from(["news", None]))
                assets.append(Asset(name, holder, pool="p", stream=stream, from_on=begin, until_on=end))
    return customers, assets, has_esp


@given(st.lists(st.tuples(files(), st.integers(0, 40)), min_size=1, max_size=5))
def test_any_file_may_follow_any_other_and_the_day_is_always_as_the_last_file_says(imports):
    current, today = Inventory(), date(2026, 10, 1)
    for (customers, assets, has_esp), pause in imports:
        today += timedelta(days=pause)
        before = {(asset.holder, asset.name) for asset in current.assets}
        current = after(current, customers, assets, has_esp, today)
        assert before <= {(asset.holder, asset.name) for asset in current.assets}
        spoken_for = {each.id for each in customers} | ({None} if has_esp else set())
        held = {(a.holder, a.name) for a in current.assets if a.holder in spoken_for and a.held_on(today)}
        assert held == {(a.holder, a.name) for a in assets if a.held_on(today)}
        assert len(held) == len([a for a in current.assets if a.holder in spoken_for and a.held_on(today)])
        for later in (0, 1, 17, 200):
            change = plan_import(current, customers, assets, has_esp, today + timedelta(days=later))
            assert not change, change


@given(files(), st.dates(date(2026, 8, 1), date(2027, 3, 1)))
def test_importing_what_an_inventory_holds_changes_nothing(file, today):
    customers, assets, has_esp = file
    current = after(Inventory(), customers, assets, has_esp, today)
    assert not plan_import(current, current.customers, current.assets, True, today)
