"""What stands in paths: ids, as the lists that they come from have them."""

from typing import Annotated

from fastapi import Path

CustomerId = Annotated[str, Path(description="As the list of customers has it.", examples=["acme"])]
DraftId = Annotated[str, Path(description="As the list of drafts has it.", examples=["d-b21846b9f269c"])]
WarmupIp = Annotated[str, Path(description="The address that is warmed up.", examples=["192.0.2.30"])]
BlockId = Annotated[
    str, Path(description="As the list of blocks has it.", examples=["859c2804-f9f6-56de-a3b6-d9bae5f9fd1f"])
]
ReportId = Annotated[str, Path(description="As the list of reports has it.", examples=["r-acme-2026-W47"])]
ListId = Annotated[str, Path(description="As the catalogue has it.", examples=["spamhaus-zen"])]
AlertNumber = Annotated[str, Path(description="The number of its event.", examples=["4711"])]
MessageId = Annotated[
    str, Path(description="As the alert's notifications have it.", examples=["60690665-2403-53a8-948f-358e417e1282"])
]
SilenceId = Annotated[str, Path(description="As the list of silences has it.", examples=["s-0a1b2c3d"])]
TokenId = Annotated[str, Path(description="As the list of tokens has it; not its text.", examples=["260eebe40a103376"])]
