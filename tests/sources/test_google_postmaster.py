"""Google Postmaster Tools: its documents, and asking for them with a signed claim against a real server."""

import json
from datetime import date, timedelta
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deliverwatch.core.delivery import Ignored, Rejection, Signal, SignalName
from deliverwatch.core.errors import ConfigError, SourceFailed
from deliverwatch.sources.google_postmaster import METRICS
from deliverwatch.sources.google_postmaster_api import SOURCE
from deliverwatch.sources.jwt_login import ServiceAccount
from sources.receiver_server import start_server
from sources.receivers import NOW, read

EMAIL = "reader@project.example"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


def told(signal):
    return signal.name.value, signal.detail, signal.value


def test_rates_by_domain_and_day_and_no_data_is_not_zero():
    items = read(SOURCE, "stats.json")
    signals = [item for item in items if isinstance(item, Signal)]
    assert [told(signal) for signal in signals] == [
        ("spam_rate", "", 0.0012),
        ("auth_success_ratio", "spf", 0.998),
        ("auth_success_ratio", "dkim", 1.0),
        ("delivery_error_ratio", "reject", 0.0),
        ("delivery_error_ratio", "reject: ip_in_rbls", 0.04),
        ("spam_rate", "", None),
        ("auth_success_ratio", "dmarc", None),
    ]
    assert {signal.subject for signal in signals} == {"shop.example"}
    assert [signal.on for signal in signals[4:6]] == [date(2026, 11, 24), date(2026, 11, 23)]
    assert [item for item in items if not isinstance(item, Signal)] == [Ignored()]


def test_compliance_is_told_for_the_domain_and_its_subdomain_and_only_where_there_is_an_opinion():
    assert [(s.subject, s.detail, s.text, s.on) for s in read(SOURCE, "compliance.json")] == [
        ("shop.example", "spf", "compliant", NOW.date()),
        ("shop.example", "dmarc_policy", "needs_work", NOW.date()),
        ("shop.example", "honor_unsubscribe", "needs_work", NOW.date()),
        ("shop.example", "deliverability_status", "compliant", NOW.date()),
        ("news.shop.example", "dkim", "compliant", NOW.date()),
    ]


def test_faulty_values_are_named_one_by_one():
    items = read(SOURCE, "faulty.json")
    assert [item.line for item in items if isinstance(item, Rejection)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert "person" not in repr(items)


def test_no_data_is_nothing_and_an_error_message_is_named():
    assert read(SOURCE, "no-data.json") == []
    assert read(SOURCE, "error.json") == [Rejection(1, "an error message of Postmaster Tools, no data")]
    assert len(read(SOURCE, b"[" * 5000)) == 1


class Google:
    """Signs in only whom it can verify, and answers for the domains it knows. `pages`: by domain."""

    def __init__(self, pages, listed=()):
        self.pages, self.listed, self.asked, self.scopes = pages, listed, [], []
        self.url = ""

    def __call__(self, method, path, headers, body):
        if path == "/token":
            return self._sign_in(body)
        if headers["Authorization"] != "Bearer t0ken":
            return 401, b"{}"
        if path.startswith("/v2/domains?"):
            return 200, json.dumps({"domains": list(self.listed)}).encode()
        domain, _, what = path.removeprefix("/v2/domains/").partition("/")
        if domain not in self.pages:
            return 403, b'{"error": {}}'
        if what == "complianceStatus":
            return 200, json.dumps({"name": path, "complianceData": {"domainId": domain}}).encode()
        question = json.loads(body)
        self.asked.append(question)
        pages = self.pages[domain]
        number = int(question.get("pageToken") or 0)
        more = {"nextPageToken": str(number + 1)} if number + 1 < len(pages) else {}
        return 200, json.dumps({"domainStats": pages[number], **more}).encode()

    def _sign_in(self, body):
        form = parse_qs(body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        checks = {"verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(
                form["assertion"][0], KEY.public_key(), ["RS256"], audience=f"{self.url}/token", options=checks
            )
        except jwt.InvalidTokenError:
            return 400, b'{"error": "invalid_grant"}'
        if claims["iss"] != EMAIL or claims["iat"] != int(NOW.timestamp()) or claims["exp"] - claims["iat"] > 3600:
            return 400, b'{"error": "invalid_grant"}'
        self.scopes.append(claims["scope"])
        return 200, b'{"access_token": "t0ken", "expires_in": 3599}'


def stat(value, domain="shop.example"):
    on = {"year": 2026, "month": 11, "day": 24}
    return {
        "name": f"domains/{domain}/domainStats/1",
        "metric": "spam_rate",
        "date": on,
        "value": {"floatValue": value},
    }


@pytest.fixture
def key_file(tmp_path):
    def write(url, **changes):
        content = {"type": "service_account", "client_email": EMAIL, "private_key": PEM, "private_key_id": "1"}
        path = tmp_path / "account.json"
        path.write_text(json.dumps({**content, "token_uri": f"{url}/token", **changes}))
        return str(path)

    return write


async def fetched(google, key_file, pages=None, key=PEM, **settings):
    with start_server(google) as server:
        google.url = server.url
        credentials = key_file(server.url, private_key=key)
        poller = SOURCE.poller({"credentials": credentials, "url": server.url, **settings})
        pages = [] if pages is None else pages
        try:
            async for page in poller.pages(None, NOW):
                pages.append(page)
        finally:
            await poller.close()
    return [item for page in pages for item in read(SOURCE, page.body)]


async def test_every_page_of_every_domain_is_asked_for_with_ten_days_back(key_file):
    pages = {"shop.example": [[stat(0.1)], [stat(0.2)]], "post.example": [[stat(0.3, "post.example")]]}
    google = Google(pages)
    items = await fetched(google, key_file, domains=("shop.example", "post.example"))
    assert [(item.subject, item.value) for item in items] == [
        ("shop.example", 0.1),
        ("shop.example", 0.2),
        ("post.example", 0.3),
    ]
    span = google.asked[0]["timeQuery"]["dateRanges"]["dateRanges"][0]
    assert span["start"] == {"year": 2026, "month": 11, "day": 16}
    assert span["end"] == {"year": 2026, "month": 11, "day": 26}
    assert google.scopes == ["https://www.googleapis.com/auth/postmaster.traffic.readonly"]


async def test_every_metric_is_asked_for_by_its_name_and_filter(key_file):
    google = Google({"shop.example": [[]]})
    await fetched(google, key_file, domains=("shop.example",))
    asked = {each["name"]: each for each in google.asked[0]["metricDefinitions"]}
    assert asked.keys() == METRICS.keys()
    assert asked["spam_rate"] == {"name": "spam_rate", "baseMetric": {"standardMetric": "SPAM_RATE"}}
    assert asked["auth_success_rate_dkim"]["filter"] == 'auth_type = "dkim"'
    assert asked["delivery_error_rate_reject"]["filter"] == 'error_type = "reject"'
    narrow = asked["delivery_error_rate_reject_ip_in_rbls"]["filter"]
    assert narrow == 'error_type = "reject" AND error_reason = "ip_in_rbls"'


async def test_without_a_list_all_that_the_account_may_read_are_asked(key_file):
    listed = [
        {"name": "domains/shop.example", "permission": "READER", "verificationState": "VERIFIED"},
        {"name": "domains/not-yet.example", "permission": "OWNER", "verificationState": "UNVERIFIED"},
        {"name": "domains/no-more.example", "permission": "NONE"},
        {"permission": "OWNER"},
    ]
    google = Google({"shop.example": [[stat(0.1)]]}, listed)
    assert [item.subject for item in await fetched(google, key_file)] == ["shop.example"]


async def test_a_domain_that_is_not_verified_is_named_and_the_others_are_read(key_file):
    google, pages = Google({"shop.example": [[stat(0.1)]]}), []
    with pytest.raises(SourceFailed, match=r"does not show other\.example to this account") as failed:
        await fetched(google, key_file, pages, domains=("other.example", "shop.example"))
    assert not failed.value.permanent
    assert [item.value for page in pages for item in read(SOURCE, page.body)] == [0.1]


async def test_a_key_that_is_not_the_accounts_is_refused_and_said_so(key_file):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    with pytest.raises(SourceFailed, match=f"does not take the key of {EMAIL}"):
        await fetched(Google({}), key_file, key=pem, domains=("shop.example",))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "authorized_user"}, "expected the JSON key file of a Google service account"),
        ({"private_key": "secret-but-no-key"}, "private_key is no RSA key"),
        ({"client_email": None}, "client_email is missing"),
        ({"token_uri": "http://elsewhere.example/token"}, "expected the API's address"),
    ],
)
def test_a_key_file_that_is_none_is_named(key_file, changes, words):
    with pytest.raises(ConfigError, match=words) as wrong:
        SOURCE.poller({"credentials": key_file("https://oauth2.example", **changes)})
    assert "secret-but-no-key" not in str(wrong.value)


def test_a_key_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.json"):
        SOURCE.poller({"credentials": str(tmp_path / "none.json")})
    with pytest.raises(ConfigError, match=r"\[sources\.google-postmaster\] credentials: is missing"):
        SOURCE.poller({})


async def test_a_token_is_renewed_before_it_runs_out(key_file):
    google = Google({})
    with start_server(google) as server:
        google.url = server.url
        account = ServiceAccount(key_file(server.url), "google-postmaster", ["s"])
        try:
            await account.authorization(NOW)
            await account.authorization(NOW + timedelta(minutes=54))
            assert google.scopes == ["s"]
            with pytest.raises(SourceFailed):  # this Google knows one hour only, so being asked again is seen
                await account.authorization(NOW + timedelta(minutes=55))
        finally:
            await account.close()


def test_every_metric_is_a_signal_of_its_own():
    assert len(set(METRICS.values())) == len(METRICS)
    assert {signal for signal, _ in METRICS.values()} == {
        SignalName.SPAM_RATE,
        SignalName.AUTH_SUCCESS_RATIO,
        SignalName.DELIVERY_ERROR_RATIO,
    }
