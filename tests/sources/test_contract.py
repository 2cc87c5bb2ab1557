"""Every registered source keeps to the contract, over its samples and over spoilt ones."""

import os
from random import Random

import pytest

from deliverwatch.core.delivery import Rejection
from deliverwatch.flows.source_ports import Shape
from deliverwatch.sources.registry import SOURCES
from sources.contract import OPTIONS, SOMEBODY, faults, is_nobodys, places, read, samples_of, shows_somebody, spoilt

SPOILT = int(os.environ.get("DELIVERWATCH_MUTATIONS", "10000"))
every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())


def test_each_is_registered_under_its_own_name():
    assert all(id_ == source.id for id_, source in SOURCES.items())


@every_source
def test_samples_give_valid_items_twice(source):
    samples = samples_of(source)
    assert samples
    for sample in samples:
        items = read(source, sample.read_bytes())
        assert items == read(source, sample.read_bytes())
        assert [(sample.name, item, faults(item)) for item in items if faults(item)] == []
        assert [(sample.name, item) for item in items if shows_somebody(item)] == []


@every_source
def test_a_sample_cut_in_two_gives_the_same_items(source):
    for sample in samples_of(source):
        content = sample.read_bytes()
        whole = read(source, content)
        for place in places(source, content):
            assert read(source, content[:place], content[place:]) == whole, (sample.name, place)


@every_source
def test_a_file_of_lines_is_read_on_in_the_middle(source):
    if source.shape is Shape.DOCUMENT:
        return
    for sample in samples_of(source):
        content = sample.read_bytes()
        first = source.reader(OPTIONS)
        middle = first.whole(content[: len(content) // 2], False)
        before = list(first.read(content[:middle])) if middle else []
        second = source.reader(OPTIONS)
        second.remember(content[:middle])
        second.remember(content[:middle])
        second.line = first.line
        assert before + list(second.read(content[middle:])) == read(source, content), sample.name


@every_source
def test_spoilt_samples_are_read_or_rejected(source):
    chance = Random(source.id)
    samples = [content for sample in samples_of(source) if (content := sample.read_bytes())]
    rejected = 0
    for _ in range(SPOILT):
        content = spoilt(source, chance.choice(samples), chance)
        items = read(source, content)
        assert [(content, item, faults(item)) for item in items if faults(item)] == []
        assert is_nobodys(content) or [(content, item) for item in items if shows_somebody(item)] == []
        rejected += any(isinstance(item, Rejection) for item in items)
    assert rejected


@pytest.mark.parametrize("id_", ["powermta", "kumomta", "postfix", "exim", "csv", "json"])
def test_samples_hold_what_must_not_be_shown(id_):
    assert any(SOMEBODY in sample.read_text() for sample in samples_of(SOURCES[id_]))
