"""Rows of subjects that a program sends, read by the rules of the inventory's file."""

from typing import Annotated

from pydantic import AfterValidator, Field

from deliverwatch.catalogue.inventory import InventoryId, Pooled, network_name
from deliverwatch.catalogue.schema import Text, choice
from deliverwatch.core.inventory import Asset
from deliverwatch.core.subject_changes import Change, SubjectRow
from deliverwatch.core.subjects import DomainRole, looks_like_address, normal_domain


def _name(text: str) -> str:
    return network_name(text) if looks_like_address(text) else normal_domain(text)


class SubjectChange(Pooled):
    """`pool`: of an address or range; `roles`: of a domain."""

    change: Annotated[Change, choice(Change)]
    name: Annotated[Text, AfterValidator(_name)]
    pool: InventoryId | None = None
    roles: list[Annotated[DomainRole, choice(DomainRole)]] = Field(default_factory=list)
    dkim_selectors: list[Text] = Field(default_factory=list)

    def row(self, holder: str) -> SubjectRow:
        asset = Asset(
            name=self.name,
            holder=holder,
            pool=self.pool,
            stream=self.stream,
            subaccounts=tuple(self.subaccounts or ()),
            roles=tuple(dict.fromkeys(self.roles)),
            dkim_selectors=tuple(self.dkim_selectors),
            network_owner=self.network_owner,
            from_on=self.from_,
            until_on=self.until,
        )
        return SubjectRow(self.change, asset)
