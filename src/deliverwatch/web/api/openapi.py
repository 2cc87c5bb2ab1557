"""The examples of answers, set into OpenAPI after FastAPI has made it.

It leaves out what is null, in examples too, and then they would not be as described.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute


def add_examples(app: FastAPI, prefix: str, routes: Iterable[BaseRoute]) -> None:
    shown = [each for each in routes if isinstance(each, APIRoute) and each.response_model is not None]
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        for route in shown:
            for method in route.methods or ():
                operation = document["paths"][f"{prefix}{route.path}"][method.lower()]
                content = operation["responses"]["200"]["content"]["application/json"]
                content["example"] = example_of(route.response_model)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def example_of(shape: Any) -> Any:
    """A whole answer of that shape, its `example`; of a page, a page with one item."""
    of = shape.__pydantic_generic_metadata__["args"]
    return {"items": [example_of(of[0])], "next": None} if of else shape.example
