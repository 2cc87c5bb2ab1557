"""What bodies are made of: text with a limit and without NUL, and no keys that mean nothing."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _has_no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("NUL is no text: leave it out")
    return text


def _is_one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds control characters or line breaks: expected one line of text")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_is_one_line)]
Prose = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_has_no_nul)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_has_no_nul)]


def example(**values: Any) -> ConfigDict:
    """Of a whole body, for OpenAPI."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WithReason(Body):
    model_config = example(reason="as agreed with the customer")

    reason: Reason
