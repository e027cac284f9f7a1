"""docs/problems.md: every refusal of the services, and every reason why a message is not sent, read from the calls that
make them.

Sentence, code and parameters stand literally in each call, so that they can be read here, and looked for by anyone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Literal

from pydantic_core import PydanticKnownError

from service_kit.problems import Problem

ROOT = Path(__file__).parents[2]
PACKAGES = ("wire", "service_kit", "notifier", "configurator", "notice_center", "msg_sender", "alertwrap")
#: Calls that make a field's error → which of their arguments is the sentence.
_OF_FIELDS = {"wrong": 1, "JsonError": 1, "Refusal": 0}
#: Calls that say why a message is not sent, in these packages; others may mean something else by such a name.
_OF_DELIVERIES = frozenset({"because", "Denied", "NoAnswer"})
_DELIVERING = ("msg_sender", "service_kit")
#: Keywords of a Problem that are no parameters of its sentence.
_OTHERS = frozenset({"code", "errors", "retry_after"})
#: The shapes that the framework checks before anyone of us: its type, and what it says to need.
_SHAPES: tuple[tuple[str, dict[str, int | str]], ...] = (
    ("missing", {}), ("extra_forbidden", {}), ("string_type", {}), ("string_too_short", {"min_length": 2}),
    ("string_too_long", {"max_length": 2}), ("string_pattern_mismatch", {"pattern": ""}), ("int_type", {}),
    ("int_parsing", {}), ("int_parsing_size", {}), ("int_from_float", {}), ("float_type", {}), ("float_parsing", {}),
    ("finite_number", {}), ("bool_type", {}), ("bool_parsing", {}), ("literal_error", {"expected": ""}),
    ("dict_type", {}), ("model_type", {"class_name": ""}), ("model_attributes_type", {}), ("list_type", {}),
    ("tuple_type", {}), ("too_short", {"field_type": "", "min_length": 2, "actual_length": 2}),
    ("too_long", {"field_type": "", "max_length": 2, "actual_length": 2}), ("greater_than_equal", {"ge": 2}),
    ("greater_than", {"gt": 2}), ("less_than_equal", {"le": 2}), ("less_than", {"lt": 2}), ("timezone_aware", {}),
    ("datetime_type", {}), ("datetime_parsing", {"error": ""}), ("datetime_from_date_parsing", {"error": ""}),
    ("datetime_object_invalid", {"error": ""}), ("json_invalid", {"error": ""}), ("json_type", {}),
    ("none_required", {}),
)  # fmt: skip
#: What stands in its sentence and is not told as a parameter: it is in English too.
_UNTOLD = re.compile("{(error|class_name)}")
_HEAD = """# Problems

Made from the code by `python -m alertwrap.reference docs`; do not edit.

A refusal is a problem document (RFC 9457). `detail` is an English sentence for people. `code` is stable, and `params`
are the values that stand in the sentence: a client that speaks another language writes its own from the two.

```json
{"type": "about:blank#no-account", "title": "Not Found", "status": 404, "code": "no-account",
 "detail": "no account with the id 7", "params": {"id": "7"}}
```

Where single fields are wrong, `code` is `invalid`, or says what is wrong with the whole, and `errors` names each:
`path` is a JSON Pointer into what was sent, `message` the sentence, and `code` and `params` say the same. The items of
a batch (`results`) have such `errors` too.

```json
{"path": "/name", "message": "String should have at most 120 characters", "code": "string-too-long",
 "params": {"max_length": 120}}
```

A code that is not here may come with a newer server: show its sentence.
"""
_DELIVERIES = """## Deliveries

Why a message was not sent, or waits. `reason` of a message and `error` of an attempt are English sentences; beside them
`reason_codes` and `error_codes` are lists of these codes with their parameters: first the cause, then what came of it.

```json
{"reason": "SMTP: no connection; given up after 61 attempts in 96 h",
 "reason_codes": [{"code": "no-connection", "params": {}},
                  {"code": "given-up", "params": {"attempts": 61, "hours": 96}}]}
```

What a provider said (`said`) is in its own language. Reasons that an earlier version wrote have no codes, and neither
have those of a newer one that are not here: show the sentence.
"""
_METRIC = """## Fields of a metric

What breaks the metric schema of an alert has the code `breaks-` with the schema's keyword in lower case
(`breaks-minimum`, `breaks-one-of`); `expected` is the keyword's value, as JSON. A required member that is not there
has `missing`, one that nothing may stand for `extra-forbidden`.
"""
_STATUS = """Other refusals of the framework have the words of their status as code: `not-found`, `method-not-allowed`.
"""


Kind = Literal["problem", "field", "delivery"]


@dataclass(frozen=True)
class Said:
    """One call. `kind` says what it is about; a problem alone has a `status`. `place` is `file:line`."""

    code: str | None
    sentence: str | None
    params: frozenset[str]
    kind: Kind
    status: int | None
    place: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The parameters that the sentence names."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self.sentence or "") if name)


def said() -> list[Said]:
    """Every call in the packages that makes a refusal, or says why a message is not sent.

    A problem that a service declares for itself has one code, with many sentences: it is told once, by its docstring.
    """
    kinds = list(_kinds(Problem))
    shared = {kind.__name__: int(kind.status) for kind in kinds if kind.__module__ == Problem.__module__}
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    own = [
        Said(
            kind.code,
            (kind.__doc__ or "").partition("\n")[0],
            frozenset(),
            "problem",
            int(kind.status),
            kind.__module__,
        )
        for kind in kinds
        if kind.__name__ not in shared
    ]
    return own + [one for path in files for one in _in_file(path, shared)]


def problems_page() -> str:
    """Markdown: the codes of whole problems, then those of fields, then those of deliveries."""
    found = said()
    whole = [f"| `{code}` | {one.status} | {one.sentence} |" for code, one in _by_code(found, "problem")]
    fields = [f"| `{code}` | {one.sentence} |" for code, one in _by_code(found, "field")]
    deliveries = [f"| `{code}` | {one.sentence} |" for code, one in _by_code(found, "delivery")]
    shapes = [f"| `{code}` | {sentence} |" for code, sentence in shapes_of_the_framework().items()]
    head = "| code | sentence |\n|---|---|"
    return "\n".join([
        _HEAD, "## Problems\n", "| code | status | sentence |\n|---|---|---|", *whole, "", _STATUS, "## Fields\n", head,
        *fields, "", "## Fields of a wrong shape\n", head, *shapes, "", _METRIC, _DELIVERIES, head, *deliveries, "",
    ])  # fmt: skip


def _by_code(found: Iterable[Said], kind: Kind) -> list[tuple[str, Said]]:
    return sorted({one.code: one for one in found if one.kind == kind and one.code}.items())


def shapes_of_the_framework() -> Mapping[str, str]:
    """Code → sentence of what pydantic refuses by itself; `invalid` is all that has no code of its own."""
    shapes = {kind.replace("_", "-"): _template(kind, context) for kind, context in _SHAPES}
    return {**shapes, "invalid": "some other reason, in words alone"}


def _template(kind: str, context: dict[str, int | str]) -> str:
    template = PydanticKnownError(kind, context or None).message_template  # type: ignore[arg-type]
    return _UNTOLD.sub("…", template.replace("{expected_plural}", "s"))


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


def _in_file(path: Path, statuses: Mapping[str, int]) -> list[Said]:
    reader = _Reader(path, statuses)
    reader.visit(ast.parse(path.read_text("utf-8")))
    return reader.found


class _Reader(ast.NodeVisitor):
    """Finds the calls in one file; `_texts` are the names that stand for a text where it is now."""

    def __init__(self, path: Path, statuses: Mapping[str, int]) -> None:
        self.found: list[Said] = []
        self._path = path.relative_to(ROOT)
        self._of_deliveries = _OF_DELIVERIES if self._path.parts[0] in _DELIVERING else frozenset()
        self._statuses = statuses
        self._texts: dict[str, str] = {}

    def visit_Assign(self, node: ast.Assign) -> None:
        """`said = "…"`, or among others: `said, most = "…", 5`."""
        target, value = node.targets[0], node.value
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        for name, text in zip(names, values, strict=False):
            if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
                self._texts[name.id] = text.value
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in self._statuses:
            self.found.append(self._said(node, "problem", 0, self._statuses[name]))
        elif name in _OF_FIELDS:
            self.found.append(self._said(node, "field", _OF_FIELDS[name]))
        elif name in self._of_deliveries:
            self.found.append(self._said(node, "delivery", 0))
        self.generic_visit(node)

    def _said(self, call: ast.Call, kind: Kind, at: int, status: int | None = None) -> Said:
        keywords = {keyword.arg or "**": keyword.value for keyword in call.keywords}
        params = frozenset(keywords) - _OTHERS
        sentence = self._text(call.args[at]) if len(call.args) > at else None
        place = f"{self._path}:{call.lineno}"
        return Said(self._text(keywords.get("code")), sentence, params, kind, status, place)

    def _text(self, node: ast.AST | None) -> str | None:
        if isinstance(node, ast.Name):
            return self._texts.get(node.id)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
