"""Killing real processes at named points, and finding out which points there are."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent.parent
SITE = Path(__file__).parent / "site"
_CALL = re.compile(r'faultpoint\("([a-z_.]+)"\)')


@dataclass(frozen=True)
class Fault:
    """SIGKILL at the `nth` pass of `point`. `reached` appears when that has happened.

    With `armed`, passes count only once that file exists. `variant` names a law that this process breaks. The action
    "stop" is SIGSTOP instead.
    """

    point: str
    reached: Path
    nth: int = 1
    armed: Path | None = None
    variant: str | None = None
    action: Literal["kill", "stop"] = "kill"

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """For the process that is to die."""
        fault = {"FAULT_POINT": self.point, "FAULT_PASS": str(self.nth), "FAULT_FILE": str(self.reached)}
        armed = {"FAULT_ARMED": str(self.armed)} if self.armed else {}
        variant = {"FAULT_VARIANT": self.variant} if self.variant else {}
        return {**self.site(base), **fault, **armed, **variant, "FAULT_ACTION": self.action}

    def site(self, base: Mapping[str, str]) -> dict[str, str]:
        """For a process that loads the harness and does not die."""
        path = os.pathsep.join([str(SITE), str(ROOT), base.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        return {**base, "PYTHONPATH": path}

    def arm(self) -> None:
        """From now on passes count."""
        assert self.armed is not None
        self.armed.touch()


def points(package: str) -> set[str]:
    """The names of all fault points in a package."""
    return {name for file in (ROOT / package).rglob("*.py") for name in _CALL.findall(file.read_text("utf-8"))}
