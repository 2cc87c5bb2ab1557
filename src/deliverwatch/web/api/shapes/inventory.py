"""Customers and what they hold."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from deliverwatch.core.inventory import Language, ServiceZone
from deliverwatch.web.api.shapes.common import CustomerId, Day, Facts
from deliverwatch.web.api.shapes.desk_examples import CHANGES, CUSTOMER_DATA, FORGOTTEN
from deliverwatch.web.api.shapes.examples import ASSET, CUSTOMER

Name = Annotated[str, Field(examples=["192.0.2.10"], description="An address, a range or a domain.")]


class TamShape(BaseModel):
    name: Annotated[str, Field(examples=["Robin Doe"])]
    email: Annotated[str, Field(examples=["robin.doe@esp.example"])]
    phone: str | None


class ReportSettings(BaseModel):
    enabled: bool


class AssetShape(BaseModel):
    example: ClassVar[Facts] = ASSET

    name: Name
    shared: Annotated[bool, Field(description="The ESP's own, shared with customers.")]
    pool: Annotated[str | None, Field(examples=["acme-news"])]
    stream: Annotated[str | None, Field(examples=["newsletter"])]
    roles: list[str]
    dkim_selectors: list[str]
    network_owner: str | None
    from_: Annotated[Day | None, Field(alias="from")]
    until: Day | None


class CustomerShape(BaseModel):
    example: ClassVar[Facts] = CUSTOMER

    id: CustomerId
    name: Annotated[str, Field(examples=["Acme Ltd"])]
    service_time_zone: ServiceZone
    language: Language
    tam: TamShape
    contacts: Annotated[list[str], Field(examples=[["postmaster@acme.example"]])]
    report: ReportSettings


class WholeCustomerShape(CustomerShape):
    example: ClassVar[Facts] = CUSTOMER | {"assets": [ASSET]}

    assets: list[AssetShape]


class ChangeLine(BaseModel):
    what: Annotated[str, Field(examples=["add"])]
    name: Annotated[str, Field(examples=["192.0.2.10 (acme)"])]


class ChangesShape(BaseModel):
    example: ClassVar[Facts] = CHANGES

    dry_run: bool
    changes: list[ChangeLine]


class ForgottenShape(BaseModel):
    example: ClassVar[Facts] = FORGOTTEN

    customer: CustomerId
    deleted: Annotated[dict[str, int], Field(description="Rows, by what they are.")]
    anonymised: Annotated[dict[str, int], Field(description="What stays, without them.")]


class CustomerDataShape(BaseModel):
    example: ClassVar[Facts] = CUSTOMER_DATA

    customer: WholeCustomerShape
    listings: list[Facts]
    blocks: list[Facts]
    events: list[Facts]
    warmups: list[Facts]
    drafts: list[Facts]
    action_requests: list[Facts]
    practice: list[Facts]
    advice: list[Facts]
    reports: list[Facts]
    report_words: list[Facts]
    report_contacts: list[Facts]
