"""Why a message is not sent, or not yet: in a sentence for people, and in codes for a program that says it otherwise.

A code is stable; its sentence and its parameters are always the same. `docs/problems.md` lists them. It is made from
the calls of `because`: sentence and code stand there literally.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from service_kit.egress import EgressError
from service_kit.openapi import Coded
from wire.refusal import Param, fill


@dataclass(frozen=True)
class Reason:
    """`text` is English. `codes` are those of its sentences: first the cause, then what came of it, if that is said."""

    text: str
    codes: tuple[Coded, ...]

    def by(self, whom: str) -> Reason:
        """The same, naming who said it or did not answer: in words alone, since the channel is known beside it."""
        return replace(self, text=f"{whom}: {self.text}")

    def then(self, ending: Reason) -> Reason:
        """The cause, with what came of it."""
        return Reason(f"{self.text}; {ending.text}", self.codes + ending.codes)

    def clean(self, clean: Callable[[str], str]) -> Reason:
        """The same with every text in it made fit to be stored and shown."""
        return Reason(clean(self.text), tuple(_cleaned(one, clean) for one in self.codes))

    def stored(self) -> str:
        """The codes as JSON."""
        return json.dumps([one.model_dump() for one in self.codes])


def because(sentence: str, /, *, code: str, **params: Param) -> Reason:
    """`because("no answer in {seconds} s", code="no-answer-within", seconds=60)`."""
    return Reason(fill(sentence, params), (Coded(code=code, params=params),))


def codes_of(stored: str | None) -> list[Coded] | None:
    """What `stored` made; None where nothing was said, or by a version that had no codes."""
    return None if stored is None else [Coded(**one) for one in json.loads(stored)]


def of_egress(error: EgressError) -> Reason:
    """Why a request brought no answer."""
    return Reason(str(error), (Coded(code=error.code, params={}),))


def _cleaned(coded: Coded, clean: Callable[[str], str]) -> Coded:
    params = {name: clean(value) if isinstance(value, str) else value for name, value in coded.params.items()}
    return Coded(code=coded.code, params=params)
