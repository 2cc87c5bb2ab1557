"""[sources.ID] and [ingest]: what each key holds, and that no secret is ever shown."""

from datetime import timedelta

import pytest

from deliverwatch.core.errors import ConfigError
from deliverwatch.core.source_ids import SOURCE_IDS
from deliverwatch.settings import load_settings

SECRET = "canary-4711"
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def load(tmp_path):
    def load(text, **environ):
        path = tmp_path / "deliverwatch.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, environ)

    return load


def test_a_source_is_told_plain_values(load):
    settings = load(f"""
[sources.postfix]
follow = "/var/log/mail.log"
time_zone = "America/New_York"
instances = {{"mta-1" = "192.0.2.10", "mta-2" = "2001:DB8:0::1"}}
[sources.snds]
key = "{SECRET}"
every = "1d"
url = "https://snds.example/data?key={SECRET}"
[sources.ses]
secret = '''
{PEM}'''
""")
    assert settings.sources["postfix"].plain() == {
        "follow": ("/var/log/mail.log",),
        "time_zone": "America/New_York",
        "instances": {"mta-1": "192.0.2.10", "mta-2": "2001:db8::1"},
    }
    snds = settings.sources["snds"].plain()
    assert (snds["key"], snds["every"]) == (SECRET, timedelta(days=1))
    assert settings.sources["ses"].plain() == {"secret": PEM}
    shown = {name: value for name, value, _ in settings.rows()}
    assert SECRET not in repr(shown) + repr(settings) + str(settings.sources)
    assert "key = ***" in shown["sources.snds"]
    assert "every = 1d" in shown["sources.snds"]
    assert "BEGIN" not in repr(shown)


def test_a_table_may_come_from_a_file_or_the_environment(load, tmp_path):
    (tmp_path / "secret").write_text(f'{{token = "{SECRET}"}}\n')
    settings = load(
        "",
        DELIVERWATCH_SOURCES__SPARKPOST_WEBHOOK_FILE=str(tmp_path / "secret"),
        DELIVERWATCH_SOURCES__POSTFIX='{ip = "192.0.2.10"}',
        DELIVERWATCH_INGEST__MAX_BODY="64MiB",
        DELIVERWATCH_INGEST__RAW_KEEP="2d",
    )
    assert settings.sources["sparkpost-webhook"].plain() == {"token": SECRET}
    assert settings.sources["postfix"].ip == "192.0.2.10"
    assert (settings.ingest.max_body, settings.ingest.raw_keep) == (64 << 20, timedelta(days=2))


def test_the_defaults_of_ingest(load):
    ingest = load("").ingest
    assert (ingest.raw_keep, ingest.keep) == (timedelta(days=7), timedelta(days=400))
    assert (ingest.max_body, ingest.platform) == (32 << 20, "ask")
    assert load("[ingest]\nmax_body = 1000\n").ingest.max_body == 1000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[sources.sparkpst]\n", "unknown source 'sparkpst'"),
        ('[sources.postfix]\nfolow = "x"\n', "unknown key 'folow': did you mean 'follow'?"),
        ('[sources.postfix]\nip = "mta"\n', "ip: expected an IP address, found the text 'mta'"),
        ('[sources.postfix]\ninstances = {a = "b"}\n', "instances: expected an IP address"),
        ('[sources.postfix]\ntime_zone = "Mars/Olympus"\n', "time_zone: 'Mars/Olympus' is not a time zone"),
        ('[sources.postfix]\ntime_zone = "../x"\n', "time_zone: '../x' is not a time zone"),
        ("[sources.postfix]\nfollow = 3\n", "follow: expected a list in [ ], found the number 3"),
        (f'[sources.snds]\nkey = ["{SECRET}"]\n', "key: expected one line of text (the value is not shown)"),
        (f'[sources.snds]\nurl = "ftp://x/{SECRET}"\n', "url: expected https://... (the value is not shown)"),
        (f'[sources]\nsnds = "{SECRET}"\n', "expected a table such as {token"),
        ('[ingest]\nmax_body = "2TiB"\n', "expected a size such as"),
        ("[ingest]\nmax_body = 0\n", "expected a size such as"),
        ('[ingest]\nplatform = "yes"\n', "unknown word 'yes': expected one of apply, ask"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_shown(load, text, problem):
    with pytest.raises(ConfigError) as raised:
        load(text)
    assert problem in str(raised.value)
    assert SECRET not in str(raised.value)


def test_the_key_to_ask_with_stands_beside_the_webhooks_and_is_not_shown(load):
    settings = load(f'''
[sources.sendgrid]
key = "MFkw"
api_key = "{SECRET}"
[sources.mailgun]
secret = "signs"
api_key = "{SECRET}"
''')
    assert settings.sources["sendgrid"].plain() == {"key": "MFkw", "api_key": SECRET}
    assert settings.sources["mailgun"].plain() == {"secret": "signs", "api_key": SECRET}
    shown = {name: value for name, value, _ in settings.rows()}
    assert SECRET not in repr(shown) + repr(settings) + str(settings.sources)
    assert "api_key = ***" in shown["sources.sendgrid"]


def test_every_source_there_is_can_be_set(load):
    text = "".join(f'[sources.{id_}]\nevery = "1h"\n' for id_ in SOURCE_IDS)
    assert set(load(text).sources) == set(SOURCE_IDS)
