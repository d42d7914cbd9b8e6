"""What all parts of report.json have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class Model(BaseModel):
    """A part: frozen, every number finite or null. Fields that it does not know are left out.

    A newer FormCheck may have added them.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", allow_inf_nan=False, serialize_by_alias=True
    )


def first_finding(error: ValidationError) -> str:
    """What is wrong first, as ``where: what``."""
    finding = error.errors()[0]
    where = ".".join(str(part) for part in finding["loc"])
    return f"{where}: {finding['msg']}" if where else finding["msg"]
