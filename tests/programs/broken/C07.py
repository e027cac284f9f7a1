#!/usr/bin/env python3
"""Reads into a buffer of 64 KiB."""

import json
import sys

from base import notice, say

while line := sys.stdin.buffer.readline(65536):
    message = json.loads(line)
    if message["type"] == "entity" and "data" in message:
        say(**notice(message))
