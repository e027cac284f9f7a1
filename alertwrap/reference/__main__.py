"""The reference, made from the code: `python -m alertwrap.reference docs` writes settings, api, problems, openapi.json.

A test compares the pages with what this makes, so they cannot go stale.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from alertwrap.reference.refusals import problems_page
from alertwrap.up.data_directory import DataDirectory
from alertwrap.up.services import SERVICES, open_all, read_settings
from service_kit.peer import Peer
from service_kit.settings import PREFIX, Common, Source
from service_kit.tasks import Tasks
from wire.durations import render

_SETTINGS_HEAD = """# Settings

Made from the code by `python -m alertwrap.reference docs`; do not edit.

Settings come from one TOML file (`--config FILE` or `ALERTWRAP_CONFIG`) and from the environment, which wins.
`ALERTWRAP_EMAIL__URL` sets `url` in `[email]`. Any variable may end in `_FILE` and name a file that holds the value.
Lists and tables are written as JSON. All mistakes are reported at once, each by the name under which it was set.
"""
_API_HEAD = """# HTTP API

Made from the code by `python -m alertwrap.reference docs`; do not edit. `/openapi.json` has every shape.

Tokens go into the header `Authorization: Bearer …`. Errors are problem documents (RFC 9457) with a stable `code` and,
where fields are wrong, `errors` with a JSON Pointer and a sentence for each: [problems.md](problems.md). Lists take
`limit` and answer `next`, the cursor of the next page.

Bodies are JSON in UTF-8, at most 32 levels deep. NUL, lone surrogates, NaN and numbers that no float holds (1e999) are
refused at every door; of two members of one name the last one counts. A body that says it is something else, or that
is compressed, gets 415; one that says nothing is taken for JSON. The websocket `/api/v1/follow` is described in
[follow.md](follow.md).
"""


def settings_page() -> str:
    """Markdown: one table for each section, one row for each setting."""
    parts = [_SETTINGS_HEAD, *_section("Common", Common)]
    for name, (model, _, _) in SERVICES.items():
        parts += _section(name, model)
    return "\n".join(parts)


def _section(title: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| variable | default | what it is |\n|---|---|---|"
    yield from _rows(model, PREFIX)
    yield ""


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        variable = prefix + (field.alias or name).upper()
        inner = _model(field.annotation)
        if inner is not None:
            yield from _rows(inner, variable + "__")
        else:
            yield f"| `{variable}` | {_default(name, field)} | {field.description or ''} |"


def _model(annotation: Any) -> type[BaseModel] | None:
    """The section that a field is, also when it may be left out."""
    for kind in () if get_origin(annotation) is dict else (annotation, *get_args(annotation)):
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            return kind
    return None


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is PydanticUndefined:
        return "`{}`" if name == "peers" else "XDG data directory" if name == "data" else "empty"
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, timedelta):
        return f"`{render(value)}`"
    return "`[]`" if value == () else f"`{value}`"


def api_page(document: dict[str, Any]) -> str:
    """Markdown: each path with what it does, and the scope that it wants."""
    lines = [_API_HEAD, "| method | path | scope | what it does |\n|---|---|---|---|"]
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            what = " ".join(operation.get("description", operation.get("summary", "")).split("\n\n")[0].split())
            lines.append(f"| {method.upper()} | `{path}` | {_scope(operation)} | {what} |")
    return "\n".join(lines) + "\n"


def _scope(operation: dict[str, Any]) -> str:
    if not operation["security"]:
        return "anyone"
    scopes = operation["security"][0]["token"]
    return f"`{scopes[0]}`" if scopes else "by topic"


def openapi_file(document: dict[str, Any]) -> str:
    """What the panel's types are made from."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


async def openapi() -> dict[str, Any]:
    """The OpenAPI document of all services together."""
    with tempfile.TemporaryDirectory() as directory:
        data = DataDirectory(Path(directory))
        common, settings = read_settings(Source({}, {}))
        common = common.model_copy(update={"data": data.path, "token": data.bootstrap()})
        tasks = Tasks()
        async with open_all(settings, common, tasks) as app:
            async with Peer("http://alertwrap", common.bootstrap(), app).http() as http:
                document: dict[str, Any] = (await http.get("/openapi.json")).json()
            await tasks.close()
        return document


if __name__ == "__main__":
    pages = Path(sys.argv[1])
    (pages / "settings.md").write_text(settings_page(), "utf-8")
    document = asyncio.run(openapi())
    (pages / "api.md").write_text(api_page(document), "utf-8")
    (pages / "problems.md").write_text(problems_page(), "utf-8")
    (pages / "openapi.json").write_text(openapi_file(document), "utf-8")
