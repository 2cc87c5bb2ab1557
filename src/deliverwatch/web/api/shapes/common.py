"""What many documents share."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-18T12:00:00Z"])]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-18"])]
CustomerId = Annotated[str, Field(examples=["acme"])]
Ip = Annotated[str, Field(examples=["192.0.2.10"])]
Ratio = Annotated[float, Field(ge=0, le=1, examples=[0.25])]
Facts = dict[str, Any]


class PageOf(BaseModel, Generic[T]):
    items: list[T]
    next: Annotated[str | None, Field(description="The cursor of the next page; null: this is the last.")]
