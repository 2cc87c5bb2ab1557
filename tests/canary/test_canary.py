"""Account keys appear nowhere but in the names that are asked for; and if they did, it would be seen."""

import asyncio
import base64
import quopri
from urllib.parse import quote

import pytest

from canary.installation import KEYS, SECRETS, installed
from canary.leaks import leaks
from canary.sinks import SINKS

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it
KEY = KEYS["spamhaus-zen"]


async def _put_out(folder, *, planted):
    """What each sink holds after some hours, and what the lists were asked."""
    async with installed(folder, planted=planted) as here:
        held = await asyncio.gather(*(read(here) for read in SINKS.values()))
        asked = list(here.nameserver.questions)
    return dict(zip(SINKS, held, strict=True)), asked


@pytest.fixture(scope="module")
def put_out(tmp_path_factory):
    return asyncio.run(_put_out(tmp_path_factory.mktemp("kept"), planted=False))


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return asyncio.run(_put_out(tmp_path_factory.mktemp("planted"), planted=True))


@pytest.mark.parametrize("sink", SINKS)
def test_no_key_is_in(put_out, sink):
    held = put_out[0][sink]
    assert held
    assert {list_id: found for list_id, key in SECRETS.items() if (found := leaks(key, held))} == {}


@pytest.mark.parametrize("sink", SINKS)
def test_a_planted_key_is_found_in(planted, sink):
    assert any(leaks(key, planted[0][sink]) for key in SECRETS.values())


def test_the_keys_were_used_and_what_could_go_wrong_did(put_out):
    held, asked = put_out
    assert all(any(key.lower() in question.name for question in asked) for key in KEYS.values())
    said = held["check_as_json"].decode()
    for words in ("you asked for", "***", "REFUSED", "SERVFAIL", "no answer in time", "127.255.255.254"):
        assert words in said
    assert b"you asked for" in held["database_files"]
    assert b"you asked for" in held["alerts"]


def test_whoever_is_asked_for_the_servers_of_a_list_hears_no_key(put_out):
    others = [question.name for question in put_out[1] if question.rdtype not in ("A", "TXT")]
    assert "authbl.dq.spamhaus.net" in others
    assert not [name for name in others for key in KEYS.values() if key.lower() in name]


ENCODINGS = {
    "plain": lambda key: key,
    "upper case": str.upper,
    "lower case": str.lower,
    "reversed": lambda key: key[::-1],
    "hexadecimal": lambda key: key.encode().hex(),
    "percent-encoded": lambda key: "".join(f"%{ord(character):02X}" for character in key),
    "quoted-printable": lambda key: "".join(f"={ord(character):02X}" for character in key),
    "a soft line break": lambda key: f"{key[:9]}=\n{key[9:]}",
    "folded": lambda key: f"{key[:9]}\r\n {key[9:]}",
    "HTML": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "JSON": lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    "Python": lambda key: "".join(f"\\x{ord(character):02x}" for character in key),
    "wide": lambda key: key.encode("utf-16-le").decode("latin-1"),
    "quoted": quote,
    **{
        f"base64 after {n}": lambda key, n=n: base64.b64encode(b"x" * n + key.encode() + b"yz").decode()
        for n in range(3)
    },
    "base64 of capitals": lambda key: base64.urlsafe_b64encode(f"a.{key.upper()}.b".encode()).decode(),
    "base64 in lines": lambda key: base64.encodebytes(b"x" * 50 + key.encode()).decode(),
    "a mail": lambda key: quopri.encodestring(f"{'ä' * 30} {key} {'ä' * 30}".encode()).decode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_key_is_found_however_it_is_written(encoding):
    written = ENCODINGS[encoding](KEY)
    assert leaks(KEY, f"before {written} behind".encode())
    other = ENCODINGS[encoding](KEY.replace("CaNaRy", "FiNcHy"))
    assert not leaks(KEY, f"before {other} behind".encode())
