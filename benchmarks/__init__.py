"""Benchmarks: each file measures one thing beside a peer or a bare limit and prints a ratio; none asserts a time."""
