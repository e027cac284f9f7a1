"""`alertwrap check`: a right alert is green in every row, and each wrong one turns exactly its own row red."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alertwrap.cli import main
from alertwrap.kit.conformance import endings, manners, procfs, rows
from alertwrap.kit.conformance.bench import Bench, Finding, Row, failed, passed, too_late
from alertwrap.kit.conformance.rows import ROWS
from alertwrap.kit.subject import load
from tests.alertwrap.conftest import ROOT
from tests.conftest import missing

BROKEN = ROOT / "tests" / "programs" / "broken"
EXAMPLES = ROOT / "examples" / "alerts"
VARIANTS = sorted(file.name for file in BROKEN.glob("C*"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract's times are long for a test that sees each of them run out."""
    monkeypatch.setattr(endings, "EOF_SECONDS", 2.5)
    monkeypatch.setattr(endings, "TERM_SECONDS", 2.5)
    monkeypatch.setattr(manners, "VERDICT_SECONDS", 3.0)
    monkeypatch.setattr(manners, "PONG_SECONDS", 2.5)


@pytest.fixture
def check(tmp_path: Path) -> Any:
    """Check one program of tests/programs/broken; what it is told is the same for all."""

    def run(program: str, *options: str, keys: str = "") -> Result:
        file = tmp_path / "probe.toml"
        file.write_text(f'name = "probe"\ncommand = ["{BROKEN / program}"]\n{keys}\n')
        (tmp_path / "limit.json").write_text('{"limit": 10}')
        words = ["check", str(file), "--configs", str(tmp_path / "limit.json"), "--load", "0.5", "--patience", "2"]
        return CliRunner().invoke(main, [*words, *options])

    return run


def keys_of(program: str) -> tuple[str, ...]:
    """What the file of a variant says, and which entities it gets."""
    if program == "C02.py":  # waits for lines that nobody promised: it watches nothing
        return ("",)
    secrets = '\nsecrets = { token = "env:NOT_SET_HERE" }' if program == "C24.py" else ""
    return ('watch = ["thing"]' + secrets, "--entities", str(BROKEN / "things.ndjson"))


def verdicts(result: Result) -> dict[str, str]:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return {row["code"]: row["verdict"] for row in json.loads(result.output)["rows"]}


def test_an_alert_that_keeps_the_contract_is_green(check: Any) -> None:
    keys, *more = keys_of("good.py")
    result = check("good.py", "--format", "json", *more, keys=keys)
    found = verdicts(result)
    assert [code for code, verdict in found.items() if verdict == "fail"] == [], result.output
    assert [code for code, verdict in found.items() if verdict == "skip"] == ["C24"], "it has no secrets"
    assert result.exit_code == 0


@pytest.mark.parametrize("program", VARIANTS)
def test_each_mistake_turns_exactly_its_row_red(check: Any, program: str) -> None:
    if program.endswith(".pl") and not shutil.which("perl"):
        missing("perl")
    keys, *more = keys_of(program)
    result = check(program, "--format", "json", *more, keys=keys)
    red = [code for code, verdict in verdicts(result).items() if verdict == "fail"]
    assert red == [program.partition(".")[0]], result.output
    assert result.exit_code == 1


def test_every_row_has_a_mistake_that_turns_it_red() -> None:
    assert sorted({name.partition(".")[0] for name in VARIANTS}) == list(ROWS)


def test_what_fails_by_the_clock_alone_is_tried_again_when_nothing_else_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: dict[str, int] = {"C03": 0, "C09": 0, "C04": 0}

    def row(code: str, first: Finding, then: Finding) -> Row:
        def tried(_: Bench) -> Finding:
            tries[code] += 1
            return first if tries[code] == 1 else then

        return tried

    monkeypatch.setitem(ROWS, "C03", row("C03", Finding("fail", "a busy machine", late=True), passed()))
    monkeypatch.setitem(ROWS, "C04", row("C04", *[Finding("fail", "a slow alert", late=True)] * 2))
    monkeypatch.setitem(ROWS, "C09", row("C09", failed("text"), passed()))
    found = list(rows.check(load(BROKEN / "good.py"), patience=2, load_seconds=1, only=list(tries)))
    assert [(one.code, one.finding.verdict) for one in found] == [("C03", "pass"), ("C04", "fail"), ("C09", "fail")]
    assert tries == {"C03": 2, "C04": 2, "C09": 1}


def test_a_program_that_cannot_be_started_is_one_red_row_with_the_reason(tmp_path: Path) -> None:
    program = tmp_path / "alert.sh"
    program.write_text("#!/usr/bin/env bash\n")
    result = CliRunner().invoke(main, ["check", str(program), "--patience", "0.3"])
    assert result.exit_code == 1
    assert "chmod +x" in result.output
    assert result.output.count("FAIL") == 1


def test_the_report_of_a_failure_says_what_was_seen_and_what_to_do(check: Any) -> None:
    keys, *more = keys_of("C09.py")
    result = check("C09.py", "--only", "C09", "--only", "c10", *more, keys=keys)
    assert "FAIL  C09  Nothing but JSON on stdout\n           seen: printed 'looking at things'" in result.output
    assert "do:   Print debugging to stderr." in result.output
    assert "probe: 1 ok, 1 failed, 0 do not apply, in " in result.output
    assert "`alertwrap explain C09` says more" in result.output


def test_the_junit_report_is_for_build_servers(check: Any) -> None:
    keys, *more = keys_of("C09.py")
    result = check("C09.py", "--only", "C09", "--only", "C20", "--format", "junit", *more, keys=keys)
    suite = ET.fromstring(result.output)
    assert suite.attrib | {"name": "probe", "tests": "2", "failures": "1", "skipped": "1"} == suite.attrib
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "looking at things" in failure.attrib["message"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere.toml"], "nowhere.toml: No such file"),
        (["nowhere.sh"], "nowhere.sh: no such file"),
        ([str(BROKEN / "good.py"), "--entities", str(BROKEN / "things.ndjson")], "topic 'thing' is not in `watch`"),
        ([str(BROKEN / "good.py"), "--configs", str(BROKEN / "good.py")], "good.py: expected JSON"),
        ([str(BROKEN / "good.py"), "--only", "C99"], "C99 is no row; they are C01 to C25"),
    ],
    ids=["no-file", "no-program", "entities", "configs", "row"],
)
def test_what_is_asked_for_wrongly_is_named(words: list[str], text: str) -> None:
    result = CliRunner().invoke(main, ["check", *words])
    assert result.exit_code in (2, 78)
    assert text in result.output


def test_a_config_that_production_would_refuse_is_none_to_check_with(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"max_pct": "many"}')
    words = ["check", str(EXAMPLES / "disk.toml"), "--configs", str(tmp_path / "bad.json")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 78
    assert "bad.json: the alert's metric_schema refuses it\n  /metric/max_pct: 'many' is not of type" in result.output


#: The smallest alerts of the protocol's page: none of them may be told off.
SMALL = {
    "one line": ('["sh", "-c", "echo \'{\\"title\\":\\"hello\\"}\'"]', ""),
    "text": ('["sh", "-c", "echo disk full; exec sleep 100"]', 'stdin = "none"\nformat = "text"'),
    "once": ('["jq", "-c", "{title: .type}"]', 'stdin = "once"'),
    "reads line 1": ('["bash", "-c", "IFS= read -r _; while :; do jq -nc \'{title:\\"full\\"}\'; sleep 60; done"]', ""),
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_the_smallest_alerts_are_green(tmp_path: Path, name: str) -> None:
    command, keys = SMALL[name]
    file = tmp_path / "probe.toml"
    file.write_text(f'name = "probe"\ncommand = {command}\n{keys}\n')
    result = CliRunner().invoke(main, ["check", str(file), "--format", "json", "--patience", "2"])
    found = verdicts(result)
    assert [code for code, verdict in found.items() if verdict == "fail"] == [], result.output
    assert found["C01"] == found["C04"] == "pass"


SLEEPS = "import time; time.sleep(100)"


@pytest.mark.parametrize(
    ("load", "program", "late"),
    [(0.0, "while True: pass", True), (0.0, SLEEPS, False), (99.0, SLEEPS, True)],
    ids=["at work", "asleep", "asleep on a busy machine"],
)
def test_the_machine_is_blamed_only_where_it_may_be(
    monkeypatch: pytest.MonkeyPatch, load: float, program: str, late: bool
) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    words = [sys.executable, "-c", f"print(flush=True)\n{program}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + 20
        while not late and procfs.at_work(process.pid):  # from its word into its sleep
            assert time.monotonic() < deadline
        assert too_late("…", process.pid).late == late
        process.kill()
    assert too_late("…", None).late
