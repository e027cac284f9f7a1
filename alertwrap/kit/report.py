"""The report of a check: for people, for programs, for a build server."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import click

from alertwrap.cli.terminal import folded, printable
from alertwrap.kit.conformance.rows import Result

MARKS = {"pass": "ok", "fail": "FAIL", "skip": "–"}
_COLOURS = {"pass": "green", "fail": "red"}
_INDENT = " " * 11


def row(result: Result, columns: int | None = None) -> str:
    """`FAIL  C01  The first output arrives …`, and below it what was seen and what to do. Styled for a terminal."""
    found, title = result.finding, result.meaning.title
    mark = click.style(f"{MARKS[found.verdict]:4}", fg=_COLOURS.get(found.verdict), bold=found.verdict == "fail")
    detail = printable(found.detail)
    if found.verdict == "fail":
        below = [
            folded(detail, f"{_INDENT}seen: ", columns),
            click.style(folded(result.meaning.do, f"{_INDENT}do:   ", columns), bold=True),
        ]
        return "\n".join((f"{mark}  {result.code}  {click.style(title, bold=True)}", *below))
    if not detail:
        return f"{mark}  {result.code}  {title}"
    fits = columns is None or len(_INDENT) + len(title) + len(detail) + 4 <= columns
    aside = f"  ({detail})" if fits else "\n" + folded(f"({detail})", _INDENT, columns)
    whole = f"{result.code}  {title}{aside}"
    return f"{mark}  {click.style(whole, dim=True) if found.verdict == 'skip' else whole}"


def summary(results: Sequence[Result]) -> str:
    """`21 ok, 1 failed, 3 do not apply`"""
    count = Counter(result.finding.verdict for result in results)
    return f"{count['pass']} ok, {count['fail']} failed, {count['skip']} do not apply"


def as_json(name: str, results: Sequence[Result]) -> str:
    rows = [
        {"code": r.code, "verdict": r.finding.verdict, "title": r.meaning.title, "detail": r.finding.detail,
         "do": r.meaning.do if r.finding.verdict == "fail" else ""}
        for r in results
    ]  # fmt: skip
    failed = sum(row["verdict"] == "fail" for row in rows)
    return json.dumps({"alert": name, "failed": failed, "rows": rows}, ensure_ascii=False, indent=2)


def as_junit(name: str, results: Sequence[Result]) -> str:
    """One suite, one test case a row."""
    cases = [_case(name, result) for result in results]
    failures = sum(result.finding.verdict == "fail" for result in results)
    skips = sum(result.finding.verdict == "skip" for result in results)
    head = f'name={quoteattr(name)} tests="{len(results)}" failures="{failures}" skipped="{skips}" errors="0"'
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join((f"<testsuite {head}>", *cases, "</testsuite>"))


def _case(name: str, result: Result) -> str:
    found, attribute = result.finding, quoteattr(f"{result.code} {result.meaning.title}")
    inner = {
        "pass": "",
        "skip": f"<skipped message={quoteattr(printable(found.detail))}/>",
        "fail": f"<failure message={quoteattr(printable(found.detail + '. ' + result.meaning.do))}/>",
    }[found.verdict]
    return f"  <testcase classname={quoteattr(name)} name={attribute}>{inner}</testcase>"
