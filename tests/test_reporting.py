"""What the wiring of reports refuses before a report is made of it."""

import pytest

from deliverwatch.core.errors import ConfigError
from deliverwatch.reporting import read_logo

GIF = b"GIF89a" + b"\0" * 100


@pytest.fixture
def logo(tmp_path):
    return tmp_path / "logo.png"


def test_a_logo_is_known_by_what_it_is_and_not_by_its_name(logo):
    logo.write_bytes(GIF)
    assert (read_logo(logo).subtype, read_logo(logo).content) == ("gif", GIF)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"<svg/>", "is no PNG, JPEG or GIF image"),
        (GIF + b"\0" * (20 << 10), "is larger than 20 KiB"),
    ],
)
def test_a_logo_that_cannot_be_used_is_said(logo, content, problem):
    if content is not None:
        logo.write_bytes(content)
    with pytest.raises(ConfigError, match=problem):
        read_logo(logo)
