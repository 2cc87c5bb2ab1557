"""A command that is loaded when it is called.

A command brings its rooms along, and all of them together take a second to load. So the first page of help is written
from a table of contents, and a command's module, with the help that it writes itself, is loaded by whoever names it.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Later(TyperCommand):
    """`place`: "module:name" within this package, of a function or of a group."""

    def __init__(self, name: str, place: str, short_help: str) -> None:
        super().__init__(name=name, short_help=short_help)
        self._name = name
        self._module, self._attribute = place.split(":")

    def load(self) -> Any:
        found = getattr(import_module(f"deliverwatch.cli.{self._module}"), self._attribute)
        shell = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            shell.add_typer(found, name=self._name)
        else:
            shell.command(self._name)(found)
        return get_group(shell).commands[self._name]

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """What is invoked is the command of the context, and that is the one loaded."""
        return self.load().make_context(*arguments, **more)


def group_of(*contents: Later) -> type[TyperGroup]:
    class Contents(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes | {"commands": list(contents)})

    return Contents
