"""`record` and `replay`: a session as a file, told again exactly, and what a new program or config would change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alertwrap.cli import main
from alertwrap.kit.replay import compare
from tests.alertwrap.conftest import ROOT

BROKEN = ROOT / "tests" / "programs" / "broken"
SECRET = "correct-horse-battery"


def alert(tmp_path: Path, command: Path, *keys: str) -> Path:
    file = tmp_path / f"{command.stem}.toml"
    lines = [f'name = "{command.stem}"', f'command = ["{command}"]', 'watch = ["thing"]', *keys]
    file.write_text("\n".join(lines) + "\n")
    (tmp_path / f"{command.stem}.configs.json").write_text('{"limit": 10}')
    return file


def program(tmp_path: Path, name: str, body: str) -> Path:
    file = tmp_path / name
    head = f"#!/usr/bin/env python3\nimport sys\nsys.path.insert(0, {str(BROKEN)!r})\n"
    file.write_text(f"{head}from base import lines, say, things\n{body}")
    file.chmod(0o755)
    return file


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """What the right alert was told, and said, once."""
    file = alert(tmp_path, BROKEN / "good.py")
    words = ["record", str(file), "--entities", str(BROKEN / "things.ndjson"), "-o", str(tmp_path / "session.ndjson")]
    result = CliRunner().invoke(main, [*words, "--seconds", "3"])
    assert result.exit_code == 0, result.output
    assert re.search(r"told \d+ lines, it said 10 lines", result.output), "four notices, four states, hello, a verdict"
    return tmp_path / "session.ndjson"


def replay(*words: object) -> Result:
    result = CliRunner().invoke(main, ["replay", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_a_recording_holds_every_line_of_both_directions_in_order(session: Path) -> None:
    entries = [json.loads(line) for line in session.read_text().splitlines()]
    told = [json.loads(entry["line"])["type"] for entry in entries if entry["dir"] == "in"]
    assert told[:6] == ["config", "entity", "entity", "entity", "entity", "recipient"]
    said = [json.loads(entry["line"]) for entry in entries if entry["dir"] == "out"]
    assert next(line["title"] for line in said if "title" in line) == "Thing Anvil is 12 large"
    assert [entry["t"] for entry in entries] == sorted(entry["t"] for entry in entries)


def test_the_same_alert_says_the_same_however_often_it_is_asked(session: Path, tmp_path: Path) -> None:
    for _ in range(3):
        result = replay(session, "--against", tmp_path / "good.toml")
        assert result.output == "the same 4 notices as then\n"
        assert result.exit_code == 0


def test_a_backtest_of_a_config_names_what_would_no_longer_be_said(session: Path, tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text('{"limit": 28}')
    result = replay(session, "--against", tmp_path / "good.toml", "--configs", tmp_path / "new.json")
    assert result.exit_code == 1
    assert "- gone     info     Thing Anvil is 12 large  (anvil)" in result.output
    assert "then 4 notices, now 2: 0 new, 2 gone, 0 changed" in result.output


def test_a_backtest_of_a_program_shows_new_gone_and_changed(session: Path, tmp_path: Path) -> None:
    body = """
for thing in things():
    if thing["key"] == "drum":
        continue
    name = f"{thing['key']}-{thing['data']['size']}"
    severity = "error" if thing["key"] == "cart" else "info"
    title = f"Thing {thing['data']['name']} is {thing['data']['size']} large"
    say(key=thing["key"], id=name, title=title, **({"severity": severity} if severity == "error" else {}))
say(title="That was all")
"""
    new = program(tmp_path, "new.py", body)
    result = replay(session, "--against", new, "--format", "json")
    found: dict[str, Any] = json.loads(result.output)
    shown = [(change["kind"], (change["after"] or change["before"])["title"]) for change in found["changes"]]
    assert shown == [
        ("changed", "Thing Cart is 25 large"), ("new", "That was all"), ("gone", "Thing Drum is 40 large"),
    ]  # fmt: skip
    text = replay(session, "--against", new).output
    assert "~ changed  error    Thing Cart is 25 large  (cart)\n" in text
    assert 'severity: nothing → "error"' in text


def test_another_title_shows_what_it_was(session: Path, tmp_path: Path) -> None:
    body = """
for thing in things():
    say(key=thing["key"], id=f"{thing['key']}-{thing['data']['size']}", title=f"{thing['data']['name']} is too large")
"""
    text = replay(session, "--against", program(tmp_path, "new.py", body)).output
    assert "~ changed  info     Anvil is too large  (anvil)\n           was: Thing Anvil is 12 large\n" in text


def test_secrets_are_masked_wherever_they_turn_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    body = """
for line in lines():
    if line["type"] == "config":
        say(title="my token is " + line["secrets"]["token"])
        print(line["secrets"]["token"], file=sys.stderr, flush=True)
"""
    file = alert(tmp_path, program(tmp_path, "leaky.py", body), 'secrets = { token = "env:TOKEN" }')
    words = ["record", str(file), "-o", str(tmp_path / "session"), "--seconds", "2"]
    assert CliRunner().invoke(main, words).exit_code == 0
    text = (tmp_path / "session").read_text()
    assert "my token is ***" in text
    assert SECRET not in text
    result = replay(tmp_path / "session", "--against", file)
    assert "the same 1 notice as then" in result.output
    assert SECRET not in replay(tmp_path / "session", "--against", BROKEN / "good.py").output


def test_a_file_that_is_no_recording_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "session").write_text('{"t": 0, "dir": "in", "line": "{}"}\n{"dir": "sideways"}\n')
    result = replay(tmp_path / "session", "--against", BROKEN / "good.py")
    assert result.exit_code == 78
    assert f"{tmp_path / 'session'}:2: expected" in result.output


def test_what_is_gone_stands_where_it_was_said() -> None:
    def words(*keys: str) -> list[dict[str, Any]]:
        return [{"key": key, "title": key} for key in keys]

    found = compare(words("a", "b", "a", "c", "d"), words("a", "x", "c", "d", "y"))
    shown = [(change.kind, (change.after or change.before or {})["title"]) for change in found]
    assert shown == [("new", "x"), ("gone", "b"), ("gone", "a"), ("new", "y")]
    assert compare(words("a", "b"), words("b", "a")) == [], "the order of conditions is nobody's promise"


def test_a_program_that_dies_of_it_is_no_backtest(session: Path, tmp_path: Path) -> None:
    new = program(tmp_path, "new.py", 'say(title="one")\nnext(things())\nraise SystemExit("no idea")\n')
    result = replay(session, "--against", new)
    assert result.exit_code == 1
    assert "perhaps not all: it ended with exit code 1, told " in result.output
    assert "lines: no idea\n" in result.output
    assert json.loads(replay(session, "--against", new, "--format", "json").output)["doubt"].endswith("no idea")


def test_a_program_that_cannot_be_started_is_named_at_once(session: Path, tmp_path: Path) -> None:
    new = program(tmp_path, "new.py", "")
    new.chmod(0o644)
    result = replay(session, "--against", new)
    assert result.exit_code == 78
    assert "not executable; chmod +x makes it so" in result.output


def test_a_program_that_reads_one_line_needs_no_patience(session: Path, tmp_path: Path) -> None:
    new = program(tmp_path, "new.py", 'import time\nsys.stdin.readline()\nsay(title="one")\ntime.sleep(1000)\n')
    result = replay(session, "--against", new, "--at-most", "30")
    assert "1 new, 4 gone, 0 changed" in result.output
    assert "perhaps" not in result.output


def test_when_there_is_too_much_for_the_time_it_says_so(session: Path, tmp_path: Path) -> None:
    new = program(tmp_path, "new.py", "import time\nfor line in lines():\n    time.sleep(0.4)\n")
    result = replay(session, "--against", new, "--at-most", "1")
    assert re.search(r"perhaps not all: after 1 s it had been told \d+ of \d+ lines; see --at-most", result.output)


def test_a_config_that_would_never_reach_it_is_refused(session: Path, tmp_path: Path) -> None:
    file = alert(tmp_path, BROKEN / "good.py", 'metric_schema = "schema.json"')
    (tmp_path / "schema.json").write_text('{"properties": {"limit": {"type": "integer"}}}')
    (tmp_path / "new.json").write_text('{"limit": "low"}')
    result = replay(session, "--against", file, "--configs", tmp_path / "new.json")
    assert result.exit_code == 78
    assert "/metric/limit: 'low' is not of type 'integer'" in result.output


def test_of_several_runs_the_longest_is_asked(session: Path, tmp_path: Path) -> None:
    lines = session.read_text().splitlines()
    started = next(line for line in lines if "the alert has started" in line)
    first = next(line for line in lines if '"dir": "in"' in line)
    session.write_text("\n".join([started, first, *lines, started, first]) + "\n")
    result = replay(session, "--against", tmp_path / "good.toml")
    assert result.output == f"{session} holds 3 runs; this is the longest\nthe same 4 notices as then\n"
