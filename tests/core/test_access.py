"""What roles, tokens and bounds let one see and do."""

import pytest

from deliverwatch.core.access import Account, Act, Role, Scope, is_name, name_of, viewer_by_token, viewer_of
from deliverwatch.core.inventory import Customer, ServiceZone, Tam

ROBIN, SAM = Tam("Robin Doe", "Robin@esp.example"), Tam("Sam Roe", "sam@esp.example")
CUSTOMERS = [Customer(id_, id_, ServiceZone.UK, tam, ()) for id_, tam in (("acme", ROBIN), ("bravo", SAM))]
NOBODYS = Customer("nobodys", "nobodys", ServiceZone.UK, Tam("", ""), ())


def account(role=Role.TAM, email="robin@ESP.example", sees_all=False):
    return Account("A1", "robin", role, email, sees_all)


@pytest.mark.parametrize(
    ("role", "email", "sees_all", "sees"),
    [
        (Role.TAM, "robin@ESP.example", False, {"acme"}),
        (Role.READ_ONLY, "sam@esp.example", False, {"bravo"}),
        (Role.TAM, "other@esp.example", False, set()),
        (Role.TAM, "", False, set()),
        (Role.TAM, "", True, None),
        (Role.READ_ONLY, "sam@esp.example", True, None),
        (Role.OPERATOR, "sam@esp.example", False, None),
    ],
)
def test_whose_customers_an_account_sees(role, email, sees_all, sees):
    assert account(role, email, sees_all).customers([*CUSTOMERS, NOBODYS]) == sees


def test_a_viewer_sees_its_own_and_not_what_is_the_esps():
    viewer = viewer_of(account(), CUSTOMERS)
    assert [viewer.sees(each) for each in ("acme", "bravo", "nobody", None)] == [True, False, False, False]
    assert [viewer.sees_any(each) for each in (["bravo", "acme"], ["bravo"], [])] == [True, False, False]
    assert not viewer.sees_all
    assert (viewer.by, viewer.token, viewer.may(Act.WORK), viewer.may(Act.ADMINISTER)) == ("robin", None, True, False)


def test_who_sees_all_sees_what_is_the_esps_too():
    viewer = viewer_of(account(Role.OPERATOR), CUSTOMERS)
    assert viewer.sees_all
    assert all(viewer.sees(each) for each in ("acme", "nobody", None))
    assert viewer.sees_any([])


@pytest.mark.parametrize(
    ("role", "bounds", "sees"),
    [
        (Role.OPERATOR, None, None),
        (Role.OPERATOR, {"bravo"}, {"bravo"}),
        (Role.OPERATOR, set(), set()),
        (Role.TAM, None, {"acme"}),
        (Role.TAM, {"acme", "bravo"}, {"acme"}),
        (Role.TAM, {"bravo"}, set()),
    ],
)
def test_a_token_sees_no_more_than_its_account(role, bounds, sees):
    bounds = frozenset(bounds) if bounds is not None else None
    viewer = viewer_by_token(account(role), "t1", "crm", Scope.ADMIN, bounds, CUSTOMERS)
    assert (viewer.customers, viewer.token, viewer.by) == (sees, "t1", "robin (crm)")


def test_names_are_plain_and_never_ids():
    assert name_of(" Robin.Doe ") == "robin.doe"
    assert all(map(is_name, ("robin", "robin.doe@esp.example", "r2", "a" * 64)))
    assert not any(map(is_name, ("", "Robin", "-r", "a b", "röbin", "a" * 65, "a\n", "A0F3")))
