"""Frozen models of everything that travels between the parts. Imports nothing but pydantic."""
