#!/usr/bin/env python3
"""Waits for a second line before it starts, though nobody promised one."""

import sys

from base import say

sys.stdin.readline()
sys.stdin.readline()
say(title="at last")
for _ in sys.stdin:
    pass
