#!/usr/bin/env python3
"""Asks for pings and does not answer them."""

from base import notice, say, things

say(type="hello", features=["ping"])
for thing in things():
    say(**notice(thing))
