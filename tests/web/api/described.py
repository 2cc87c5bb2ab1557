"""What OpenAPI says of the API, read as whoever writes a client does."""

from functools import cache

from fastapi import FastAPI

from deliverwatch.web.api import add_api


@cache
def described():
    application = FastAPI()
    add_api(application)
    return application.openapi()


def operations():
    """(label, operation), the label as "GET /api/v1/me"."""
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def schema_of(content):
    """Of one media type, with what it refers to; and under which name, if it has one."""
    schema = content["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return (described()["components"]["schemas"][name] | schema if name else schema), name


def example_of(content):
    """What stands beside the schema, or in it; None: nothing does."""
    if "example" in content:
        return content["example"]
    schema, _ = schema_of(content)
    return next(iter(schema.get("examples", ())), None)
