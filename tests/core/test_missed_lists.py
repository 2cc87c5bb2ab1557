"""What "not watched" is said of: lists that matter, once each, and nothing that something else stands in for."""

from dataclasses import replace

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.core.blocklist import Impact, Polarity
from deliverwatch.core.missed_lists import missed_lists
from render.weeks import blocklist

SHIPPED = {each.id: each for each in load_blocklists()}
LEADING = {each.id for each in SHIPPED.values() if each.leads}


def missed(*off, on=()):
    return [each.id for each in missed_lists(on, off)]


def with_off(*ids):
    """All of the shipped catalogue on but these and the parts of what is on."""
    off = [each for each in SHIPPED.values() if each.id in ids]
    on = [each for each in SHIPPED.values() if each.id not in ids and each.part_of is None]
    return [each.id for each in missed_lists(on, off)]


def test_a_list_matters_when_it_leads_or_when_any_code_is_critical():
    leading = blocklist("leading", "Leading", Impact.LOW)
    grave = blocklist("grave", "Grave", Impact.CRITICAL, leads=False)
    other = blocklist("other", "Other", Impact.HIGH, leads=False)
    assert missed(leading, other, grave) == ["grave", "leading"]


@pytest.mark.parametrize("polarity", [Polarity.ALLOW, Polarity.REPUTATION])
def test_a_list_that_accuses_nobody_is_never_missed(polarity):
    assert missed(replace(blocklist("allow", "Allow", Impact.CRITICAL), polarity=polarity)) == []


def test_a_part_of_a_list_that_is_on_is_no_hole():
    whole = blocklist("whole", "Whole", Impact.CRITICAL)
    part = replace(blocklist("part", "Part", Impact.CRITICAL), part_of="whole")
    assert missed(part, on=[whole]) == []
    assert missed(part) == ["part"]


def test_of_a_whole_that_is_missed_only_the_whole_is_named():
    assert with_off("spamhaus-zen", "spamhaus-sbl", "spamhaus-xbl", "spamhaus-pbl", "spamhaus-drop") == ["spamhaus-zen"]
    off = [each for each in SHIPPED.values() if each.id in {"spamhaus-zen", "spamhaus-xbl", "spamhaus-drop"}]
    assert [each.id for each in missed_lists([SHIPPED["spamhaus-sbl"]], off)] == ["spamhaus-zen"]


def test_a_part_of_a_whole_that_does_not_matter_is_named_itself():
    whole = blocklist("whole", "Whole", Impact.LOW, leads=False)
    part = replace(blocklist("part", "Part", Impact.HIGH), part_of="whole")
    assert missed(whole, part) == ["part"]


def test_with_all_of_the_catalogue_off_those_that_lead_are_missed():
    assert {each.id for each in missed_lists((), SHIPPED.values())} == LEADING
