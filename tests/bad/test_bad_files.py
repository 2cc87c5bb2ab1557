"""Each wrong file beside this test, with the whole message it must give (`<case>.expected`).

A case is a file, or a folder where the catalogue has folders. To add one, put it here with the message you want.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.catalogue.bulletin import load_bulletin
from deliverwatch.catalogue.forms import load_forms
from deliverwatch.catalogue.inventory import read_inventory
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.catalogue.warmup_plans import load_warmup_plans
from deliverwatch.core.errors import ConfigError
from deliverwatch.settings import load_settings

HERE = Path(__file__).parent
LOADERS: Mapping[str, Callable[[Path], Any]] = {
    "blocklists": load_blocklists,
    "bulletin": load_bulletin,
    "forms": load_forms,
    "inventory": read_inventory,
    "mailbox_providers": load_mailbox_providers,
    "reply_rules": load_reply_rules,
    "settings": lambda path: load_settings(path, {}),
    "warmup_plans": load_warmup_plans,
}
CASES = sorted(
    path.relative_to(HERE) for kind in LOADERS for path in (HERE / kind).iterdir() if path.suffix != ".expected"
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_message_is_the_expected_one(case, monkeypatch):
    monkeypatch.chdir(HERE / case.parent)
    with pytest.raises(ConfigError) as raised:
        LOADERS[case.parts[0]](Path(case.name))
    expected = (HERE / case.parent / f"{case.name}.expected").read_text(encoding="utf-8")
    assert f"{raised.value}\n" == expected


def test_no_message_is_left_without_its_file():
    expected = {path.relative_to(HERE) for path in HERE.glob("*/*.expected")}
    assert expected == {case.with_name(f"{case.name}.expected") for case in CASES}
    assert len(CASES) >= 80
