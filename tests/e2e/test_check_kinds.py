"""`deliverwatch check` on every kind of list there is, through a real unbound, from a real rbldnsd."""

import asyncio
from datetime import date

import pytest
import yaml

from deliverwatch.core.blocklist import query_label
from deliverwatch.core.subjects import SubjectKind
from servers import rbldnsd, unbound
from servers.ports import free_port

KEY = "Xy7-canaryKEY"
V4_POINTS = [
    {"kind": "ipv4", "name": "127.0.0.2", "expect": ["127.0.0.2"]},
    {"kind": "ipv4", "name": "127.0.0.1", "expect": []},
]
V6_POINTS = [
    {"kind": "ipv6", "name": "::ffff:7f00:2", "expect": ["127.0.0.2"]},
    {"kind": "ipv6", "name": "::ffff:7f00:1", "expect": []},
]
DOMAIN_POINTS = [
    {"kind": "domain", "name": "test.lists.example", "expect": ["127.0.0.2"]},
    {"kind": "domain", "name": "clean.example", "expect": []},
]


def code(value, impact, meaning, **more):
    return {"value": value, "impact": impact, "meaning": meaning, **more}


def entry(list_id, points, codes, **more):
    zone = {} if "keyed_zone" in more else {"zone": f"{list_id}.lists.example"}
    return {
        "id": list_id,
        "name": list_id.capitalize(),
        **zone,
        "kinds": sorted({point["kind"] for point in points}) or ["ipv4"],
        "scope": "address",
        "codes": codes,
        "test_points": points,
        "access": {"terms": "open", "note": "free"},
        "on_by_default": "keyed_zone" not in more,
        "removal": {"way": "self_service", "url": f"https://{list_id}.example/remove"},
        "lookup_url": f"https://{list_id}.example/look",
        "source": "made up",
        "checked_on": date(2026, 11, 22),
        "confidence": "high",
        "status": "alive",
        **more,
    }


SPAM = [code("127.0.0.2", "high", "sends spam")]
ENTRIES = [
    entry(
        "exact",
        V4_POINTS,
        [
            code("127.0.0.2", "medium", "sends spam"),
            code("127.0.0.4", "critical", "is infected"),
            code("127.0.0.10", "low", "is dynamic", scope="network"),
        ],
    ),
    entry(
        "mask",
        [{**V4_POINTS[0], "expect": ["127.0.0.14"]}, V4_POINTS[1]],
        [code(2, "high", "black"), code(4, "low", "grey"), code(8, "medium", "red")],
        style="bitmask",
        refusals={1: "too many queries"},
    ),
    entry(
        "graded",
        [{**V4_POINTS[0], "expect": ["127.0.0.10"]}, V4_POINTS[1]],
        [
            code("127.0.0.10", "medium", "the worst", polarity="block"),
            code("127.0.0.15", "info", "neutral"),
            code("127.0.0.20", "info", "the best", polarity="allow"),
        ],
        polarity="reputation",
    ),
    entry(
        "score",
        [{**V4_POINTS[0], "expect": ["127.0.4.5"]}, V4_POINTS[1]],
        [code("127.0.4.0-69", "medium", "a poor score"), code("127.0.4.70-100", "info", "a good score")],
        style="score",
        polarity="reputation",
    ),
    entry("allow", V4_POINTS, [code("127.0.*.0-3", "info", "a good sender")], polarity="allow"),
    entry("six", V6_POINTS, SPAM, granularity={"ipv6": 64}),
    entry("registered", DOMAIN_POINTS, SPAM, scope="domain", asked_name="registered"),
    entry("full", DOMAIN_POINTS, SPAM, scope="domain", asked_name="full"),
    entry(
        "keyed",
        V4_POINTS,
        SPAM,
        keyed_zone="{key}.keyed.lists.example",
        access={"terms": "key", "note": "needs a key"},
    ),
    entry("refusing", V4_POINTS, SPAM, refusals={"127.255.255.254": "a public resolver"}),
    entry("unverifiable", [], SPAM),
    entry("emptied", V4_POINTS, SPAM),
    entry("world", V4_POINTS, SPAM),
    entry("gone", V4_POINTS, SPAM),
]

POINT = "127.0.0.2 :127.0.0.2:test"
HELD = {
    ("exact", "ip4set"): [
        POINT,
        "192.0.2.1 :127.0.0.2:see https://exact.example/$",
        *[f"192.0.2.2 :127.0.0.{last}:" for last in (2, 4, 10)],
        "192.0.2.3 :127.0.0.10:",
        "192.0.2.4 :127.0.7.7:",
    ],
    ("mask", "ip4set"): ["127.0.0.2 :127.0.0.14:test", "192.0.2.1 :127.0.0.6:", "192.0.2.2 :127.0.0.3:"],
    ("graded", "ip4set"): [
        *("127.0.0.2 :127.0.0.10:test", "192.0.2.1 :127.0.0.10:", "192.0.2.2 :127.0.0.15:", "192.0.2.3 :127.0.0.20:"),
    ],
    ("score", "ip4set"): ["127.0.0.2 :127.0.4.5:test", "192.0.2.1 :127.0.4.42:", "192.0.2.2 :127.0.4.97:"],
    ("allow", "ip4set"): [POINT, "192.0.2.1 :127.0.10.3:"],
    ("six", "generic"): [f"{query_label(SubjectKind.IPV6, '::ffff:7f00:2')} A 127.0.0.2"],
    ("six", "ip6trie"): ["2001:db8:0:1::/64 :127.0.0.2:", "2001:db8:0:2::10 :127.0.0.2:"],
    ("registered", "dnset"): ["test.lists.example :127.0.0.2:test", "acme.example :127.0.0.2:"],
    ("full", "dnset"): ["test.lists.example :127.0.0.2:test", "news.acme.example :127.0.0.2:"],
    (f"{KEY.lower()}.keyed", "ip4set"): [POINT, "192.0.2.1 :127.0.0.2:"],
    ("refusing", "ip4set"): [POINT, "192.0.2.1 :127.255.255.254:"],
    ("unverifiable", "ip4set"): ["192.0.2.1 :127.0.0.2:"],
    ("emptied", "ip4set"): [],
    ("world", "ip4set"): ["0.0.0.0/1 :127.0.0.2:", "128.0.0.0/1 :127.0.0.2:"],
}
REAL = {
    ("zen.spamhaus.org", "ip4set"): [POINT, "192.0.2.1 :127.0.0.3:", "192.0.2.1 :127.0.0.11:"],
    ("zen.spamhaus.org", "generic"): [f"{query_label(SubjectKind.IPV6, '::ffff:7f00:2')} A 127.0.0.2"],
    ("zen.spamhaus.org", "ip6trie"): ["2001:db8:0:1::/64 :127.0.0.3:"],
    ("dbl.spamhaus.org", "dnset"): ["dbltest.com :127.0.1.2:test", ".acme.example :127.0.1.104:"],
    ("multi.surbl.org", "dnset"): ["test.surbl.org :127.0.0.254:test", "news.acme.example :127.0.0.80:"],
    ("multi.uribl.com", "dnset"): ["test.uribl.com :127.0.0.14:test", "acme.example :127.0.0.10:"],
    ("score.senderscore.com", "ip4set"): ["192.0.2.1 :127.0.4.42:"],
    ("list.dnswl.org", "ip4set"): ["192.0.2.1 :127.0.15.2:"],
    ("dnsbl-3.uceprotect.net", "ip4set"): [POINT, "192.0.2.1 :127.0.0.2:"],
}
ADDRESSES = [f"192.0.2.{last}" for last in range(1, 6)]
SIXES = ["2001:db8:0:1::10", "2001:db8:0:1:ffff::10", "2001:db8:0:2::10", "2001:db8:0:2::11"]
DOMAINS = ["news.acme.example", "acme.example", "other.example"]


class _WrittenOut(yaml.SafeDumper):
    """Catalogues have no aliases."""

    def ignore_aliases(self, data):
        return True


class Place:
    """Where `check` is run: a folder with a catalogue, a key, and a resolver. `mine`: not with the shipped one."""

    def __init__(self, commands, folder, address):
        self._commands = commands
        self._folder = folder
        self._address = address

    def check(self, *arguments, mine=True):
        catalogue = ["--blocklists", "lists.yaml"] if mine else ["--config", "empty.toml"]
        environment = {"PATH": "/usr/bin:/bin", "HOME": self._folder}
        wanted = "check", *arguments, *catalogue, "--resolver", self._address
        ran = asyncio.run(self._commands.run(self._folder, environment, *wanted))
        assert "Traceback" not in ran.err, ran.err
        assert KEY.lower() not in (ran.out + ran.err).lower()
        return ran


@pytest.fixture(scope="module")
def place(commands, tmp_path_factory):
    if rbldnsd.binary() is None or unbound.binary() is None:
        pytest.skip("rbldnsd or unbound is not installed (Debian packages rbldnsd, unbound)")
    held = {(f"{name}.lists.example", kind): lines for (name, kind), lines in HELD.items()} | REAL
    zones = {zone: [kind for each, kind in held if each == zone] for zone, _ in held}
    server = rbldnsd.Rbldnsd(zones).start()
    resolver = unbound.Unbound(
        {zone: server.address for zone in zones} | {"gone.lists.example": f"127.0.0.1:{free_port()}"}
    )
    try:
        server.write_all(held)
        resolver.start()
        folder = tmp_path_factory.mktemp("place")
        (folder / "lists.yaml").write_text(yaml.dump({"lists": ENTRIES}, Dumper=_WrittenOut))
        (folder / "deliverwatch.toml").write_text(f'[keys]\nkeyed = "{KEY}"\n[dns]\ntimeout = "1s"\n')
        (folder / "empty.toml").write_text("")
        yield Place(commands, folder, resolver.address)
    finally:
        resolver.stop()
        server.stop()


@pytest.fixture(scope="module")
def every_kind(place):
    return place.check(*ADDRESSES, *SIXES, *DOMAINS, "--json")


@pytest.fixture(scope="module")
def in_words(place):
    return place.check(*ADDRESSES, *SIXES, *DOMAINS)


EXPECTED = [
    ("exact", "192.0.2.1", "listed", ["127.0.0.2"], "medium", "block"),
    ("exact", "192.0.2.2", "listed", ["127.0.0.2", "127.0.0.4", "127.0.0.10"], "critical", "block"),
    ("exact", "192.0.2.3", "listed", ["127.0.0.10"], "low", "block"),
    ("exact", "192.0.2.4", "listed", ["127.0.7.7"], "low", "block"),
    ("exact", "192.0.2.5", "clear", [], None, "block"),
    ("graded", "192.0.2.1", "listed", ["127.0.0.10"], "medium", "block"),
    ("graded", "192.0.2.2", "listed", ["127.0.0.15"], "info", "reputation"),
    ("graded", "192.0.2.3", "listed", ["127.0.0.20"], "info", "allow"),
    ("graded", "192.0.2.4", "clear", [], None, "reputation"),
    ("score", "192.0.2.1", "listed", ["127.0.4.42"], "medium", "reputation"),
    ("score", "192.0.2.2", "listed", ["127.0.4.97"], "info", "reputation"),
    ("allow", "192.0.2.1", "listed", ["127.0.10.3"], "info", "allow"),
    ("allow", "192.0.2.2", "clear", [], None, "allow"),
    ("six", "2001:db8:0:1::10", "listed", ["127.0.0.2"], "high", "block"),
    ("six", "2001:db8:0:1:ffff::10", "listed", ["127.0.0.2"], "high", "block"),
    ("six", "2001:db8:0:2::10", "listed", ["127.0.0.2"], "high", "block"),
    ("six", "2001:db8:0:2::11", "clear", [], None, "block"),
    ("registered", "news.acme.example", "listed", ["127.0.0.2"], "high", "block"),
    ("registered", "acme.example", "listed", ["127.0.0.2"], "high", "block"),
    ("registered", "other.example", "clear", [], None, "block"),
    ("full", "news.acme.example", "listed", ["127.0.0.2"], "high", "block"),
    ("full", "acme.example", "clear", [], None, "block"),
    ("keyed", "192.0.2.1", "listed", ["127.0.0.2"], "high", "block"),
    ("keyed", "192.0.2.2", "clear", [], None, "block"),
    ("refusing", "192.0.2.1", "refused", ["127.255.255.254"], None, "block"),
    ("unverifiable", "192.0.2.1", "listed", ["127.0.0.2"], "high", "block"),
    ("unverifiable", "192.0.2.2", "nonsense", [], None, "block"),
    ("emptied", "192.0.2.1", "nonsense", [], None, "block"),
    ("world", "192.0.2.1", "nonsense", [], None, "block"),
    ("gone", "192.0.2.1", "unreachable", [], None, "block"),
]


def result_of(ran, list_id, subject):
    (found,) = [each for each in ran.document["results"] if (each["list"], each["subject"]) == (list_id, subject)]
    return found


@pytest.mark.parametrize(("list_id", "subject", "outcome", "codes", "impact", "polarity"), EXPECTED)
def test_each_kind_of_list_says_what_it_means(every_kind, list_id, subject, outcome, codes, impact, polarity):
    found = result_of(every_kind, list_id, subject)
    assert (found["outcome"], found["codes"], found["impact"], found["polarity"]) == (outcome, codes, impact, polarity)
    assert (found["detail"] is None) is (outcome in ("listed", "clear") and list_id != "unverifiable")


@pytest.mark.parametrize(
    ("list_id", "subject", "meanings", "scope"),
    [
        ("exact", "192.0.2.2", ["sends spam", "is infected", "is dynamic"], "address"),
        ("exact", "192.0.2.3", ["is dynamic"], "network"),
        ("exact", "192.0.2.4", ["127.0.7.7: not explained by the catalogue"], "address"),
        ("score", "192.0.2.1", ["a poor score (42)"], "address"),
        ("registered", "news.acme.example", ["sends spam"], "domain"),
    ],
)
def test_meanings_and_scope_are_those_of_the_codes(every_kind, list_id, subject, meanings, scope):
    found = result_of(every_kind, list_id, subject)
    assert (found["meanings"], found["scope"]) == (meanings, scope)


def test_sums_of_a_bitmask(place):
    ran = place.check("192.0.2.1", "192.0.2.5", "--list", "mask", "--json")
    summed, clear = ran.document["results"]
    assert (summed["codes"], summed["meanings"], summed["impact"]) == (["127.0.0.6"], ["black", "grey"], "high")
    assert (ran.code, clear["outcome"]) == (1, "clear")
    refused = place.check("192.0.2.2", "--list", "mask", "--json")
    assert (refused.code, refused.document["results"][0]["outcome"]) == (3, "refused")
    assert "too many queries" in refused.document["results"][0]["detail"]


def test_the_text_of_a_listing_its_zone_and_pages(every_kind):
    found = result_of(every_kind, "exact", "192.0.2.1")
    assert found["reason"] == "see https://exact.example/192.0.2.1"
    assert (found["zone"], found["kind"]) == ("exact.lists.example", "ipv4")
    assert (found["lookup_url"], found["removal"]) == ("https://exact.example/look", "https://exact.example/remove")
    assert result_of(every_kind, "keyed", "192.0.2.1")["zone"] == "keyed.lists.example"
    assert result_of(every_kind, "exact", "192.0.2.5")["reason"] is None


def test_the_condition_of_each_list(every_kind):
    health = {each["list"]: each["health"] for each in every_kind.document["lists"]}
    ill = {"refusing": "failing", "emptied": "failing", "world": "failing", "gone": "failing", "mask": "failing"}
    assert health == {each["id"]: "healthy" for each in ENTRIES} | ill | {"unverifiable": "unverifiable"}
    detail = {each["list"]: each["detail"] for each in every_kind.document["lists"]}
    assert "must be listed and is not" in detail["emptied"]
    assert "must not be listed and is" in detail["world"]
    assert "a public resolver" in detail["refusing"]


def test_results_and_summary_agree(every_kind):
    document = every_kind.document
    order = [(each["subject"], each["list"]) for each in document["results"]]
    subjects = [*ADDRESSES, *SIXES, *DOMAINS]
    assert order == sorted(order, key=lambda pair: (subjects.index(pair[0]), pair[1]))
    counted = {name: document["summary"][name] for name in ("listed", "clear", "refused", "unreachable", "nonsense")}
    assert sum(counted.values()) == len(document["results"])
    conclusive = counted["listed"] + counted["clear"]
    assert document["summary"]["verified_ratio"] == round(conclusive / len(document["results"]), 4)
    assert document["not_asked"] == []
    assert (every_kind.code, every_kind.err) == (1, "")


def test_the_same_in_words(in_words):
    accused, informed = in_words.out.split("For information, from lists that accuse nobody:")
    rows = {tuple(line.split()[:3]) for line in accused.splitlines() if len(line.split()) > 3}
    informing = {tuple(line.split()[:3]) for line in informed.splitlines() if len(line.split()) > 3}
    for list_id, subject, outcome, _, _, polarity in EXPECTED:
        row = (subject, list_id, outcome)
        assert (row in rows) is (outcome != "clear" and polarity == "block"), row
        assert (row in informing) is (outcome != "clear" and polarity != "block"), row
    assert "a poor score (42)" in informed
    assert in_words.code == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["192.0.2.5", "--list", "exact"], 0),
        (["192.0.2.3", "--list", "exact", "--min-impact", "medium"], 0),
        (["192.0.2.1", "--list", "allow", "--list", "score", "--list", "exact", "--min-impact", "high"], 0),
        (["192.0.2.5", "--list", "exact", "--list", "emptied"], 3),
        (["192.0.2.1", "--list", "exact", "--list", "world"], 1),
        (["192.0.2.2", "--list", "unverifiable"], 3),
        (["192.0.2.1", "--list", "unverifiable"], 1),
        (["192.0.2.1", "--list", "nowhere"], 2),
    ],
)
def test_exit_codes(place, arguments, expected):
    assert place.check(*arguments, "--json").code == expected


def test_the_shipped_catalogue(place):
    asked = ("spamhaus-zen", "spamhaus-dbl", "surbl-multi", "uribl-multi", "validity-score", "dnswl", "uceprotect-3")
    options = [option for list_id in asked for option in ("--list", list_id)]
    ran = place.check("192.0.2.1", "2001:db8:0:1::10", "news.acme.example", *options, "--json", mine=False)
    found = {
        (each["list"], each["kind"]): (each["outcome"], each["impact"], each["polarity"], each["scope"])
        for each in ran.document["results"]
    }
    assert ran.code == 1
    assert found == {
        ("spamhaus-zen", "ipv4"): ("listed", "critical", "block", "address"),
        ("spamhaus-zen", "ipv6"): ("listed", "critical", "block", "address"),
        ("uceprotect-3", "ipv4"): ("listed", "info", "block", "asn"),
        ("validity-score", "ipv4"): ("listed", "medium", "reputation", "address"),
        ("dnswl", "ipv4"): ("listed", "info", "allow", "address"),
        ("dnswl", "ipv6"): ("nonsense", None, "allow", "address"),
        ("spamhaus-dbl", "domain"): ("listed", "high", "block", "domain"),
        ("surbl-multi", "domain"): ("listed", "high", "block", "domain"),
        ("uribl-multi", "domain"): ("listed", "high", "block", "domain"),
    }
    surbl = result_of(ran, "surbl-multi", "news.acme.example")
    assert [meaning.split(":")[0] for meaning in surbl["meanings"]] == ["MW", "ABUSE"]
