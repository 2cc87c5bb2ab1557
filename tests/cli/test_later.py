"""What is not called is not loaded: the first page of help waits for no room, and a light command for no database."""

import subprocess
import sys

import pytest

from deliverwatch.cli.main import commands

LOADED = """
import sys
from deliverwatch.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def loaded(folder, *arguments):
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], cwd=folder, env={}, capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize("arguments", [["lists"], ["forms"], ["classify", "/dev/null"]])
def test_a_light_command_opens_no_installation(tmp_path, arguments):
    assert not {"deliverwatch.app", "deliverwatch.store", "sqlalchemy", "fastapi", "holidays"} & loaded(
        tmp_path, *arguments
    )


def test_the_first_page_of_help_loads_no_command(tmp_path):
    modules = loaded(tmp_path, "--help")
    assert "deliverwatch.cli.main" in modules
    assert not {"deliverwatch.cli.check", "deliverwatch.settings", "pydantic"} & modules


def test_a_command_that_is_loaded_bears_its_name_and_its_own_help():
    contents = commands.info.cls().commands
    for name, later in contents.items():
        assert later.get_short_help_str(80).endswith("."), name
        loaded_now = later.load()
        assert loaded_now.name == name
        assert loaded_now.help
