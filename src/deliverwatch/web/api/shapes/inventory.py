"""Customers and what they hold."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from deliverwatch.core.inventory import Language, ServiceZone
from deliverwatch.web.api.shapes.common import CustomerId, Day, Facts
from deliverwatch.web.api.shapes.examples import ASSET, CUSTOMER

Name = Annotated[str, Field(examples=["192.0.2.10"], description="An address, a range or a domain.")]


class TamShape(BaseModel):
    name: Annotated[str, Field(examples=["Robin Doe"])]
    email: Annotated[str, Field(examples=["robin.doe@esp.example"])]
    phone: str | None


class ReportSettings(BaseModel):
    enabled: bool


class AssetShape(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [ASSET]})

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
    model_config = ConfigDict(json_schema_extra={"examples": [CUSTOMER]})

    id: CustomerId
    name: Annotated[str, Field(examples=["Acme Ltd"])]
    service_time_zone: ServiceZone
    language: Language
    tam: TamShape
    contacts: Annotated[list[str], Field(examples=[["postmaster@acme.example"]])]
    report: ReportSettings


class WholeCustomerShape(CustomerShape):
    model_config = ConfigDict(json_schema_extra={"examples": [CUSTOMER | {"assets": [ASSET]}]})

    assets: list[AssetShape]


class ChangeLine(BaseModel):
    what: Annotated[str, Field(examples=["add"])]
    name: Annotated[str, Field(examples=["192.0.2.10 (acme)"])]


class ChangesShape(BaseModel):
    dry_run: bool
    changes: list[ChangeLine]


class ForgottenShape(BaseModel):
    customer: CustomerId
    deleted: Annotated[dict[str, int], Field(examples=[{"drafts": 4, "events": 12}])]
    anonymised: Annotated[dict[str, int], Field(examples=[{"events": 2}])]


class CustomerDataShape(BaseModel):
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
