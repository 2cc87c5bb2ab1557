"""`deliverwatch lists`: the catalogue as an operator sees it, lists tried before they are on, and stops lifted."""

import pytest

from deliverwatch.core.subjects import parse_subject
from deliverwatch.sandbox.zones import Mode, list_subject


@pytest.fixture
def config(tmp_path):
    def write(text):
        (tmp_path / "deliverwatch.toml").write_text(text)

    return write


async def test_those_that_matter_lead_and_what_is_missing_is_said_with_what_it_takes(deliverwatch, catalogue):
    ran = await deliverwatch("lists")
    assert ran.code == 0
    leading, rest = ran.out.split("\nFor information:\n")
    information, not_watched = rest.split("\nNot watched, though they matter:\n")
    for each in catalogue.values():
        where = leading if each.leads else information
        assert f"\n{each.id} " in where
    assert "spamhaus-zen: meet its terms, then name it in lists.enable." in not_watched.replace("\n", " ")
    assert "abusix-combined: get an account key and set it as keys.abusix-combined." in not_watched
    assert "psbl:" not in not_watched
    assert "more are dead: deliverwatch lists --dead" in not_watched


async def test_how_each_list_is_used(deliverwatch, config):
    config(
        '[lists]\nenable = ["barracuda-brbl", "spamhaus-drop", "mailspike-z"]\ndry_run = ["barracuda-brbl"]\n'
        'disable = ["psbl"]\n[dns]\ndirect = ["spamcop-scbl"]\n'
        '[feeds]\nuceprotect-1 = {url = "https://x.example/u?key=canary", format = "ip4set", kinds = ["ipv4"]}\n'
    )
    found = {each["id"]: each for each in (await deliverwatch("lists", "--json")).document}
    used = {list_id: (found[list_id]["state"], found[list_id]["way"]) for list_id in found}
    assert used["barracuda-brbl"] == ("dry_run", "dns")
    assert used["spamhaus-drop"] == ("on", "feed")
    assert used["mailspike-z"] == ("part", "dns")
    assert used["psbl"] == ("off", "dns")
    assert used["spamcop-scbl"] == ("on", "direct")
    assert used["uceprotect-1"] == ("on", "feed")
    assert found["uceprotect-1"]["feeds"][0]["url"] == "https://x.example/u?***"
    words = {line.split()[0]: line for line in (await deliverwatch("lists")).out.splitlines() if line.strip()}
    assert " dry run " in words["barracuda-brbl"]
    assert " on, feed " in words["uceprotect-1"]
    assert " part of mailspike-bl " in words["mailspike-z"]


async def test_a_dead_list_is_shown_with_when_and_how_it_died(deliverwatch, config):
    dead = (await deliverwatch("lists", "--dead", "--json")).document
    assert len(dead) >= 30
    assert {each["state"] for each in dead} == {"dead"}
    assert "2024-06-05" in (await deliverwatch("lists", "--dead")).out
    sorbs = (await deliverwatch("lists", "show", "sorbs", "--json")).document
    assert (sorbs["id"], sorbs["died_on"]) == ("sorbs", "2024-06-05")
    shown = await deliverwatch("lists", "show", "sorbs")
    assert shown.code == 0
    assert sorbs["how"] in shown.out
    config('[lists]\nenable = ["sorbs"]\n')
    ran = await deliverwatch("lists")
    assert ran.code == 2
    assert f"sorbs is dead since 2024-06-05: {sorbs['how']}; take it out" in ran.err


async def test_everything_about_a_list_is_shown(deliverwatch):
    shown = (await deliverwatch("lists", "show", "spamhaus-zen")).out
    facts = (await deliverwatch("lists", "show", "spamhaus-zen", "--json")).document
    assert "spamhaus-sbl" in facts["parts"]
    for name, value in facts.items():
        assert isinstance(value, list | dict) or name.replace("_", " ") in shown
    for each in facts["used_by"]:
        assert f"{each['name']}: {each['basis']}" in shown
    assert "ipv6 /64" in shown
    assert "[network_owner]" in shown  # a code whose removal is not the list's
    assert set(facts["codes"][0]) == {"code", "meaning", "impact", "polarity", "scope", "removal"}
    assert "drop_v4.json (drop, ipv4), at most every" in (await deliverwatch("lists", "show", "spamhaus-drop")).out


async def test_a_list_that_can_open_nothing_says_so(deliverwatch, config):
    opens_nothing = "none is known that must be listed: what it lists is shown, and opens nothing until you add one"
    for list_id, kinds in (
        ("validity-rpbl", ["ipv4"]),
        ("spamhaus-sbl", ["ipv6"]),
        ("psbl", []),
        ("spamhaus-drop", []),
    ):
        assert (await deliverwatch("lists", "show", list_id, "--json")).document["unverifiable"] == kinds
        assert (opens_nothing in (await deliverwatch("lists", "show", list_id)).out) == bool(kinds)
    assert "ipv4    none is known that must be listed" in (await deliverwatch("lists", "show", "dnswl")).out
    assert opens_nothing not in (await deliverwatch("lists", "show", "dnswl")).out
    config(
        '[feeds]\nvalidity-rpbl = {url = "https://x.example/r", format = "ip4set", kinds = ["ipv4"]}\n'
        '[lists]\nenable = ["spamhaus-sbl"]\n'
    )
    assert (await deliverwatch("lists", "show", "validity-rpbl", "--json")).document["unverifiable"] == []
    not_watched = (await deliverwatch("lists")).out.partition("Not watched, though they matter:\n")[2]
    missed = [
        line.strip().partition(":")[0] for line in not_watched.splitlines() if line.startswith("  ") and ": " in line
    ]
    assert [each for each in missed if each.startswith("spamhaus")] == ["spamhaus-dbl", "spamhaus-zen"]


async def test_faults_of_a_catalogue_as_json(deliverwatch, tmp_path):
    (tmp_path / "bad.yaml").write_text("lists:\n  - id: a b\n")
    ran = await deliverwatch("lists", "check", "bad.yaml", "--json")
    assert ran.code == 2
    assert ran.document["faults"][0]["file"] == "bad.yaml"
    good = await deliverwatch("lists", "check", "--json")
    assert (good.code, good.document["faults"]) == (0, [])
    assert "sorbs" in good.document["dead"]


# --- try


@pytest.fixture
def attempt(deliverwatch, lists):
    async def run(*arguments):
        return await deliverwatch("lists", "try", *arguments, "--resolver", lists[0].address)

    return run


def put(lists, catalogue, list_id, subject):
    list_subject(lists[1][list_id], catalogue[list_id], parse_subject(subject))


async def test_a_list_is_tried_on_subjects_though_it_is_off(attempt, lists, catalogue):
    put(lists, catalogue, "barracuda-brbl", "192.0.2.3")
    ran = await attempt("barracuda-brbl", "192.0.2.0/28", "news.acme.example")
    assert ran.code == 1
    assert "16 look-ups: 1 listed, 15 clear. 100 % verified." in ran.out
    assert ran.err == ""
    clear = await attempt("barracuda-brbl", "192.0.2.8/29", "--json")
    assert (clear.code, clear.document["summary"]["clear"], clear.document["warnings"]) == (0, 8, [])


async def test_a_quarter_listed_is_warned_of(attempt, lists, catalogue):
    put(lists, catalogue, "barracuda-brbl", "192.0.2.3")
    ran = await attempt("barracuda-brbl", "192.0.2.0/30", "--json")
    assert ran.code == 1
    assert ran.document["warnings"][0].startswith("1 of 4 would be listed, a quarter or more")
    assert (await attempt("barracuda-brbl", "192.0.2.3", "--json")).document["warnings"] == []  # one is no quarter


async def test_test_points_that_fail_are_warned_of(attempt, lists):
    lists[1]["barracuda-brbl"].mode = Mode.LISTS_THE_WORLD
    ran = await attempt("barracuda-brbl", "192.0.2.0/30")
    assert ran.code == 3
    assert "barracuda-brbl cannot be believed: test point 127.0.0.1 must not be listed and is" in ran.err


async def test_a_list_is_tried_on_the_inventory_and_nothing_is_stored(
    deliverwatch, attempt, lists, catalogue, tmp_path
):
    nothing = await attempt("psbl")
    assert nothing.code == 2
    assert "nothing to try psbl on: it lists ipv4; give some" in nothing.err
    (tmp_path / "deliverwatch.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/state.db"\n')
    assert (await attempt("psbl")).code == 2
    assert not (tmp_path / "state.db").exists()
    (tmp_path / "customers.yaml").write_text(
        "customers:\n  - id: acme\n    name: Acme\n    service_time_zone: uk\n"
        "    tam: {name: Robin, email: robin@esp.example}\n    contacts: [p@acme.example]\n"
        "    pools: [{id: acme-news, stream: newsletter, ips: [192.0.2.8/29]}]\n"
        "    domains: [{name: news.acme.example, roles: [from]}]\n"
    )
    assert (await deliverwatch("customers", "import", "customers.yaml")).code == 0
    put(lists, catalogue, "psbl", "192.0.2.10")
    tried = await attempt("psbl", "--json")
    assert tried.code == 1
    assert (tried.document["summary"]["listed"], tried.document["summary"]["clear"]) == (1, 7)
    assert (await deliverwatch("listings", "--json")).document == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["try", "sorbs", "192.0.2.1"], "sorbs is dead since 2024-06-05"),
        (["try", "pspl", "192.0.2.1"], "no such list in the catalogue"),
        (["try", "psbl", "news.acme.example"], "it lists ipv4"),
        (["try", "psbl", "192.0.2.300"], "not an IP address"),
        (["ask-now", "sorbs"], "sorbs is dead since"),
        (["ask-now", "pspl"], "no such list in the catalogue"),
        (["health", "pspl"], "no such list in the catalogue"),
    ],
)
async def test_wrong_usage_is_2_and_a_sentence(deliverwatch, arguments, said):
    ran = await deliverwatch("lists", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
