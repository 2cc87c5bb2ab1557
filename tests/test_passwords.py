"""Which passwords are good enough, and what is kept of one."""

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.passwords import PasswordThreads, fault_of, fits, kept

GOOD = "a long sentence of mine"


@pytest.mark.parametrize(
    "password",
    [
        *(
            GOOD,
            "x7#kQ2!mZp9w",
            "日本語のパスワード十二文字",
            "passwordless horse",
            "robin and marian",
            "a" * 127 + "b",
        ),
        *("830274619283", "correct horse, not battery", "administrator of nothing"),
    ],
)
def test_long_ones_of_any_kind_are_good_enough(password):
    assert fault_of(password, "robin") is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x" * 64 + "y" * 65, "at most 128"),
        ("robin.doe.123", "is the name"),
        ("Robin.Doe!Robin.Doe!", "is the name"),
        ("password1234", "tried first"),
        ("P@ssw0rd!!!!!", "tried first"),
        ("Passwort2026!", "tried first"),
        ("deliverwatch", "tried first"),
        ("deliverwatch1", "tried first"),
        ("adminadminadmin", "tried first"),
        ("qwertyuiop123", "tried first"),
        ("123456789012", "tried first"),
        ("abcdefghijklm", "tried first"),
        ("aaaaaaaaaaaa", "tried first"),
        ("121212121212", "tried first"),
        ("CorrectHorseBatteryStaple", "tried first"),
    ],
)
def test_what_is_tried_first_is_not(password, why):
    assert why in fault_of(password, "robin.doe")


class TestKept:
    def test_is_argon2id_with_a_salt_of_its_own(self):
        one, other = kept(GOOD), kept(GOOD)
        assert one != other
        assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert fits(GOOD, one)
        assert fits(GOOD, other)
        assert not fits(GOOD + " ", one)

    def test_fits_however_the_keyboard_wrote_it(self):
        one, other = "\u00fcber den Fluss", "u\u0308ber den Fluss"
        assert fits(one, kept(other))
        assert fits(other, kept(one))

    def test_is_not_cut_to_fit(self):
        assert not fits("x" * 128 + "y", kept("x" * 128))

    @pytest.mark.parametrize("kept_of_it", [None, "", "not argon2", "$argon2id$broken"])
    def test_nothing_fits_nothing(self, kept_of_it):
        assert not fits(GOOD, kept_of_it)
        assert not fits("", kept_of_it)

    def test_whatever_was_typed_is_checked(self):
        assert not fits("\ud800\x00" * 100_000, kept(GOOD))


async def test_beside_the_event_loop():
    threads = PasswordThreads()
    stored = await threads.kept(GOOD, "robin")
    assert (await threads.fits(GOOD, stored), await threads.fits(GOOD, None)) == (True, False)
    with pytest.raises(NotPossible, match="at least 12"):
        await threads.kept("short", "robin")
