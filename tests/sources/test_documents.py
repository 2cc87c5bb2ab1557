"""A large array is cut into smaller ones, and what is read of it is the same."""

import json
from itertools import chain

import pytest

from deliverwatch.sources.documents import documents, parsed

_MANY = [{"msys": {"event": {"event_id": str(number), "subject": "n" * 200}}} for number in range(2_000)]


def joined(content: bytes) -> list[object]:
    return list(chain.from_iterable(documents(content)))


@pytest.mark.parametrize("layout", [{}, {"separators": (",", ":")}, {"indent": 1}])
def test_a_large_array_comes_in_pieces_and_complete(layout):
    content = json.dumps(_MANY, **layout).encode()
    assert joined(content) == _MANY
    assert len(list(documents(content))) > 5


def test_objects_inside_that_begin_like_the_first_one_are_not_cut():
    nested = [{"msys": [{"msys": {"n": number}} for number in range(5_000)]}, *_MANY]
    assert joined(json.dumps(nested).encode()) == nested


def test_a_text_that_looks_like_a_beginning_is_not_cut():
    strange = [{"msys": {"subject": ',{"msys"' * 200}} for _ in range(200)]
    assert joined(json.dumps(strange).encode()) == strange


def test_objects_that_begin_each_in_its_own_way_are_all_there():
    mixed = [{f"key{number}": "n" * 500} for number in range(500)]
    assert joined(json.dumps(mixed).encode()) == mixed


@pytest.mark.parametrize("end", [b'{"msys": {"event"', b'{"msys"} ]', b"]]", b"{}"])
def test_what_stands_before_the_damage_is_read_and_the_rest_is_one_failure(end):
    content = json.dumps(_MANY).encode()[:-1] + b", " + end
    *sound, last = documents(content)
    assert isinstance(last, Exception)
    read = list(chain.from_iterable(sound))
    assert read == _MANY[: len(read)]
    assert len(read) > len(_MANY) / 2


def test_objects_without_a_comma_between_them_are_no_array():
    (failure,) = documents(json.dumps([{"msys": "n" * 50_000}] * 3, separators=(";", ":")).encode())
    assert isinstance(failure, Exception)


def test_large_arrays_may_come_one_a_line():
    content = json.dumps(_MANY).encode() + b"\n" + json.dumps(_MANY[:3]).encode()
    assert joined(content) == [*_MANY, *_MANY[:3]]


def test_half_a_character_is_mended_wherever_it_is():
    content = json.dumps([*_MANY, {"msys": {"subject": "cut \ud83d"}}, *_MANY]).encode()
    assert isinstance(parsed(content), list)
    assert joined(content) == [*_MANY, {"msys": {"subject": "cut \ufffd"}}, *_MANY]
