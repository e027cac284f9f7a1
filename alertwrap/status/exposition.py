"""Several Prometheus expositions as one: the text format wants each metric's lines together, with one header."""

from __future__ import annotations

from collections.abc import Sequence


def merge(texts: Sequence[str]) -> str:
    """Join the text expositions of several registries, family by family, in order of appearance."""
    headers: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for text in texts:
        family = ""
        for line in text.splitlines():
            if line.startswith(("# HELP ", "# TYPE ")):
                family = line.split(" ", 3)[2]
                known = headers.setdefault(family, [])
                if line not in known:
                    known.append(line)
            elif line:
                samples.setdefault(family, []).append(line)
    families = [[*header, *samples.get(family, ())] for family, header in headers.items()]
    return "\n".join(line for family in families for line in family) + "\n"
