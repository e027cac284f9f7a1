#!/usr/bin/env python3
"""Promises verdicts and gives none."""

from base import notice, say, things

say(type="hello", features=["verdict"])
for thing in things():
    say(**notice(thing))
