#!/usr/bin/env python3
"""Throws dice for its ids."""

import uuid

from base import notice, say, things

for thing in things():
    say(**notice(thing), id=str(uuid.uuid4()))
