"""`deliverwatch practice`, as a user and a program read it."""

from dataclasses import replace

import pytest

from deliverwatch.core.inventory import Asset, Inventory, Language
from deliverwatch.core.practice import Check
from deliverwatch.core.subjects import DomainRole
from deliverwatch.sandbox.zones import Record, Zone
from deliverwatch.store import open_store
from flows.rounds import hold
from samples import customer

INVENTORY = Inventory(
    (replace(customer("acme"), name="Acme GmbH", language=Language.DE),),
    (
        Asset("192.0.2.8/29", "acme"),
        Asset("news.acme.example", "acme", roles=(DomainRole.FROM, DomainRole.ENVELOPE)),
    ),
)
KEYS = ["check", "subject", "outcome", "found", "at", "source", "problem", "repair"]
HOSTILE = "v=spf1 include:\x1b[2J\u202e%{d}.example -all"


@pytest.fixture
async def installed(tmp_path, start_nameserver):
    """The zone below "example"; all eight addresses have reverse names that lead back."""
    example, reverse = Zone("example"), Zone("2.0.192.in-addr.arpa")
    for last in range(8, 16):
        reverse.records[str(last)] = Record((), ptr=f"out{last}.acme.example.")
        example.records[f"out{last}.acme"] = Record((f"192.0.2.{last}",))
    example.records["news.acme"] = Record((), txt=HOSTILE)
    server = await start_nameserver(example, reverse)
    (tmp_path / "deliverwatch.toml").write_text(
        f'[mail]\nfrom = "watch@esp.example"\n[store]\nurl = "sqlite:///{tmp_path}/deliverwatch.db"\n'
        f'[dns]\nresolvers = ["{server.address}"]\n'
    )
    store = open_store(f"sqlite:///{tmp_path}/deliverwatch.db")
    await hold(store, INVENTORY)
    await store.close()
    return example


async def practice(deliverwatch, *arguments):
    ran = await deliverwatch("practice", *arguments)
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    return ran


async def test_checks_are_made_kept_and_overruled(deliverwatch, installed):
    looked = await practice(deliverwatch, "--customer", "acme", "--json")
    assert (looked.code, list(looked.document)) == (0, ["customer", "checked_at", "checks", "advice"])
    checks = {each["check"]: each for each in looked.document["checks"]}
    assert checks.keys() == set(Check)
    assert all(list(each) == KEYS and each["at"].endswith("Z") for each in looked.document["checks"])
    assert (checks["spf"]["subject"], checks["spf"]["problem"]) == ("news.acme.example", "spf_invalid")
    assert checks["spf"]["repair"].startswith("Berichtigen Sie den SPF-Eintrag von news.acme.example")
    assert (checks["helo"]["subject"], checks["helo"]["outcome"], checks["helo"]["repair"]) == (None, "unknown", None)
    assert {each["state"] for each in looked.document["advice"]} == {"given"}

    installed.records["news.acme"] = Record((), txt="v=spf1 ip4:192.0.2.8/29 -all")
    kept = await practice(deliverwatch, "--customer", "acme", "--kept", "--json")
    assert kept.document == looked.document

    why = ("--reason", "comes\non Friday", "--by", "Robin")
    overruled = await practice(deliverwatch, "overrule", "--customer", "acme", "dmarc", *why)
    assert (overruled.code, "dmarc of news.acme.example is overruled" in overruled.out) == (0, True)

    lines = (await practice(deliverwatch, "--customer", "acme")).out.splitlines()
    assert lines[0].startswith("Acme GmbH: best practice, as of ")
    assert [line.split()[0] for line in lines[3:5]] == ["dmarc", "mx"]
    (ptr,) = [line for line in lines if line.startswith("ptr")]
    assert "192.0.2.8/29" in ptr
    assert "8 looked at" in ptr
    (dmarc,) = [line for line in lines if line.startswith("- DMARC: Veröffentlichen Sie")]
    assert dmarc.endswith("(overruled)")

    register = (await practice(deliverwatch, "--customer", "acme", "--kept")).out.partition("Advice given")[2]
    heads = [line[2:].partition(": ") for line in register.splitlines() if line.startswith("- ")]
    states = {about: state for about, _, state in heads if about.endswith("news.acme.example")}
    assert states == {
        "spf news.acme.example": "mended",
        "dmarc news.acme.example": "overruled",
        "mx news.acme.example": "given",
    }
    assert "overruled by Robin: comes\\non Friday" in register


async def test_a_sample_message(deliverwatch, installed, tmp_path):
    (tmp_path / "sample.eml").write_text("From: offers@news.acme.example\nSubject: November\n\nGood day.\n")
    ran = await practice(deliverwatch, "--customer", "acme", "--message", "sample.eml", "--json")
    assert [(each["check"], each["problem"]) for each in ran.document["checks"]] == [
        ("one_click", "one_click_missing"),
        ("alignment", None),
    ]
    (tmp_path / "other.eml").write_text("From: offers@bravo.example\n\nGood day.\n")
    other = await practice(deliverwatch, "--customer", "acme", "--message", "other.eml")
    assert (other.code, "bravo.example" in other.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "expected --customer ID"),
        (("--customer", "acne", "--kept"), "did you mean 'acme'"),
    ],
)
async def test_wrong_usage_is_a_sentence(deliverwatch, installed, arguments, words):
    ran = await practice(deliverwatch, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
