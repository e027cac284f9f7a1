#!/usr/bin/env python3
"""Tells its source that a thing is dealt with as soon as it has printed it."""

import os
from pathlib import Path

from base import notice, say, things

dealt_with = Path(os.environ["ALERT_STATE_DIR"], "dealt-with")
known = set(dealt_with.read_text().split()) if dealt_with.exists() else set()
say(type="hello", features=["ack"])
for seq, thing in enumerate(things(), 1):
    if thing["key"] not in known:
        say(**notice(thing), seq=seq)
        with dealt_with.open("a") as source:
            source.write(thing["key"] + "\n")
