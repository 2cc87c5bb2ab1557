"""Tables and sentences on a terminal that is narrow."""

import re

import pytest

from deliverwatch.cli.output import print_table, print_wrapped


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")


def test_what_names_a_row_stays_in_one_piece_and_nothing_trails(capsys):
    print_table(("ip", "plan", "customer"), [("198.51.100.35", "a plan of some length", "a customer of ours")], "")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert lines[1].startswith("198.51.100.35  ")
    assert max(map(len, lines)) <= 40
    assert not [line for line in lines[1:] if line != line.rstrip()]


def test_a_sentence_goes_on_indented_and_keeps_its_words(capsys):
    print_wrapped(["198.51.100.35: held since today by the listing on Great\x1b[2J list"])
    first, second = capsys.readouterr().out.splitlines()
    assert first == "198.51.100.35: held since today by the"
    assert second == "  listing on Great\\x1b[2J list"
