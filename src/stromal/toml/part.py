"""The base of every table of a TOML file, and the fields that many of them share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Part(BaseModel):
    """A table of a file: frozen, and refusing keys it does not know.

    Examples
    --------
    >>> class Dose(Part):
    ...     amount: Positive
    >>> Dose.model_validate({"amount": 2.0})
    Dose(amount=2.0)
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False
    )
