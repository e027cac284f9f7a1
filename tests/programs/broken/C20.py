#!/usr/bin/env python3
"""Asks for acks and numbers nothing."""

from base import notice, say, things

say(type="hello", features=["ack"])
for thing in things():
    say(**notice(thing))
