"""`customers data` and `customers forget`."""

import json

INVENTORY = """
customers:
  - id: acme
    name: Acme Ltd
    service_time_zone: uk
    tam: {name: Example TAM, email: tam@esp.example}
    pools:
      - {id: news, ips: [192.0.2.10]}
  - id: bravo
    name: Bravo Ltd
    service_time_zone: uk
    tam: {name: Example TAM, email: tam@esp.example}
"""


async def test_what_is_kept_is_printed_and_forgotten_only_when_it_is_said_twice(tmp_path, deliverwatch):
    (tmp_path / "deliverwatch.toml").write_text(
        f'[store]\nurl = "sqlite:///{tmp_path}/deliverwatch.db"\n', encoding="utf-8"
    )
    (tmp_path / "inventory.yaml").write_text(INVENTORY, encoding="utf-8")
    assert (await deliverwatch("customers", "import", "inventory.yaml")).code == 0
    kept = json.loads((await deliverwatch("customers", "data", "acme")).out)
    assert [each["name"] for each in kept["customer"]["assets"]] == ["192.0.2.10"]
    for words, why in (((), "--yes"), (("--yes",), "still holds 1 subjects (192.0.2.10)")):
        refused = await deliverwatch("customers", "forget", "acme", *words)
        assert refused.code == 2
        assert why in refused.err
    gone = await deliverwatch("customers", "forget", "acme", "--yes", "--with-assets", "--json")
    assert gone.code == 0
    assert json.loads(gone.out)["deleted"]["asset"] == 1
    left = json.loads((await deliverwatch("customers", "list", "--json")).out)
    assert [each["id"] for each in left] == ["bravo"]
    assert (await deliverwatch("customers", "data", "acme")).code == 2
