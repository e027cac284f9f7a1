"""Every code that the tools name, with why it matters and what to do: `alertwrap explain CODE`, and docs/codes.md."""

from __future__ import annotations

import difflib
import functools
import tomllib
from pathlib import Path
from typing import NamedTuple


class Code(NamedTuple):
    """`title` is what is right; `why` what goes wrong without it; `do` how to mend it."""

    title: str
    why: str
    do: str


_HEAD = """# Codes

Made from `alertwrap/kit/codes.toml` by `python -m alertwrap.kit.codes`. In the terminal: `alertwrap explain C01`.
"""
#: How a code begins, and what such codes are; the rest is what the wrapper says of an alert.
PARTS = {"C": "Rows of `alertwrap check`", "L": "What `alertwrap lint` finds", "": "What the wrapper says of an alert"}


@functools.cache
def codes() -> dict[str, Code]:
    """All of them by name."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: Code(**fields) for name, fields in table.items()}


def part(name: str) -> str:
    """C, L or nothing: which kind of code it is."""
    return name[0] if name[1:].isdigit() else ""


def find(text: str) -> tuple[str | None, list[str]]:
    """The code that is meant, however it is written; or else None, and the nearest ones."""
    known = {name.lower(): name for name in codes()}
    word = text.strip().lower().replace("-", "_")
    near = [known[name] for name in difflib.get_close_matches(word, known, n=3, cutoff=0.6)]
    return known.get(word), near


def explained(name: str) -> str:
    """The page of one code, in Markdown."""
    code = codes()[name]
    return f"### {name}: {code.title}\n\n{code.why}\n\nDo: {code.do}\n"


def page() -> str:
    """All of them: docs/codes.md."""
    text = [_HEAD]
    for letter, title in PARTS.items():
        text.append(f"## {title}\n")
        text += [explained(name) for name in codes() if part(name) == letter]
    return "\n".join(text)


if __name__ == "__main__":
    print(page(), end="")
