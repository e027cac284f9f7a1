#!/usr/bin/env python3
"""Logs each line that it is told."""

import sys

from base import lines, notice, say

for line in lines():
    print("told of a", line["type"], file=sys.stderr)
    if line["type"] == "entity" and "data" in line:
        say(**notice(line))
