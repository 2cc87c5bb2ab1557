"""What the repository promises about itself: documents that are true, contracts that bite, a wheel that is whole."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import load_forms
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.reply_rules import load_reply_rules
from deliverwatch.cli.main import commands
from deliverwatch.core.source_ids import SOURCE_IDS
from deliverwatch.in_use import load_classifier
from deliverwatch.settings import load_settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_names_every_list_that_leads_and_what_it_takes():
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \| [^|]+ \| (yes|no) \|", read("README.md"), re.MULTILINE))
    lists = load_lists()
    assert rows == {each.id: "yes" if each.on_by_default else "no" for each in lists.usable if each.leads}
    assert f"knows {len(lists.usable)} lists and {len(lists.dead)} dead ones. Fourteen lead" in read("README.md")
    assert len(rows) == 14


def test_the_overlay_in_the_documents_is_sound(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", read("docs/lists.md"), re.DOTALL)
    (tmp_path / "blocklists.yaml").write_text(example)
    by_id = {each.id: each for each in load_lists(overlay=tmp_path).usable}
    assert not by_id["psbl"].leads
    assert by_id["esp-internal"].zone == "bl.esp.example"


def test_the_readme_does_not_promise_more_rules_and_providers_than_there_are():
    rules, providers = re.search(r"Over (\d+) rules for over (\d+) mailbox providers", read("README.md")).groups()
    assert int(rules) < len(load_reply_rules().rules)
    assert int(providers) < len(load_mailbox_providers())


def test_the_readme_does_not_promise_more_forms_than_there_are():
    forms = re.search(r"over (\d+) forms", read("README.md"))[1]
    assert int(forms) < len(load_forms())


def test_the_readme_names_a_reply_that_is_what_it_says():
    reply = re.search(r'echo "(.+?)" \|\n +deliverwatch classify', read("README.md"))[1]
    found = load_classifier(load_settings(None, {})).classify(reply)
    assert (found.class_, found.provider, found.action) == ("ip_block", "microsoft_consumer", "draft")


def test_the_rules_in_the_documents_are_sound_and_come_first(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", read("docs/blocks.md"), re.DOTALL)
    (tmp_path / "reply_rules.yaml").write_text(example)
    assert load_reply_rules(overlay=tmp_path).rules[0].id == "corner-isp-own-list"


def test_every_setting_in_the_documents_is_one(tmp_path):
    config = tmp_path / "deliverwatch.toml"
    for document in DOCUMENTS:
        for example in re.findall(r"```toml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
            config.write_text(example.replace('"..."', '"secret"'))
            load_settings(config, {})


def test_every_source_is_in_the_documents():
    documented = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|", read("docs/sources.md"), re.MULTILINE)
    assert {id_.strip("`") for row in documented for id_ in row.split(", ")} >= set(SOURCE_IDS)


def code_in(document):
    """What stands in code blocks and between backticks."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))


def test_every_command_in_the_documents_exists():
    found = {name: each.load() for name, each in get_command(commands).commands.items()}
    groups = {name: set(each.commands) for name, each in found.items() if isinstance(each, TyperGroup)}
    for document in DOCUMENTS:
        for first, second in re.findall(r"\bdeliverwatch ([a-z]+)(?: ([a-z][a-z-]*))?", code_in(document)):
            assert first in {*found, "deliverwatch"}, f"{document.name}: deliverwatch {first}"
            if first in groups and second:
                assert second in groups[first], f"{document.name}: deliverwatch {first} {second}"


def test_every_make_verb_in_the_documents_exists():
    verbs = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", document.read_text(), re.MULTILINE))
        assert named <= verbs, f"{document.name}: {named - verbs}"


def test_every_link_in_the_documents_leads_somewhere():
    for document in DOCUMENTS:
        for target in re.findall(r"""(?:\]\(|src=")(?!https?:)([^)#"]+)""", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_room_is_on_the_map():
    folders = (path.name for path in (ROOT / "src/deliverwatch").iterdir() if path.is_dir())
    rooms = set(folders) - {"__pycache__"}
    on_the_map = read("ARCHITECTURE.md")
    assert [room for room in sorted(rooms) if f"`{room}/`" not in on_the_map] == []


def test_dependencies_are_locked_with_hashes_and_no_file_names_an_index():
    for lock in ("requirements/run.lock", "requirements/dev.lock"):
        text = read(lock)
        entries = re.findall(r"^\S+==\S+.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(entries) > 40
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert not re.search(r"index-url|find-links|https?://|^-", text, re.MULTILINE)


@pytest.fixture(scope="module")
def lint_imports():
    def lint(source):
        return run(
            str(Path(sys.executable).with_name("lint-imports")),
            "--no-cache",
            cwd=source,
            env={**os.environ, "PYTHONPATH": str(source / "src")},
        )

    return lint


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/listing.py", "import socket", "core is pure"),
        ("core/listing.py", "import deliverwatch.flows.ports", "The house is layered"),
        ("render/words.py", "import deliverwatch.catalogue", "The house is layered"),
        ("channels/email.py", "import deliverwatch.flows.look", "Of the flows, adapters know the ports alone"),
        ("flows/look.py", "import sqlmodel", "sqlmodel, sqlalchemy, alembic: only in store"),
    ],
)
def test_a_broken_contract_turns_the_check_red(lint_imports, copy, module, line, contract):
    path = copy / "src/deliverwatch" / module
    path.write_text(path.read_text() + f"\n{line}\n")
    linted = lint_imports(copy)
    assert linted.returncode == 1
    assert re.search(rf"{re.escape(contract)}.*BROKEN", linted.stdout.replace("\n", " "))


def test_reading_the_time_outside_the_clock_turns_the_check_red(copy):
    path = copy / "src/deliverwatch/core/schedule.py"
    path.write_text(path.read_text() + "\n\ndef late() -> datetime:\n    return datetime.now()\n")
    linted = run(sys.executable, "-m", "ruff", "check", "src", cwd=copy)
    assert linted.returncode == 1
    assert "only clock.py reads the time" in linted.stdout


def test_a_wheel_works_away_from_the_tree(tmp_path):
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    shutil.unpack_archive(wheel, tmp_path / "site", "zip")
    script = (
        "import deliverwatch.sandbox.demo as demo; from deliverwatch.catalogue.forms import load_forms;"
        "from deliverwatch.catalogue.blocklists import load_blocklists;"
        "from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers;"
        "from deliverwatch.catalogue.reply_rules import load_reply_rules;"
        "from deliverwatch.catalogue.warmup_plans import load_warmup_plans;"
        "from deliverwatch.render.folders import reports_folder; from deliverwatch.store import open_store;"
        "import deliverwatch; assert len(load_blocklists()) >= 10 and load_forms() and load_warmup_plans();"
        "assert load_reply_rules().rules and load_mailbox_providers();"
        "assert list(reports_folder().rglob('body.html.j2'));"
        "open_store('sqlite:///store.db'); print(deliverwatch.__file__)"
    )
    ran = run(sys.executable, "-c", script, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "site")})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().startswith(str(tmp_path / "site"))
