#!/usr/bin/env python3
"""Glues its JSON together."""

from base import things

for thing in things():
    print('{"title":"Thing %s is large"}' % thing["data"]["name"], flush=True)  # noqa: UP031 - the mistake in question
