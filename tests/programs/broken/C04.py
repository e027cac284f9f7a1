#!/usr/bin/env python3
"""Does not care about SIGTERM."""

import signal

from base import notice, say, things

signal.signal(signal.SIGTERM, signal.SIG_IGN)
for thing in things():
    say(**notice(thing))
