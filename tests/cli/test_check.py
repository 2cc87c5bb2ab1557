"""`deliverwatch check` against lists that are well, lie, refuse and fall silent."""

import asyncio
import sys

import pytest

from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.sandbox.zones import Mode, list_subject

KEYS = {
    *("subject", "kind", "list", "zone", "outcome", "codes", "meanings", "polarity", "reason", "scope", "impact"),
    *("lookup_url", "removal", "detail"),
}


@pytest.fixture
def check(deliverwatch, lists):
    async def run(*arguments):
        nameserver, _ = lists
        return await deliverwatch("check", *arguments, "--resolver", nameserver.address)

    return run


def put(lists, catalogue, list_id, subject, *codes, txt=None):
    list_subject(lists[1][list_id], catalogue[list_id], parse_subject(subject), *codes, txt=txt)


async def test_all_clear_is_0(check, catalogue):
    ran = await check("192.0.2.1", "--json")
    assert ran.code == 0
    assert ran.err == ""
    document = ran.document
    asked = sum(each.on_by_default and each.covers(SubjectKind.IPV4) for each in catalogue.values())
    assert document["summary"] == {
        **{"listed": 0, "clear": asked, "refused": 0, "unreachable": 0, "nonsense": 0},
        "verified_ratio": 1.0,
    }
    assert all(set(result) == KEYS for result in document["results"])
    assert {each["health"] for each in document["lists"]} == {"healthy"}


async def test_a_listing_is_1_and_says_what_the_list_says(check, lists, catalogue):
    put(lists, catalogue, "spamhaus-zen", "192.0.2.1", "127.0.0.3", "127.0.0.10", txt="https://sbl.example/css")
    ran = await check("192.0.2.1", "--list", "spamhaus-zen", "--json")
    assert ran.code == 1
    (result,) = ran.document["results"]
    assert result["codes"] == ["127.0.0.3", "127.0.0.10"]
    assert result["impact"] == "critical"
    assert result["reason"] == "https://sbl.example/css"
    assert [meaning.split(":")[0] for meaning in result["meanings"]] == ["CSS", "PBL"]


async def test_min_impact_moves_the_exit_code_only(check, lists, catalogue):
    put(lists, catalogue, "psbl", "192.0.2.1", "127.0.0.2")
    ran = await check("192.0.2.1", "--list", "psbl", "--min-impact", "critical", "--json")
    assert ran.code == 0
    assert ran.document["summary"]["listed"] == 1


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        (Mode.LISTS_THE_WORLD, "nonsense"),
        (Mode.EMPTY, "nonsense"),
        (Mode.OUTSIDE, "nonsense"),
        (Mode.SILENT, "unreachable"),
        (Mode.SERVFAIL, "unreachable"),
        (Mode.REFUSED, "refused"),
    ],
)
async def test_a_list_that_is_not_well_gives_no_verdict_and_3(check, lists, mode, outcome):
    lists[1]["psbl"].mode = mode
    ran = await check("192.0.2.1", "--list", "psbl", "--json")
    assert ran.code == 3
    (result,) = ran.document["results"]
    assert result["outcome"] == outcome
    assert result["detail"]
    assert ran.document["lists"][0]["health"] == "failing"


async def test_a_refusal_code_is_no_listing(check, lists, catalogue):
    put(lists, catalogue, "spamhaus-zen", "192.0.2.1", "127.255.255.254")
    ran = await check("192.0.2.1", "--list", "spamhaus-zen", "--json")
    assert ran.code == 3
    assert ran.document["results"][0]["outcome"] == "refused"


async def test_what_an_unverifiable_list_lists_is_shown_with_that_said(check, lists, catalogue):
    put(lists, catalogue, "validity-rpbl", "192.0.2.1", "127.0.0.4")
    ran = await check("192.0.2.1", "192.0.2.2", "--list", "validity-rpbl", "--json")
    listed, not_found = ran.document["results"]
    assert ran.code == 1
    assert (listed["outcome"], listed["detail"].startswith("unverifiable")) == ("listed", True)
    assert not_found["outcome"] == "nonsense"
    assert ran.document["lists"][0]["health"] == "unverifiable"


async def test_results_come_in_the_order_given_then_by_list(check, lists):
    ran = await check("192.0.2.9", "news.acme.example", "192.0.2.0/31", "--json")
    order = list(dict.fromkeys(result["subject"] for result in ran.document["results"]))
    assert order == ["192.0.2.9", "news.acme.example", "192.0.2.0", "192.0.2.1"]
    first = [result["list"] for result in ran.document["results"] if result["subject"] == "192.0.2.9"]
    assert first == sorted(first)


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.SERVFAIL])
async def test_an_allow_list_is_information_and_never_an_exit_code(check, lists, catalogue, mode):
    put(lists, catalogue, "mailspike-wl", "192.0.2.1", "127.0.0.20")
    lists[1]["mailspike-wl"].mode = mode
    both = ("--list", "psbl", "--list", "mailspike-wl")
    ran = await check("192.0.2.1", *both, "--json")
    assert ran.code == 0
    assert {each["list"]: each["polarity"] for each in ran.document["results"]} == {
        "mailspike-wl": "allow",
        "psbl": "block",
    }
    ran = await check("192.0.2.1", *both)
    assert ran.code == 0
    table, information = ran.out.split("For information, from lists that accuse nobody:")
    assert "mailspike-wl" in information
    assert table == ""
    assert "2 look-ups: 1 clear, 1 for information." in information


@pytest.mark.parametrize(("mode", "code"), [(Mode.NORMAL, 0), (Mode.REFUSED, 3)])
async def test_where_only_an_allow_list_was_asked_it_must_at_least_have_answered(check, lists, catalogue, mode, code):
    put(lists, catalogue, "mailspike-wl", "192.0.2.1", "127.0.0.20")
    lists[1]["mailspike-wl"].mode = mode
    assert (await check("192.0.2.1", "--list", "mailspike-wl", "--json")).code == code


async def test_a_good_code_of_a_list_that_mixes_good_and_bad_is_no_listing(check, lists, catalogue):
    put(lists, catalogue, "hostkarma", "192.0.2.1", "127.0.0.1")
    put(lists, catalogue, "hostkarma", "192.0.2.2", "127.0.0.1", "127.0.0.2")
    ran = await check("192.0.2.1", "--list", "hostkarma", "--json")
    assert (ran.code, ran.document["results"][0]["polarity"]) == (0, "allow")
    ran = await check("192.0.2.2", "--list", "hostkarma", "--json")
    assert (ran.code, ran.document["results"][0]["polarity"]) == (1, "block")


async def test_a_part_is_asked_when_it_is_named_though_its_union_is_on(check, lists, catalogue):
    put(lists, catalogue, "mailspike-z", "192.0.2.1")
    ran = await check("192.0.2.1", "--list", "mailspike-z", "--list", "mailspike-bl", "--json")
    assert {each["list"]: each["outcome"] for each in ran.document["results"]} == {
        "mailspike-bl": "clear",
        "mailspike-z": "listed",
    }


async def test_of_the_lists_that_are_off_only_those_that_matter_are_named(check, catalogue):
    ran = await check("192.0.2.1")
    said = ran.err.replace("\n", " ")
    matter = {each.id for each in catalogue.values() if each.leads and not each.on_by_default}
    named = said.partition("Not asked, though they matter, since they are off: ")[2].partition(".")[0].split(", ")
    assert set(named) == matter
    assert named[:2] == ["spamhaus-dbl", "spamhaus-zen"]  # the gravest first


async def test_a_file_of_subjects(check, tmp_path):
    (tmp_path / "ips.txt").write_text("# ours\n192.0.2.1\n\n2001:db8::1 # v6\n")
    ran = await check("--file", "ips.txt", "--list", "spamhaus-zen", "--json")
    assert [result["kind"] for result in ran.document["results"]] == ["ipv4", "ipv6"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["192.0.2.300"], "not an IP address"),
        (["10.0.0.0/8"], "at most 65,536"),
        (["192.0.2.1/24"], "host bits set"),
        (["two words.example"], "has a space"),
        ([], "nothing to check"),
        (["--file", "missing.txt"], "missing.txt"),
        (["192.0.2.1", "--list", "sorbs"], "sorbs is dead since 2024-06-05: "),
        (["192.0.2.1", "--resolver", "resolver.example"], "not a resolver"),
        (["192.0.2.1", "--blocklists", "missing.yaml"], "missing.yaml"),
        (["192.0.2.1", "--config", "missing.toml"], "missing.toml"),
        (["192.0.2.1", "--frobnicate"], "frobnicate"),
    ],
)
async def test_wrong_usage_is_2_and_a_sentence(deliverwatch, arguments, said):
    ran = await deliverwatch("check", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


async def test_a_subject_that_nobody_was_asked_about_is_named_and_not_clear(check):
    ran = await check("192.0.2.1", "2001:db8::1", "--json")
    assert ran.code == 3
    assert ran.document["not_asked"] == ["2001:db8::1"]
    ran = await check("192.0.2.1", "2001:db8::1")
    assert "Not asked, since no list that is on covers it: 2001:db8::1." in ran.out


async def test_a_stream_that_fails_is_not_said_to_be_a_listing(lists):
    nameserver, _ = lists
    command = f"{sys.executable} -m deliverwatch check 192.0.2.1 --resolver {nameserver.address}"
    full = await asyncio.create_subprocess_shell(f"{command} > /dev/full 2>/dev/null")
    assert await full.wait() == 3
    hung_up = await asyncio.create_subprocess_exec("bash", "-c", f"{command} --json | true; exit ${{PIPESTATUS[0]}}")
    assert await hung_up.wait() == 141


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
async def test_a_stream_that_is_closed_is_no_fault(closed):
    command = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m deliverwatch classify {closed}",
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await command.communicate()
    assert (command.returncode, err) == (0, b"")


async def test_when_nothing_covers_the_subject_it_cannot_tell(check):
    ran = await check("2001:db8::1", "--json")
    assert ran.code == 3
    assert ran.document["summary"]["verified_ratio"] is None


async def test_the_table_shows_hostile_text_as_text(check, lists, catalogue):
    put(lists, catalogue, "psbl", "192.0.2.1", txt="\x1b[31mred\x07 [bold]x[/bold]\nsecond line \u202eevil")
    ran = await check("192.0.2.1", "--list", "psbl")
    assert ran.code == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.out)
    assert "\\x1b[31mred\\x07 [bold]x[/bold]\\nsecond line" in ran.out.replace("\n", "")


async def test_the_key_of_a_list_is_shown_nowhere(deliverwatch, lists, tmp_path):
    (tmp_path / "deliverwatch.toml").write_text('[keys]\nabusix-combined = "canary0key"\n')
    nameserver, _ = lists
    for extra in (["--json"], []):
        ran = await deliverwatch(
            "check", "192.0.2.1", "--list", "abusix-combined", "--resolver", nameserver.address, *extra
        )
        assert "canary0key" not in ran.out + ran.err
    assert any(".canary0key.combined." in question.name for question in nameserver.questions)
    ran = await deliverwatch("config", "show")
    assert "canary0key" not in ran.out
    assert "keys.abusix-combined" in ran.out
