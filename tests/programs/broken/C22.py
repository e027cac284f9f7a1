#!/usr/bin/env python3
"""Has a lot to tell its log."""

import sys

from base import notice, say, things

for number in range(2000):
    print(f"nothing happened, for the {number}th time", file=sys.stderr)
for thing in things():
    say(**notice(thing))
