"""Parameters that many routes take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path, Query
from pydantic import Field

from wire.ids import Name, Segment

_LARGEST = 2**31 - 1

ItemId = Annotated[Segment, Path(description="The item's id.")]
AlertName = Annotated[Name, Path(description="The alert's name.")]
Number = Annotated[int, Path(ge=1, le=_LARGEST, description="A revision.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Items of one page.")]
After = Annotated[Segment | None, Query(alias="next", description="Where the page before said that this one begins.")]
Before = Annotated[
    Annotated[int, Field(ge=1, le=_LARGEST)] | None,
    Query(alias="next", description="Where the page before said that this one begins."),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of what was read.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="The ETag of what the caller has.")]
