#!/usr/bin/env python3
"""Reads everything before it says anything."""

from base import notice, say, things

for thing in list(things()):
    say(**notice(thing))
