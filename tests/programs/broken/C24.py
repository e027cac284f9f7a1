#!/usr/bin/env python3
"""Hands its secret to a helper as an argument."""

import subprocess

from base import lines, notice, say

for line in lines():
    if line["type"] == "config" and line["secrets"]:
        helper = ["sh", "-c", "sleep 0.3", "helper", line["secrets"]["token"]]
        subprocess.run(helper, stdin=subprocess.DEVNULL, check=True)
    elif line["type"] == "entity" and "data" in line:
        say(**notice(line))
