"""How the pages are served: over TLS, whose word on the client is taken, and where they are not served at all."""

import asyncio
import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deliverwatch.core.access import Account, Role
from deliverwatch.core.errors import ConfigError
from deliverwatch.listening import MOST_ANSWERED, MOST_OPEN
from deliverwatch.serve import only_daemon, serve
from deliverwatch.settings import load_settings
from servers.ports import free_port

PASSWORD = "winter-oak-lantern-7"
FORWARDED = {"X-Forwarded-For": "192.0.2.77", "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate for 127.0.0.1 that vouches for itself, and of its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "d.esp.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
    (tmp_path / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, plain[1], plain[0]))
    return tmp_path / "chain.pem", tmp_path / "key.pem"


@pytest.fixture
def settings(tmp_path):
    """settings("...", listen="127.0.0.1") -> Settings, with these lines in [web]"""

    def load(web, listen="127.0.0.1"):
        path = tmp_path / "deliverwatch.toml"
        path.write_text(
            f'[store]\nurl = "sqlite:///{tmp_path}/dw.db"\n[dns]\nresolvers = ["127.0.0.1:9"]\n'
            f'[web]\nlisten = "{listen}:{free_port()}"\n{web}\n'
        )
        return load_settings(path, {})

    return load


async def while_served(settings, ask, **client):
    """What `ask(client, app)` gives, asked while the daemon runs."""
    scheme, gives = "https" if settings.web.tls else "http", []

    async with only_daemon(settings) as app:

        async def beside(_):
            async with httpx.AsyncClient(
                base_url=f"{scheme}://{settings.web.listen}", trust_env=False, **client
            ) as http:
                while True:
                    try:
                        await http.get("/healthz")
                        break
                    except httpx.ConnectError as failure:
                        if "CERTIFICATE" in str(failure):
                            raise
                        await asyncio.sleep(0.02)
                gives.append(await ask(http, app))

        await serve(app, beside=beside)
    return gives[0]


async def signed_in_from(client, app):
    """The address that the session of a sign-in shows."""
    kept = await app.access.add_account(Account("", "robin", Role.OPERATOR, "", True), PASSWORD, "test")
    await client.post("/sign-in", data={"name": "robin", "password": PASSWORD}, headers=FORWARDED)
    (session,) = await app.access.sessions(kept.account.id)
    return session.address


async def test_with_a_certificate_the_pages_are_served_over_tls(settings, certificate):
    chain, key = certificate
    served = settings(f'tls_certificate = "{chain}"\ntls_key = "{key}"')
    trusting = ssl.create_default_context(cafile=str(chain))
    answer = await while_served(served, lambda client, _: client.get("/sign-in"), verify=trusting)
    assert answer.status_code == 200
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("proxies", "address"),
    [
        ("[]", "127.0.0.1"),
        ('["127.0.0.0/30"]', "192.0.2.77"),
        ('["192.0.2.0/24"]', "127.0.0.1"),
    ],
)
async def test_only_proxies_that_are_named_say_who_comes(settings, monkeypatch, proxies, address):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    served = settings(f'public_url = "https://d.esp.example"\ntrusted_proxies = {proxies}')
    assert await while_served(served, signed_in_from) == address


async def silent(app, number):
    """So many connections more, that say nothing."""
    host, _, port = app.settings.web.listen.rpartition(":")
    return [await asyncio.open_connection(host, int(port)) for _ in range(number)]


async def given_up(connections):
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()


async def until_answered(client, status):
    """Whether it is in the end: connections are closed by turns of the server's loop."""
    for _ in range(200):
        async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as another:
            if (await another.get("/healthz")).status_code == status:
                return True
        await asyncio.sleep(0.05)
    return False


async def test_one_connection_more_than_are_answered_is_told_to_come_later(settings):
    async def ask(client, app):
        held = await silent(app, MOST_ANSWERED - 2)
        last = await client.get("/healthz")
        held += await silent(app, 1)
        one_more = await client.get("/healthz")
        await given_up(held)
        return last.status_code, one_more.status_code, await until_answered(client, 200)

    assert await while_served(settings(""), ask) == (200, 503, True)


async def test_connections_that_say_nothing_leave_the_daemon_its_descriptors(settings):
    """Beyond what is answered they are closed where they come in, before TLS is spoken to them."""

    async def ask(client, app):
        held, before = await silent(app, MOST_OPEN - 1), len(os.listdir("/proc/self/fd"))
        refused = await silent(app, 50)
        ends = [await asyncio.wait_for(reader.read(1), 30) for reader, _ in refused]
        grown = len(os.listdir("/proc/self/fd")) - before
        await given_up(held + refused)
        return ends, grown, await until_answered(client, 200)

    ends, grown, recovers = await while_served(settings(""), ask)
    assert (ends, recovers) == ([b""] * 50, True)
    assert grown <= 50  # our own ends of them


@pytest.mark.parametrize("somebody", [False, True])
async def test_who_can_sign_in_nowhere_is_told_how_the_first_account_is_made(settings, somebody):
    async def nothing(_):
        pass

    with structlog.testing.capture_logs() as logs:
        async with only_daemon(settings("")) as app:
            if somebody:
                await app.access.add_account(Account("", "robin", Role.OPERATOR, "", True), PASSWORD, "test")
            await serve(app, beside=nothing)
    hints = [each["hint"] for each in logs if each["event"] == "no_account"]
    assert len(hints) == (not somebody)
    assert all("deliverwatch users add NAME --role operator" in each for each in hints)


async def test_in_the_clear_they_are_served_on_this_machine_only(settings, tmp_path):
    with pytest.raises(ConfigError, match=r"can be reached from other machines"):
        async with only_daemon(settings("", listen="0.0.0.0")):
            pass
    assert not (tmp_path / "dw.db").exists()
