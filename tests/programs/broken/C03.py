#!/usr/bin/env python3
"""Stays when its stdin has ended."""

import signal

from base import notice, say, things

for thing in things():
    say(**notice(thing))
signal.pause()
