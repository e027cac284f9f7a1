"""Who hears of a notice: a pure choice. A notice that concerns nobody in particular goes to the operators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from notice_center.directory import Directory
from wire.notice import Notice

#: named    by the notice, or by a config that it speaks for
#: operator nobody is named, and nobody has it yet: every recipient with the role `operator`
#: nobody   nor is there any operator
Why = Literal["named", "operator", "nobody"]


@dataclass(frozen=True)
class Audience:
    """The ids of recipients, sorted, and why it is these."""

    people: tuple[str, ...]
    why: Why


def audience(directory: Directory, said: Notice, having: Collection[str]) -> Audience:
    """`having`: who has the notice in the inbox already. A repeat that names nobody is for them, for no one else."""
    named = {name for config in directory.speaking(said) for one in config.channel.values() for name in one.recipients}
    named.update(said.recipients)
    if named or having:
        return Audience(tuple(sorted(named)), "named")
    return Audience(directory.operators, "operator" if directory.operators else "nobody")
