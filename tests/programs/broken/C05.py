#!/usr/bin/env python3
"""Leaves a helper behind."""

import subprocess

from base import notice, say, things

quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
subprocess.Popen(["sleep", "300"], **quiet)
for thing in things():
    say(**notice(thing))
