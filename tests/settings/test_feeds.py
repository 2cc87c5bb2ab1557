"""`[feeds]`: files in all their forms, and addresses that hold secrets."""

from datetime import timedelta

import pytest

from deliverwatch.core.blocklist import FeedFormat, FeedSource
from deliverwatch.core.errors import ConfigError
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.settings import load_settings

SECRET = "canary-4711"
V4, V6 = SubjectKind.IPV4, SubjectKind.IPV6
PLAIN = FeedSource("https://lists.example/bl.txt", FeedFormat.IP4SET, frozenset({V4}))
INLINE = '{url = "https://lists.example/bl.txt", format = "ip4set", kinds = ["ipv4"]}'


@pytest.fixture
def load(tmp_path):
    def from_text(text, **environ):
        path = tmp_path / "deliverwatch.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, environ)

    return from_text


def test_a_file_is_a_table_inline_or_with_a_section_of_its_own(load):
    assert load(f"[feeds]\npsbl = {INLINE}\n").feeds == {"psbl": (PLAIN,)}
    section = '[feeds.psbl]\nurl = "https://lists.example/bl.txt"\nformat = "ip4set"\nkinds = ["ipv4"]\n'
    assert load(section).feeds == {"psbl": (PLAIN,)}


def test_a_list_in_several_files_has_several_tables(load):
    text = """
[[feeds.drop]]
url = "file:///var/lib/mirror/drop_v4.json"
format = "drop"
kinds = ["ipv4"]
[[feeds.drop]]
url = "https://lists.example/drop_v6.json"
format = "drop"
kinds = ["ipv6"]
refresh = "12h"
"""
    assert load(text).feeds["drop"] == (
        FeedSource("file:///var/lib/mirror/drop_v4.json", FeedFormat.DROP, frozenset({V4})),
        FeedSource("https://lists.example/drop_v6.json", FeedFormat.DROP, frozenset({V6}), timedelta(hours=12)),
    )


def test_the_environment_and_files_have_what_toml_would_have(load, tmp_path):
    kept = tmp_path / "secret"
    kept.write_text(f"[{INLINE}]\n")
    settings = load("", DELIVERWATCH_FEEDS__PSBL=INLINE, DELIVERWATCH_FEEDS__OTHER_BL_FILE=str(kept))
    assert settings.feeds == {"psbl": (PLAIN,), "other-bl": (PLAIN,)}
    assert settings.origins["feeds.psbl"] == "environment DELIVERWATCH_FEEDS__PSBL"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://lists.example/bl.txt?key={SECRET}", "https://lists.example/bl.txt?***"),
        (f"https://user:{SECRET}@lists.example:8443/bl", "https://***@lists.example:8443/bl"),
        (f"https://{SECRET}@lists.example/bl#{SECRET}", "https://***@lists.example/bl?***"),
        ("file:///srv/bl.txt", "file:///srv/bl.txt"),
    ],
)
def test_what_is_shown_of_an_address_is_no_secret(load, url, shown):
    settings = load(f'[feeds]\npsbl = {{url = "{url}", format = "ip4set", kinds = ["ipv4"], refresh = "90m"}}\n')
    rows = {name: value for name, value, _ in settings.rows()}
    assert rows["feeds.psbl"] == [f"{shown} ip4set for ipv4, at most every 90m"]
    assert SECRET not in repr(settings) + str(settings)
    assert settings.feeds["psbl"][0].url == url


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (f'"https://lists.example/{SECRET}"', "expected {url = "),
        ("[]", "expected {url = "),
        (f'{{url = "http://lists.example/{SECRET}", format = "ip4set", kinds = ["ipv4"]}}', "url is not where a file"),
        (f'{{url = "https:///{SECRET}", format = "ip4set", kinds = ["ipv4"]}}', "url is not where a file"),
        (f'{{url = "https://[::{SECRET}/", format = "ip4set", kinds = ["ipv4"]}}', "url is not where a file"),
        (f'{{url = "https://h:{SECRET}/", format = "ip4set", kinds = ["ipv4"]}}', "url is not where a file"),
        (f'{{url = "file://host/{SECRET}", format = "ip4set", kinds = ["ipv4"]}}', "url is not where a file"),
        ('{url = 5, format = "ip4set", kinds = ["ipv4"]}', "url is not where a file"),
        ('{url = "https://h/", format = "ip4st", kinds = ["ipv4"]}', "did you mean 'ip4set'?"),
        ('{url = "https://h/", format = "ip4set", kinds = ["ipv6"]}', "written as ip4set cannot hold ipv6 subjects"),
        ('{url = "https://h/", format = "ip4set", kinds = []}', 'expected kinds = ["ipv4"]'),
        ('{url = "https://h/", format = "ip4set"}', "the key 'kinds' is missing"),
        ('{url = "https://h/", format = "ip4set", kinds = ["ipv4"], every = "1h"}', "unknown key 'every'"),
        (f"[{INLINE}, {{}}]", "file 2: the key 'url' is missing"),
    ],
)
def test_a_wrong_file_is_a_sentence_without_its_address(load, value, said):
    with pytest.raises(ConfigError) as raised:
        load(f"[feeds]\npsbl = {value}\n")
    assert said in str(raised.value)
    assert "[feeds] psbl" in str(raised.value)
    assert SECRET not in str(raised.value)
