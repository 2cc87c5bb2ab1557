"""The settings of [web]: where the pages may be served, and who vouches for people."""

from ipaddress import ip_network

import pytest

from deliverwatch.core.errors import ConfigError
from deliverwatch.settings import check_listening, load_settings

OIDC = (
    'public_url = "https://d.esp.example"\n[web.oidc]\nissuer = "https://login.esp.example/realms/esp"\n'
    'client_id = "deliverwatch"\ntams = ["account-managers"]\n'
)
PROXIES = 'trusted_proxies = ["192.0.2.8", "2001:db8::/64"]\n'
WHOLE = OIDC + 'client_secret = "canary-4711"\n'


def load(tmp_path, text, environ=()):
    path = tmp_path / "deliverwatch.toml"
    path.write_text(f"[web]\n{text}", encoding="utf-8")
    return load_settings(path, dict(environ))


def test_left_out_there_is_no_tls_no_proxy_and_no_provider(tmp_path):
    web = load(tmp_path, "").web
    assert (web.tls, web.trusted_proxies, web.oidc) == (None, (), None)


def test_what_is_given_of_a_provider_is_taken(tmp_path):
    oidc = load(tmp_path, WHOLE).web.oidc
    assert (oidc.issuer, oidc.client_id) == ("https://login.esp.example/realms/esp", "deliverwatch")
    assert oidc.client_secret.get_secret_value() == "canary-4711"
    assert (oidc.groups_claim, oidc.operators, oidc.tams) == ("groups", (), ("account-managers",))


@pytest.mark.parametrize("way", ["credential", "file", "variable"])
def test_the_secret_may_come_by_other_ways_and_is_never_shown(tmp_path, way):
    (tmp_path / "web.oidc.client_secret").write_text("canary-4711\n")
    environ = {
        "credential": {"CREDENTIALS_DIRECTORY": str(tmp_path)},
        "file": {"DELIVERWATCH_WEB__OIDC__CLIENT_SECRET_FILE": str(tmp_path / "web.oidc.client_secret")},
        "variable": {"DELIVERWATCH_WEB__OIDC__CLIENT_SECRET": "canary-4711"},
    }[way]
    settings = load(tmp_path, OIDC, environ)
    assert settings.web.oidc.client_secret.get_secret_value() == "canary-4711"
    shown = {name: value for name, value, _ in settings.rows()}
    assert shown["web.oidc.client_secret"] == "***"
    assert "canary" not in f"{settings!r} {settings.rows()}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OIDC, "[web.oidc] needs client_secret too"),
        (WHOLE.replace('issuer = "https://login.esp.example/realms/esp"\n', ""), "[web.oidc] needs issuer too"),
        (WHOLE.replace('tams = ["account-managers"]\n', ""), "nobody could come in: name groups in one of operators"),
        (
            WHOLE.replace('public_url = "https://d.esp.example"\n', ""),
            "the provider sends people back to web.public_url",
        ),
        (WHOLE.replace("https://d.", "http://d."), "the provider sends people back to web.public_url"),
        (WHOLE.replace("https://login", "http://login"), "is not an issuer: expected https://host/path"),
        (WHOLE.replace("/realms/esp", "/?realm=esp"), "is not an issuer"),
        (WHOLE.replace("client_id", "clientid"), "unknown key 'oidc.clientid': did you mean 'oidc.client_id'?"),
        ('oidc = "https://login.esp.example"\n', "expected a section, begun with [web.oidc]"),
        ('tls_key = "key.pem"\n', "web.tls_key and web.tls_certificate go together: set both"),
        ('tls_certificate = "chain.pem"\n', "web.tls_certificate and web.tls_key go together: set both"),
        ('trusted_proxies = ["192.0.2.1/24"]\n', "expected a network such as 192.0.2.0/24"),
        ('trusted_proxies = ["*"]\n', "expected a network such as 192.0.2.0/24"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, problem):
    with pytest.raises(ConfigError) as wrong:
        load(tmp_path, text)
    assert problem in str(wrong.value)
    assert "canary" not in str(wrong.value)


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080", "[2001:db8::1]:8080"])
def test_elsewhere_than_on_this_machine_there_is_tls_or_a_proxy_that_is_named(tmp_path, listen):
    alone = load(tmp_path, f'listen = "{listen}"\n')
    with pytest.raises(ConfigError) as wrong:
        check_listening(alone)
    assert f"{tmp_path / 'deliverwatch.toml'}: web.listen: {listen} can be reached from other machines" in str(
        wrong.value
    )
    assert "web.tls_certificate and web.tls_key" in str(wrong.value)
    behind = load(tmp_path, f'listen = "{listen}"\npublic_url = "https://d.esp.example"\n{PROXIES}')
    check_listening(behind)
    assert behind.web.trusted_proxies == (ip_network("192.0.2.8/32"), ip_network("2001:db8::/64"))


@pytest.mark.parametrize("public", ["", 'public_url = "http://d.esp.example"\n'])
@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "127.0.0.1:8080"])
def test_behind_a_proxy_browsers_are_known_to_come_over_tls(tmp_path, listen, public):
    """Else the cookie would travel in the clear as well."""
    behind = load(tmp_path, f'listen = "{listen}"\n{public}{PROXIES}')
    with pytest.raises(ConfigError) as wrong:
        check_listening(behind)
    assert f"{tmp_path / 'deliverwatch.toml'}: web.public_url: " in str(wrong.value)
    assert "set web.public_url to https://" in str(wrong.value)


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "localhost:8080", "127.8.8.8:80", "[::1]:8080", None])
def test_on_this_machine_nothing_is_asked_for(tmp_path, listen):
    check_listening(load(tmp_path, f'listen = "{listen}"\n' if listen else ""))


@pytest.mark.parametrize("made", [None, "not a certificate"])
def test_a_certificate_that_cannot_be_used_is_said_before_anything_starts(tmp_path, made):
    for name in ("chain.pem", "key.pem"):
        if made is not None:
            (tmp_path / name).write_text(made)
    files = f'tls_certificate = "{tmp_path}/chain.pem"\ntls_key = "{tmp_path}/key.pem"\n'
    with pytest.raises(ConfigError) as wrong:
        check_listening(load(tmp_path, f'listen = "0.0.0.0:8443"\n{files}'))
    assert f"web.tls_certificate: {tmp_path}/chain.pem and {tmp_path}/key.pem cannot be used" in str(wrong.value)
