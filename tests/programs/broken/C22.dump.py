#!/usr/bin/env python3
"""Dumps all that it knows into its log before it begins."""

import sys

from base import notice, say, things

print("x" * 200_000, file=sys.stderr)
for thing in things():
    say(**notice(thing))
