"""`/me`: who asks by this token, and what they may do and see."""

from fastapi import APIRouter, Request, Response

from deliverwatch.web.api.asking import Looks
from deliverwatch.web.api.operations import answer, reads
from deliverwatch.web.api.shapes.desk import MeShape


def add(router: APIRouter) -> None:
    @reads(router, "/me", "me.show", "Who asks", MeShape)
    async def me(request: Request, viewer: Looks) -> Response:
        """The account behind the token, what it may do, and whose data it sees."""
        document = {
            "account": viewer.account,
            "by": viewer.by,
            "acts": sorted(viewer.acts),
            "sees_all": viewer.sees_all,
            "customers": sorted(viewer.customers) if viewer.customers is not None else None,
            "token": viewer.token,
        }
        return answer(request, document)
