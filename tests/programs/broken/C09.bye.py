#!/usr/bin/env python3
"""Says goodbye on stdout."""

from base import notice, say, things

for thing in things():
    say(**notice(thing))
print("bye")
