"""Why a value is not taken: a sentence for people, and a code with its parameters for a program that says it otherwise.

A code is stable; its sentence and its parameters are always the same. `docs/problems.md` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping

Param = str | int | float | bool | None


class Refusal(ValueError):
    """Raised by validators; `message` is the sentence with its parameters in their places."""

    def __init__(self, sentence: str, /, *, code: str, **params: Param) -> None:
        self.message = fill(sentence, params)
        self.code = code
        self.params: Mapping[str, Param] = params
        super().__init__(self.message)


def fill(sentence: str, params: Mapping[str, Param]) -> str:
    """`"at most {most} bytes"`, `{"most": 5}` → `"at most 5 bytes"`. A sentence without parameters stays as it is."""
    return sentence.format(**params) if params else sentence
