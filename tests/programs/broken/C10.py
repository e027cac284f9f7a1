#!/usr/bin/env python3
"""Prints JSON for people."""

import json

from base import notice, things

for thing in things():
    print(json.dumps(notice(thing), indent=2), flush=True)
