#!/usr/bin/env python3
"""Tells on stdout what it is doing."""

from base import notice, say, things

print("looking at things", flush=True)
for thing in things():
    say(**notice(thing))
