"""Where each setting comes from, which of several wins, and what is never shown."""

import re
import tomllib
from datetime import date, time, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from deliverwatch.core.blocklist import DeadList
from deliverwatch.core.errors import ConfigError, Fault
from deliverwatch.core.inventory import ServiceZone
from deliverwatch.core.service_hours import Hours, HoursChange
from deliverwatch.settings import check_list_ids, find_config, load_settings
from deliverwatch.settings.load import BY_LIST, SETTINGS

EXAMPLE = Path(str(files("deliverwatch") / "settings_example.toml"))
SECRET = "canary-4711"
FEED = '{url = "https://lists.example/bl.txt", format = "ip4set", kinds = ["ipv4"]}'


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "deliverwatch.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def uncommented():
    """The example with its examples in force, and the database that is one of them instead of the first."""
    text = re.sub(r"(?m)^# (?=[\w.-]+ = |\[)", "", EXAMPLE.read_text(encoding="utf-8"))
    return text.replace('url = "sqlite', '# url = "sqlite', 1).replace("...", "abc")


def test_the_example_loads_and_names_every_setting():
    assert load_settings(EXAMPLE, {}).requester.mailbox == "postmaster@esp.example"
    named = {f"{section}.{key}" for section, table in tomllib.loads(uncommented()).items() for key in table}
    named = named - {"web.oidc"} | {f"web.oidc.{key}" for key in tomllib.loads(uncommented())["web"]["oidc"]}
    by_id = {"keys.spamhaus-zen", "feeds.psbl", "sources.sparkpost-webhook", "sources.postfix"}
    assert named == {*SETTINGS, "lists.intervals", "alerts.channels", *by_id}
    assert set(BY_LIST) == {"lists.intervals", "keys", "feeds", "sources", "alerts.channels"}


def test_what_the_example_gives_as_examples_loads_too(config):
    settings = load_settings(config(uncommented()), {})
    assert settings.store.url.get_secret_value() == "postgresql+psycopg://deliverwatch@/deliverwatch"
    assert settings.calendar_changes == (
        HoursChange(ServiceZone.UK, date(2026, 12, 24), date(2026, 12, 24), None, False),
        HoursChange(ServiceZone.EASTERN, date(2027, 1, 4), None, Hours(time(8), time(16)), None),
    )
    assert settings.lists.interval_for("spamcop-scbl") == timedelta(minutes=30)
    assert settings.lists.interval_for("psbl") == timedelta(hours=1)
    (feed,) = settings.feeds["psbl"]
    assert (feed.format, feed.kinds, feed.refresh_for) == ("ip4set", {"ipv4"}, timedelta(hours=1))


def test_without_anything_the_defaults_stand():
    settings = load_settings(None, {"PATH": "/bin", "DELIVERWATCH_CONFIG": "/none", "DELIVERWATCH_OTHER": "x"})
    assert settings.store.sqlite_file == Path("/var/lib/deliverwatch/deliverwatch.db")
    assert settings.dns.resolvers == ()
    assert settings.dns.timeout_for == timedelta(seconds=5)
    assert (settings.mail.host, settings.mail.port, settings.mail.starttls) == ("127.0.0.1", 25, False)
    assert settings.web.listen is None
    assert settings.catalogue.overlay is None
    assert set(settings.origins.values()) == {"default"}


def test_the_environment_wins_over_credentials_over_the_file_over_the_default(config, tmp_path):
    path = config('[mail]\nhost = "file.esp.example"\nport = 2525\nusername = "file"\npassword = "file"\n')
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "mail.password").write_text(f"{SECRET}\n")
    (credentials / "mail.username").write_text("credential")
    (credentials / "keys.spamhaus-zen").write_text("zenkey\n")
    (credentials / "tls.pem").write_text("not ours")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "DELIVERWATCH_MAIL__USERNAME": "environment"}
    settings = load_settings(path, environ)
    mail = settings.mail
    assert (mail.host, mail.port, mail.username) == ("file.esp.example", 2525, "environment")
    assert mail.password is not None
    assert mail.password.get_secret_value() == SECRET
    assert settings.keys["spamhaus-zen"].get_secret_value() == "zenkey"
    origins = settings.origins
    assert origins["mail.host"] == str(path)
    assert origins["mail.username"] == "environment DELIVERWATCH_MAIL__USERNAME"
    assert origins["mail.password"] == "credential mail.password"
    assert origins["keys.spamhaus-zen"] == "credential keys.spamhaus-zen"
    assert origins["mail.starttls"] == "default"


def test_every_kind_of_value_can_come_from_the_environment(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\r\n")
    settings = load_settings(
        None,
        {
            "DELIVERWATCH_STORE__URL": "sqlite:///local.db",
            "DELIVERWATCH_DNS__RESOLVERS": "192.0.2.53, [2001:DB8::53]:5353",
            "DELIVERWATCH_DNS__TIMEOUT": "500ms",
            "DELIVERWATCH_LISTS__ENABLE": "",
            "DELIVERWATCH_LISTS__DISABLE": "psbl,mailspike-bl",
            "DELIVERWATCH_LISTS__DRY_RUN": "barracuda-brbl",
            "DELIVERWATCH_DNS__DIRECT": "psbl",
            "DELIVERWATCH_LISTS__INTERVALS__SPAMCOP_SCBL": "30m",
            "DELIVERWATCH_KEYS__SPAMHAUS_ZEN_FILE": str(secret),
            "DELIVERWATCH_MAIL__PORT": "587",
            "DELIVERWATCH_MAIL__STARTTLS": "true",
            "DELIVERWATCH_MAIL__USERNAME": "u",
            "DELIVERWATCH_MAIL__PASSWORD_FILE": str(secret),
            "DELIVERWATCH_WEB__LISTEN": "[::1]:8080",
            "DELIVERWATCH_ALERTS__TO": "ops@esp.example",
        },
    )
    assert settings.store.sqlite_file == Path("local.db").resolve()
    assert settings.dns.resolvers == ("192.0.2.53:53", "[2001:db8::53]:5353")
    assert settings.dns.timeout_for == timedelta(milliseconds=500)
    assert (settings.lists.enable, settings.lists.disable) == ((), ("psbl", "mailspike-bl"))
    assert (settings.lists.dry_run, settings.dns.direct) == (("barracuda-brbl",), ("psbl",))
    assert settings.lists.intervals == {"spamcop-scbl": timedelta(minutes=30)}
    assert settings.keys["spamhaus-zen"].get_secret_value() == SECRET
    assert (settings.mail.port, settings.mail.starttls) == (587, True)
    assert settings.web.listen == "[::1]:8080"
    assert settings.alerts.to == ("ops@esp.example",)
    assert settings.origins["mail.password"] == f"file {secret} (DELIVERWATCH_MAIL__PASSWORD_FILE)"


def test_faults_of_all_sources_are_told_at_once_with_their_places(config, tmp_path):
    path = config('[dns]\ntimeout = "soon"\n')
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "mail.port").write_text("many")
    environ = {
        "CREDENTIALS_DIRECTORY": str(credentials),
        "DELIVERWATCH_MAIL__PASSWORD_FILE": str(tmp_path / "none"),
        "DELIVERWATCH_MAIL__STARTTLS": "no",
        "DELIVERWATCH_MAIL__HOTS": "x",
        "DELIVERWATCH_MAIL_HOST": "x",
        "DELIVERWATCH_CALENDAR__CHANGES": "x",
        "DELIVERWATCH_WEB__LISTEN": "127.0.0.1:1",
        "DELIVERWATCH_WEB__LISTEN_FILE": str(path),
    }
    with pytest.raises(ConfigError) as raised:
        load_settings(path, environ)
    assert {(fault.file, fault.place) for fault in raised.value.faults} == {
        (str(path), "[dns] timeout"),
        ("credential mail.port", ""),
        (str(tmp_path / "none"), "DELIVERWATCH_MAIL__PASSWORD_FILE"),
        ("environment", "DELIVERWATCH_MAIL__STARTTLS"),
        ("environment", "DELIVERWATCH_MAIL__HOTS"),
        ("environment", "DELIVERWATCH_MAIL_HOST"),
        ("environment", "DELIVERWATCH_CALENDAR__CHANGES"),
        ("environment", "DELIVERWATCH_WEB__LISTEN_FILE"),
    }


def test_a_file_that_is_named_and_not_there_is_a_fault(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_settings(tmp_path / "none.toml", {})


def test_one_database_is_one_file_however_it_is_spelt(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "alias.db").symlink_to("store.db")
    spelt = ["real/store.db", "link/store.db", "link/../real/store.db", "real/alias.db", "real/store.db?timeout=5"]
    files = {
        load_settings(None, {"DELIVERWATCH_STORE__URL": f"sqlite:///{tmp_path}/{path}"}).store.sqlite_file
        for path in spelt
    }
    assert files == {tmp_path.resolve() / "real" / "store.db"}


@pytest.mark.parametrize("url", [f"postgresql+psycopg://u:{SECRET}@h/d", f"postgresql+psycopg://h/d?password={SECRET}"])
def test_secrets_are_in_no_row_and_in_no_representation(config, url):
    settings = load_settings(
        config(
            f'[store]\nurl = "{url}"\n[mail]\nusername = "u"\npassword = "{SECRET}"\n[keys]\npsbl = "{SECRET}"\n'
            f'[drafts]\nwebhook = "https://u:{SECRET}@desk.esp.example/{SECRET}?k={SECRET}"\n'
            f'webhook_secret = "{SECRET}"\n'
        ),
        {},
    )
    rows = {name: value for name, value, _ in settings.rows()}
    assert SECRET not in repr(rows) + repr(settings) + str(settings)
    assert (
        rows["mail.password"] == rows["keys.psbl"] == rows["drafts.webhook"] == rows["drafts.webhook_secret"] == "***"
    )
    assert settings.drafts.webhook_host == "https://desk.esp.example"
    assert rows["store.url"] == url.replace(SECRET, "***")
    assert settings.store.sqlite_file is None


@pytest.mark.parametrize(
    "text",
    [
        f'[keys]\npsbl = "{SECRET}.x"\n',
        f'[keys]\npsbl = ["{SECRET}"]\n',
        f'[mail]\nusername = "u"\npassword = "{SECRET}\\n"\n',
        f'[store]\nurl = "mysql://u:{SECRET}@h/d"\n',
        f'[drafts]\nwebhook = "http://desk.esp.example/{SECRET}"\n',
        f'[drafts]\nwebhook = "https://[{SECRET}"\n',
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(config, text):
    with pytest.raises(ConfigError) as raised:
        load_settings(config(text), {})
    assert raised.value.faults
    assert SECRET not in str(raised.value)


def test_rows_are_plain_values_in_the_order_of_the_example():
    rows = load_settings(EXAMPLE, {}).rows()
    assert [name for name, _, _ in rows] == list(SETTINGS)
    values = {name: value for name, value, _ in rows}
    assert values["lists.every"] == "1h"
    assert values["dns.resolvers"] == ["127.0.0.1:53"]
    assert values["mail.password"] is None


def test_mail_comes_from_the_requester_unless_said_otherwise(config):
    requester = '[requester]\nmailbox = "postmaster@esp.example"\n'
    assert load_settings(None, {}).mail.from_ == "deliverwatch@localhost"
    assert load_settings(config(requester), {}).mail.from_ == "postmaster@esp.example"
    said = load_settings(config(requester + '[mail]\nfrom = "Deliverability <d@esp.example>"\n'), {}).mail
    assert (said.from_, said.sender) == ("Deliverability <d@esp.example>", "d@esp.example")


@pytest.mark.parametrize("url", ["https://desk.esp.example/h?k=1", "http://127.0.0.1:81/h", "http://[::1]/h"])
def test_a_webhook_is_encrypted_or_stays_on_this_machine(config, url):
    drafts = load_settings(config(f'[drafts]\nwebhook = "{url}"\n'), {}).drafts
    assert drafts.webhook.get_secret_value() == url
    assert (drafts.webhook_secret, drafts.first_look) == (None, timedelta(hours=4))


@pytest.mark.parametrize(
    "url",
    ["http://localhost/h", "http://192.0.2.1/h", "https://", "ftp://127.0.0.1/", "https://desk.example/a b", "/h"],
)
def test_what_is_no_webhook(config, url):
    with pytest.raises(ConfigError) as raised:
        load_settings(config(f'[drafts]\nwebhook = "{url}"\n'), {})
    assert "[drafts] webhook: expected https://..., or http:// to an address of this machine" in str(raised.value)


def test_ids_of_lists_are_checked_against_the_catalogue(config):
    path = config(
        '[lists]\nenable = ["spamhaus-zen", "spamhaus-zne"]\ndisable = ["psbl"]\n'
        '[lists.intervals]\npsl = "1h"\n[keys]\nabusix = "k"\n'
    )
    faults = check_list_ids(load_settings(path, {}), ["spamhaus-zen", "psbl", "abusix-combined"])
    assert faults == (
        Fault(str(path), "lists.enable", "unknown list 'spamhaus-zne': did you mean 'spamhaus-zen'?"),
        Fault(str(path), "lists.intervals.psl", "unknown list 'psl': did you mean 'psbl'?"),
        Fault(
            str(path),
            "keys.abusix",
            "unknown list 'abusix': expected one of abusix-combined, psbl, spamhaus-zen",
        ),
    )
    assert check_list_ids(load_settings(None, {}), []) == ()


def test_every_setting_about_a_list_is_checked_and_a_dead_list_is_named_as_such(config):
    sorbs = DeadList("sorbs", "SORBS", ("dnsbl.sorbs.example",), "2024-06-05", "its zones were emptied", "press")
    path = config(
        '[dns]\ndirect = ["gone"]\n[lists]\nenable = ["sorbs"]\ndry_run = ["gone"]\n'
        f"[feeds]\ngone = {FEED}\nsorbs = {FEED}\n"
    )
    faults = check_list_ids(load_settings(path, {}), ["psbl"], [sorbs])
    epitaph = "sorbs is dead since 2024-06-05: its zones were emptied; take it out"
    unknown = "unknown list 'gone': expected one of psbl"
    assert [(fault.place, fault.problem) for fault in faults] == [
        ("dns.direct", unknown),
        ("lists.enable", epitaph),
        ("lists.dry_run", unknown),
        ("feeds.gone", unknown),
        ("feeds.sorbs", epitaph),
    ]


def test_the_file_is_found_where_it_was_named_or_where_it_usually_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config(Path("a.toml"), {"DELIVERWATCH_CONFIG": "b.toml"}) == Path("a.toml")
    assert find_config(None, {"DELIVERWATCH_CONFIG": "b.toml"}) == Path("b.toml")
    assert find_config(None, {"DELIVERWATCH_CONFIG": ""}) in (None, Path("/etc/deliverwatch/deliverwatch.toml"))
    (tmp_path / "deliverwatch.toml").touch()
    assert find_config(None, {}) == Path("deliverwatch.toml")
