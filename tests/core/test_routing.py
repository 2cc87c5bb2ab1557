"""Every kind of event belongs to a family."""

import pytest

from deliverwatch.core.events import EventKind
from deliverwatch.core.routing import Family, family_of


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_its_family(kind):
    assert family_of(kind) in Family


@pytest.mark.parametrize("family", Family)
def test_every_family_has_members(family):
    assert any(family_of(kind) is family for kind in EventKind)


@pytest.mark.parametrize("family", sorted(set(Family) - {Family.INSTALLATION, Family.REPORT}))
def test_what_is_called_like_its_family_is_of_it(family):
    assert {family_of(kind) for kind in EventKind if kind.startswith(f"{family}_")} == {family}
