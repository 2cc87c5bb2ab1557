"""Signing in and out, and what goes with it: by name and password, or through an identity provider."""

from fastapi import APIRouter

from deliverwatch.web.signin import by_password, by_provider


def add(router: APIRouter) -> None:
    by_password.add(router)
    by_provider.add(router)
