"""The shipped providers: whole, certain, and found by host first, then by domain."""

from collections import Counter

import pytest

from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.provider import ProviderDirectory, ProviderKind

PROMISED = [
    "microsoft_consumer",
    "microsoft_365",
    "google",
    "yahoo",
    "yahoo_japan",
    "apple",
    "comcast",
    "att",
    "cox",
    "charter",
    "earthlink",
    "bell",
    "rogers",
    "telus",
    "shaw",
    "videotron",
    "unitedinternet",
    "t_online",
    "freenet",
    "orange",
    "free",
    "sfr",
    "laposte",
    "libero",
    "tim",
    "tiscali",
    "bt",
    "virgin_media",
    "talktalk",
    "sky",
    "bluewin",
    "ziggo",
    "kpn",
    "telenet",
    "proximus",
    "seznam",
    "wp",
    "onet",
    "interia",
    "mailru",
    "yandex",
    "rambler",
    "telstra",
    "optus",
    "qq",
    "netease",
    "sohu",
    "naver",
    "daum",
    "docomo",
    "kddi",
    "softbank",
    "uol",
    "terra",
    "proton",
    "fastmail",
    "zoho",
    "rackspace",
    "godaddy",
    "titan",
    "mxroute",
    "untd",
    "i_ua",
    "proofpoint",
    "cloudmark",
    "mimecast",
    "barracuda",
    "cisco_talos",
    "broadcom_messagelabs",
    "trendmicro",
    "sophos",
    "fortinet",
    "trellix",
    "vade",
    "hornetsecurity",
    "zerospam",
    "mailchannels",
    "spamhaus",
]

FILTERS = [
    "proofpoint",
    "cloudmark",
    "mimecast",
    "barracuda",
    "cisco_talos",
    "broadcom_messagelabs",
    "trendmicro",
    "sophos",
    "vade",
]


@pytest.fixture(scope="module")
def providers():
    return load_mailbox_providers()


@pytest.fixture(scope="module")
def directory(providers):
    return ProviderDirectory.of(providers)


def test_the_promised_ids_are_there(providers):
    assert len(PROMISED) == 78
    assert set(PROMISED) <= {provider.id for provider in providers}


def test_filters_are_told_from_mailbox_providers(providers):
    kinds = {provider.id: provider.kind for provider in providers}
    assert {kinds[each] for each in FILTERS} == {ProviderKind.FILTER}
    assert kinds["google"] is ProviderKind.MAILBOX_PROVIDER


@pytest.mark.parametrize("key", ["domains", "hosts", "aliases"])
def test_a_name_belongs_to_one_provider(providers, key):
    names = Counter(name.casefold() for provider in providers for name in getattr(provider, key))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_shared_host_is_nobodys_own(providers):
    shared = {host for provider in providers for host in provider.shared_hosts}
    assert shared
    assert not shared & {host for provider in providers for host in provider.hosts}


def test_each_entry_can_be_recognised_somehow(providers):
    mute = [each.id for each in providers if not (each.domains or each.hosts or each.shared_hosts or each.aliases)]
    assert mute == []


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("eur.olc.protection.outlook.com", "microsoft_consumer"),
        ("example-com.mail.protection.outlook.com", "microsoft_365"),
        ("GMAIL-smtp-in.l.google.com.", "google"),
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx-rogers.mail.am0.yahoodns.net", "rogers"),
        ("cxr.mx.a.cloudfilter.net", "cox"),
        ("mx00.kundenserver.de", "unitedinternet"),
        ("mx1.example.pphosted.com", "proofpoint"),
        ("eu-smtp-inbound-1.mimecast.com", "mimecast"),
        ("mx1.mail.yahoo.co.jp", "yahoo_japan"),
        ("mx1.a.cloudfilter.net", None),
        ("mx1.iss.as9143.net", None),
        ("ec2-192-0-2-1.compute-1.amazonaws.com", None),
        ("google.com.mx.example", None),
        ("notyahoodns.net", None),
    ],
)
def test_by_host(directory, host, found):
    assert directory.of_host(host) == found


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("Hotmail.co.uk", "microsoft_consumer"),
        ("live.fr", "microsoft_consumer"),
        ("live.example.com", None),
        ("outlook.com.br", "microsoft_consumer"),
        ("yahoo.com.ar", "yahoo"),
        ("yahoo.co.jp", "yahoo_japan"),
        ("gmx.ch", "unitedinternet"),
        ("yandex.com.tr", "yandex"),
        ("tampabay.rr.com", "charter"),
        ("contoso.onmicrosoft.com", "microsoft_365"),
        ("att.net", "yahoo"),
        ("rogers.com", "rogers"),
        ("blueyonder.co.uk", "virgin_media"),
        ("not-hotmail.com", None),
        ("hotmail.com.evil.example", None),
        ("example.com", None),
    ],
)
def test_by_domain(directory, domain, found):
    assert directory.of_domain(domain) == found


@pytest.mark.parametrize(
    ("host", "domain", "found"),
    [
        ("mx-att.mail.am0.yahoodns.net", "att.net", "yahoo"),
        ("mx-eu.mail.am0.yahoodns.net", "comcast.net", "yahoo"),
        ("mx1.comcast.net", "comcast.net", "comcast"),
        ("al-ip4-mx-vip1.prodigy.net", "sbcglobal.net", "att"),
        ("mx1.example.pphosted.com", "gmail.com", "proofpoint"),
        ("mx2.iss.as9143.net", "ziggo.nl", "ziggo"),
        ("mx2.iss.as9143.net", "virginmedia.com", "virgin_media"),
        ("mx.example.net", "gmail.com", "google"),
        (None, "orange.fr", "orange"),
        (None, None, None),
        ("mx.example.net", "example.net", None),
    ],
)
def test_the_host_goes_before_the_domain(directory, host, domain, found):
    assert directory.identify(host, domain) == found


@pytest.mark.parametrize(
    ("alias", "found"),
    [
        ("Gmail", "google"),
        ("Gsuite", "google"),
        ("Hotmail / Outlook", "microsoft_consumer"),
        ("office 365", "microsoft_365"),
        ("Verizon Media Group", "yahoo"),
        ("Free.fr", "free"),
        (" T-Online ", "t_online"),
        ("Educational", None),
    ],
)
def test_by_a_platforms_name(directory, alias, found):
    assert directory.of_alias(alias) == found


def test_an_overlay_adds_a_domain_and_a_provider(tmp_path):
    (tmp_path / "mailbox_providers.yaml").write_text(
        "providers:\n"
        "  - {id: proton, domains: [proton.example]}\n"
        "  - {id: acme, name: Acme, kind: filter, domains: ['*.acme.example'], source: us, checked_on: 2026-11-22}\n"
    )
    directory = ProviderDirectory.of(load_mailbox_providers(overlay=tmp_path))
    assert directory.of_domain("proton.example") == "proton"
    assert directory.of_domain("mail.acme.example") == "acme"
    assert directory.of_host("mail.protonmail.ch") == "proton"


def test_a_domain_that_two_claim_is_a_fault(tmp_path):
    (tmp_path / "mailbox_providers.yaml").write_text(
        "providers:\n"
        "  - {id: acme, name: Acme, kind: mailbox_provider, domains: [gmail.com], source: us, checked_on: 2026-11-22}\n"
    )
    with pytest.raises(CatalogueError) as told:
        load_mailbox_providers(overlay=tmp_path)
    assert "'gmail.com' belongs to google already" in str(told.value)
