#!/usr/bin/env python3
"""Keeps every line that it was ever told."""

import json
import sys

from base import notice, say

history = []
for line in sys.stdin:
    history.append(line)
    message = json.loads(line)
    if message["type"] == "entity" and "data" in message:
        say(**notice(message))
