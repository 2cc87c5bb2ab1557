"""The shipped bulletin, and an operator's own items over it. What is wrong with a file: tests/bad/bulletin."""

from datetime import date

from deliverwatch.catalogue.bulletin import load_bulletin
from deliverwatch.core.inventory import Language

OURS = """on: 2026-11-17
title: {en: News, de: Neues, es: Noticia, id: Berita}
text: {en: Of ours., de: Von uns., es: Nuestra., id: Kami.}
source: https://esp.example/news
"""


def test_the_shipped_items_are_dated_named_and_in_all_languages():
    items = load_bulletin()
    assert len(items) >= 3
    for item in items:
        assert item.id.startswith(f"{item.on}-")
        assert item.source.startswith("https://")
        assert item.title.keys() == item.text.keys() == set(Language)
        assert len(set(item.text.values())) == len(Language)


def test_an_operators_item_comes_besides_and_replaces_one_of_its_name(tmp_path):
    folder = tmp_path / "bulletin"
    folder.mkdir()
    (folder / "2026-11-17-ours.yaml").write_text(OURS)
    shipped = load_bulletin()
    replaced = shipped[0].id
    (folder / f"{replaced}.yaml").write_text(OURS.replace("2026-11-17", replaced[:10]))
    items = {item.id: item for item in load_bulletin(overlay=tmp_path)}
    assert items.keys() == {item.id for item in shipped} | {"2026-11-17-ours"}
    assert items["2026-11-17-ours"].on == date(2026, 11, 17)
    assert items[replaced].title[Language.DE] == "Neues"
