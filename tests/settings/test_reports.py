"""The settings of [reports]."""

from datetime import timedelta
from pathlib import Path

import pytest

from deliverwatch.core.errors import ConfigError
from deliverwatch.settings import load_settings
from deliverwatch.settings.reports import contrast_with_white


def reports(tmp_path, text=""):
    path = tmp_path / "deliverwatch.toml"
    path.write_text(f"[reports]\n{text}\n", encoding="utf-8")
    return load_settings(path, {}).reports


def test_left_out_a_report_goes_by_itself_as_it_always_did(tmp_path):
    found = reports(tmp_path)
    assert (found.preview, found.archive, found.sender, found.unsubscribe, found.bounces) == (None,) * 5
    assert (found.colour, found.private) == ("#1f5f99", False)


def test_what_is_given_is_taken(tmp_path):
    found = reports(
        tmp_path,
        'preview = "2h"\narchive = "/var/archive"\nfrom = "ESP <reports@esp.example>"\nbrand = "ESP"\n'
        'colour = "#00529B"\nprivate = true\nunsubscribe = "mailto:gone@esp.example"\nbounces = "/var/mail/reports"',
    )
    assert (found.preview, found.archive, found.bounces) == (
        timedelta(hours=2),
        Path("/var/archive"),
        Path("/var/mail/reports"),
    )
    assert (found.from_, found.sender) == ("ESP <reports@esp.example>", "reports@esp.example")
    assert (found.brand, found.colour, found.private, found.unsubscribe) == ("ESP", "#00529b", True, "gone@esp.example")


@pytest.mark.parametrize("none", ["0", '"0"'])
def test_a_preview_of_nothing_is_none(tmp_path, none):
    assert reports(tmp_path, f"preview = {none}").preview is None


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ('preview = "17h"', "too early to look at a week: expected at most 16h"),
        ("preview = false", "expected a duration"),
        ('preview = "0h"', "expected a duration"),
        ('colour = "blue"', 'expected a colour such as "#1f5f99"'),
        ('colour = "#777777"', "has a contrast of 4.4 to white and cannot be read: expected 4.5 or more"),
        (f'brand = "{"x" * 41}"', "has 41 characters: expected at most 40"),
        (f'footer = "{"x" * 301}"', "has 301 characters: expected at most 300"),
        ('footer = "a\\nb"', "holds control characters"),
        ('unsubscribe = "https://esp.example"', "is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, setting, problem):
    with pytest.raises(ConfigError) as wrong:
        reports(tmp_path, setting)
    assert problem in str(wrong.value)


@pytest.mark.parametrize(("colour", "contrast"), [((0, 0, 0), 21.0), ((255, 255, 255), 1.0), ((118, 118, 118), 4.54)])
def test_contrast_is_that_of_the_standard(colour, contrast):
    assert round(contrast_with_white(*colour), 2) == contrast
