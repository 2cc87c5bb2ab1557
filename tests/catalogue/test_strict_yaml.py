"""The loader: what is typed, what is refused, and that lines are right."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.catalogue.reading import CATALOGUE_LIMIT
from deliverwatch.catalogue.strict_yaml import load_yaml


@pytest.fixture
def load(tmp_path):
    def load(text, **how):
        path = tmp_path / "file.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_yaml(path, **how)

    return load


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-17", -17),
        ("0.90", 0.9),
        *((text, text) for text in ("no", "yes", "on", "off", "y", "No", "22:22", "010", "0x1F", "0o17", "1_000")),
        *(
            (text, text)
            for text in ("1e3", ".5", "1.", ".inf", "2026-11-24", "2026-11-24T10:00:00Z", "192.0.2.1", "<<")
        ),
        ('"true"', "true"),
        ("'1'", "1"),
        ("1" * 400, "1" * 400),
    ],
)
def test_unquoted_scalars_mean_what_they_look_like(load, written, value):
    found = load(f"key: {written}\n").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_always_text(load):
    assert load("1: a\ntrue: b\n~: c\n").value == {"1": "a", "true": "b", "~": "c"}


def test_every_value_knows_its_line(load):
    mark = load("a:\n  - b: 1\n    c:\n\n      d: 2\n  - e\n").mark
    assert [mark.at(place).line for place in [("a",), ("a", 0), ("a", 0, "c"), ("a", 0, "c", "d"), ("a", 1)]] == [
        1,
        2,
        3,
        5,
        6,
    ]
    assert mark.at(("a", 0, "c", "unknown", 7)).line == 3


def test_a_repeated_key_is_named_and_does_not_win(load):
    document = load("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 1, "b": {"c": 1}}
    assert [fault.place for fault in document.faults] == ["line 2", "line 3"]


@pytest.mark.parametrize("levels", [20, 21, 400, 100_000])
def test_twenty_levels_and_no_more(load, levels):
    document = load("[" * levels + "]" * levels)
    assert (document.value is not None) == (levels <= 20)
    assert bool(document.faults) == (levels > 20)


def test_a_large_file_is_refused_and_never_read_whole(load):
    assert load(b"a: " + b"x" * (CATALOGUE_LIMIT - 3)).value is not None
    assert "is larger than 1 MiB" in str(load(b"a: " + b"x" * CATALOGUE_LIMIT).faults[0])


def test_an_endless_file_is_refused(tmp_path):
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    assert "is larger than 1 MiB" in str(load_yaml(tmp_path / "endless.yaml").faults[0])


def test_what_cannot_be_read_is_a_fault(tmp_path):
    assert "No such file" in str(load_yaml(tmp_path / "none.yaml").faults[0])
    assert "Is a directory" in str(load_yaml(tmp_path).faults[0])


def test_a_byte_order_mark_is_no_part_of_the_first_key(load):
    assert load(b"\xef\xbb\xbfa: 1\n").value == {"a": 1}


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t01", max_size=80).map(str.encode))
def test_anything_at_all_gives_a_value_or_a_fault(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "anything.yaml"
    path.write_bytes(content)
    document = load_yaml(path)
    assert document.value is not None or document.faults


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), TREES, min_size=1, max_size=4))
def test_what_the_library_writes_is_read_back_as_it_was(tmp_path_factory, tree):
    class WithoutAliases(yaml.SafeDumper):
        def ignore_aliases(self, data):
            return True

    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(yaml.dump(tree, Dumper=WithoutAliases, allow_unicode=False), encoding="utf-8")
    document = load_yaml(path)
    assert document.value == tree
    assert not document.faults
