"""The customers file: what is read from YAML and CSV, and that an export reads back to the same."""

from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.catalogue.inventory import WantedInventory, export_inventory, read_inventory
from deliverwatch.core.errors import InventoryError
from deliverwatch.core.inventory import Asset, Customer, Inventory, Language, ServiceZone, Tam
from deliverwatch.core.subjects import DomainRole

ACME = Customer(
    "acme",
    "Acme Ltd",
    ServiceZone.EASTERN,
    Tam("Example TAM", "tam@esp.example", "+1 555 0100"),
    ("postmaster@acme.example",),
)
SHARED = Asset("203.0.113.0/29", None, ("acme",), pool="shared-1", stream="shared")
LINKS = Asset("links.esp.example", None, ("acme",), roles=(DomainRole.LINK,))
NEWS = Asset("192.0.2.10", "acme", pool="acme-news", stream="newsletter", subaccounts=("101",))
ALL_ROLES = (DomainRole.FROM, DomainRole.ENVELOPE, DomainRole.DKIM, DomainRole.LINK)
EXPECTED = WantedInventory(
    customers=(ACME,),
    assets=(
        SHARED,
        LINKS,
        NEWS,
        replace(NEWS, name="198.51.100.0/28"),
        replace(NEWS, name="2001:db8::10", from_on=date(2026, 3, 1)),
        Asset("news.acme.example", "acme", roles=ALL_ROLES, dkim_selectors=("s1",)),
    ),
    has_esp=True,
)
CSV = """\
customer,name,service_time_zone,language,tam_name,tam_email,tam_phone,contacts,report,pool,stream,subaccounts,ip,\
domain,roles,dkim_selectors,from,shared_with
esp,,,,,,,,,shared-1,shared,,203.0.113.0/29,,,,,acme
esp,,,,,,,,,,,,,links.esp.example,link,,,acme
acme,Acme Ltd,eastern,en,Example TAM,tam@esp.example,+1 555 0100,postmaster@acme.example,true,acme-news,newsletter,101,\
192.0.2.10,,,,,
acme,,,,,,,,,acme-news,,,198.51.100.0/28,,,,,
acme,Acme Ltd,,,,,,,,acme-news,newsletter,,2001:DB8::10,,,,2026-03-01,
acme,,,,,,,,,,,,,NEWS.acme.example.,from; envelope;dkim link,s1,,
"""


@pytest.fixture
def read(tmp_path):
    def read(text, name="file.yaml", **how):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_inventory(tmp_path / name, **how)

    return read


def test_the_example_is_read_as_it_looks():
    assert read_inventory(Path(str(files("deliverwatch") / "example_inventory.yaml"))) == EXPECTED


def test_csv_says_the_same_as_yaml(read):
    assert read(CSV, "file.csv") == EXPECTED


def test_csv_of_a_spreadsheet_with_other_column_names(read):
    header = "\ufeffID,Name,Service_Time_Zone,tam.name,tam.email,pool,ips\r\n"
    text = header + "acme,Acme Ltd,uk,T,t@esp.example,p,192.0.2.1\r\n"
    found = read(text, "FILE.CSV")
    assert [(asset.name, asset.holder) for asset in found.assets] == [("192.0.2.1", "acme")]
    assert not found.has_esp


def test_a_customer_without_assets_and_an_esp_without_customers(read):
    bare = read("customers: [{id: a, name: A, service_time_zone: uk, tam: {name: T, email: t@esp.example}}]")
    assert bare == WantedInventory((Customer("a", "A", ServiceZone.UK, Tam("T", "t@esp.example"), ()),), (), False)
    assert read("esp: {}\n") == WantedInventory((), (), True)


def test_what_a_pool_says_counts_for_the_addresses_that_say_nothing_else(read):
    found = read(
        "esp:\n  pools:\n    - id: p\n      from: 2026-01-01\n      network_owner: Example Net\n      ips:\n"
        "        - 192.0.2.1\n        - {ip: 192.0.2.2, from: 2026-02-01, network_owner: Other Net}\n"
    )
    assert [(asset.from_on, asset.network_owner) for asset in found.assets] == [
        (date(2026, 1, 1), "Example Net"),
        (date(2026, 2, 1), "Other Net"),
    ]


def test_the_esp_may_share_with_customers_that_are_known_already(read):
    text = "esp: {pools: [{id: p, ips: [192.0.2.1], customers: [acme]}]}\n"
    assert read(text, known_customers=["acme"]).assets[0].shared_with == ("acme",)
    with pytest.raises(InventoryError, match="unknown customer 'acme': none is known"):
        read(text)


def test_another_may_hold_a_part_or_the_same_on_other_days(read):
    head = "service_time_zone: uk, tam: {name: T, email: t@esp.example}, pools"
    found = read(
        "esp: {pools: [{id: p, ips: [192.0.2.0/30], customers: [b]}]}\ncustomers:\n"
        f"  - {{id: a, name: A, {head}: [{{id: p, ips: [192.0.2.1, {{ip: 198.51.100.1, until: 2026-06-30}}]}}]}}\n"
        f"  - {{id: b, name: B, {head}: [{{id: p, ips: [{{ip: 198.51.100.1, from: 2026-07-01}}]}}]}}\n"
    )
    assert [asset.holder for asset in found.assets] == [None, "a", "a", "b"]


def test_a_thousand_ranges_side_by_side_do_not_overlap(read):
    ips = "".join(f"        - 10.{number // 256}.{number % 256}.0/24\n" for number in range(1000))
    assert len(read(f"esp:\n  pools:\n    - id: p\n      ips:\n{ips}").assets) == 1000
    with pytest.raises(InventoryError, match=r"line 1005.*10.0.7.7 overlaps 10.0.7.0/24 on line 12"):
        read(f"esp:\n  pools:\n    - id: p\n      ips:\n{ips}        - 10.0.7.7\n")


DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
WORDS = st.sampled_from(["no", "null", "1", "010", "1e3", "2026-11-24", "true", "~", "- x", "a: b", "#", "@x", "22:22"])


@st.composite
def inventories(draw):
    customers = [
        Customer(
            name,
            draw(NAMES | WORDS),
            draw(st.sampled_from(list(ServiceZone))),
            Tam(draw(NAMES | WORDS), "tam@esp.example", draw(st.none() | WORDS)),
            tuple(draw(st.sets(st.sampled_from(["a@acme.example", "no@acme.example"])))),
            draw(st.sampled_from(list(Language))),
            draw(st.booleans()),
        )
        for name in sorted(draw(st.sets(st.sampled_from(["acme", "no", "1", "b.c"]), min_size=1)))
    ]
    assets, numbers = [], {}
    for holder in (None, *(customer.id for customer in customers)):
        for number in draw(
            st.sets(st.sampled_from(numbers.setdefault(holder, range(1 + len(numbers), 46, 5))), max_size=5)
        ):
            shared = () if holder else tuple(sorted(draw(st.sets(st.sampled_from([each.id for each in customers])))))
            begin, end = draw(DAYS), draw(DAYS)
            held = {"network_owner": draw(st.none() | WORDS), "from_on": begin, "until_on": end}
            if begin and end and begin > end:
                held |= {"from_on": end, "until_on": begin}
            if draw(st.booleans()):
                roles = tuple(draw(st.lists(st.sampled_from(list(DomainRole)), unique=True)))
                selectors = tuple(draw(st.lists(WORDS, max_size=2)))
                domain = Asset(f"d{number}.example", holder, shared, roles=roles, dkim_selectors=selectors, **held)
                assets.append(domain)
            else:
                name = draw(st.sampled_from([f"192.0.2.{number}", f"10.{number}.0.0/24", f"2001:db8::{number}"]))
                pool, stream = draw(st.sampled_from(["p", "no", "10"])), draw(st.none() | WORDS)
                accounts = tuple(draw(st.lists(WORDS, max_size=2)))
                assets.append(Asset(name, holder, shared, pool=pool, stream=stream, subaccounts=accounts, **held))
    return Inventory(tuple(customers), tuple(assets))


@given(inventories())
def test_an_export_reads_back_to_the_same(tmp_path_factory, inventory):
    path = tmp_path_factory.getbasetemp() / "export.yaml"
    path.write_text(export_inventory(inventory), encoding="utf-8")
    found = read_inventory(path)
    assert found.customers == inventory.customers
    assert sorted(found.assets, key=repr) == sorted(inventory.assets, key=repr)
    assert found.has_esp == any(asset.holder is None for asset in inventory.assets)


def test_an_export_writes_equal_dates_out_instead_of_referring_to_the_first(read):
    since = date(2026, 3, 1)
    assets = tuple(Asset(f"192.0.2.{each}", "acme", pool="p", from_on=since) for each in (1, 2))
    mixed = (*assets, Asset("192.0.2.3", "acme", pool="p"))
    assert read(export_inventory(Inventory((ACME,), mixed))).assets == mixed


def test_an_asset_that_was_never_held_is_not_exported(tmp_path):
    never = Asset("192.0.2.1", "acme", pool="p", from_on=date(2026, 3, 2), until_on=date(2026, 3, 1))
    assert "192.0.2.1" not in export_inventory(Inventory((ACME,), (never,)))
