"""`alertwrap lint` and `alertwrap schema`: mistakes that can be seen without running anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from alertwrap.cli import main
from alertwrap.kit.codes import codes, part
from tests.alertwrap.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples" / "alerts").rglob("*.toml"))
SCHEMA = '{"type":"object","properties":{"max":{"type":"integer","title":"Max","default":1}}}'
#: Code → file name, its text, and more keys of the TOML file.
TRAPS: dict[str, tuple[str, str, str]] = {
    "L01": ("alert.sh", "#!/bin/sh\necho '{}'\n", "not executable"),
    "L02": ("alert.sh", "#!/bin/sh\r\necho\r\n", ""),
    "L03": ("alert.py", "#!/usr/bin/env python3\nimport json, sys\nconfig = json.load(sys.stdin)\n", ""),
    "L04": ("alert.sh", "#!/bin/sh\nconfig=$(head -n1)\n", ""),
    "L05": ("alert.sh", "#!/bin/sh\ntail -f /var/log/syslog | grep error\n", ""),
    "L06": ("alert.sh", "#!/bin/sh\nssh db1 uptime\n", ""),
    "L07": ("alert.pl", "#!/usr/bin/perl\nprint \"{}\\n\" while <STDIN>;\n", ""),
    "L08": ("alert.c", "int main(void) { char line[4096]; fgets(line, sizeof line, stdin); }\n", ""),
    "L09": ("alert.sh", "#!/bin/sh\n", "no schema"),
    "L10": ("alert.sh", "#!/bin/sh\n", "bad schema"),
    "L11": ("alert.sh", "#!/bin/sh\n", "secret"),
    "L12": ("alert.sh", "#!/bin/sh\n", "watches"),
}  # fmt: skip


def write(tmp_path: Path, name: str, text: str, how: str) -> Path:
    program = tmp_path / name
    program.write_bytes(text.encode())
    if how != "not executable":
        program.chmod(0o755)
    words = f'"./{name}"' + (', "--token=abcdef123456"' if how == "secret" else "")
    keys = ['name = "alert"', f"command = [{words}]"]
    if how != "no schema":
        keys.append('metric_schema = "schema.json"')
        (tmp_path / "schema.json").write_text(SCHEMA if how != "bad schema" else SCHEMA.replace(',"default":1', ""))
    if how == "watches":
        keys += ['watch = ["thing"]', 'stdin = "none"']
    (tmp_path / "alert.toml").write_text("\n".join(keys) + "\n")
    return tmp_path / "alert.toml"


@pytest.mark.parametrize("code", TRAPS)
def test_each_trap_is_found_and_nothing_else(tmp_path: Path, code: str) -> None:
    result = CliRunner().invoke(main, ["lint", str(write(tmp_path, *TRAPS[code])), "--format", "json"])
    assert result.exit_code == 1, result.output
    assert [item["code"] for item in json.loads(result.output)] == [code]


def test_every_lint_code_has_a_trap() -> None:
    assert list(TRAPS) == [name for name in codes() if part(name) == "L"]


def test_the_examples_fall_into_none() -> None:
    result = CliRunner().invoke(main, ["lint", *map(str, EXAMPLES)])
    assert result.output == f"0 findings in {len(EXAMPLES)} alerts\n"
    assert result.exit_code == 0


def test_a_finding_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["lint", str(write(tmp_path, *TRAPS["L04"]))])
    assert "L04  alert.sh:2: swallows the lines behind it\n     do: `IFS= read -r line`" in result.output


def test_a_program_can_be_looked_at_without_its_file(tmp_path: Path) -> None:
    write(tmp_path, *TRAPS["L04"])
    lines = CliRunner().invoke(main, ["lint", str(tmp_path / "alert.sh")]).output.splitlines()
    assert lines[0] == "L04  alert.sh:2: swallows the lines behind it"
    assert lines[-1] == "1 finding in 1 alert"


def test_what_to_do_stands_once_below_the_findings_of_one_code(tmp_path: Path) -> None:
    write(tmp_path, "alert.sh", "#!/bin/sh\nssh db1 uptime\nssh db2 uptime\n", "")
    found = CliRunner().invoke(main, ["lint", str(tmp_path / "alert.toml")]).output.splitlines()
    assert [line[:4].strip() for line in found] == ["L06", "L06", "", "2 fi"]


def test_all_mistakes_in_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("name = 1\n")
    result = CliRunner().invoke(main, ["lint", str(tmp_path / "one.toml"), str(tmp_path / "nowhere.sh")])
    assert result.exit_code == 78
    assert "one.toml: name: " in result.output
    assert "one.toml: command: expected this key" in result.output
    assert "nowhere.sh: no such file" in result.output


def test_the_schema_is_the_published_one() -> None:
    for way in ("from-alert", "to-alert"):
        result = CliRunner().invoke(main, ["schema", way])
        assert result.output == (ROOT / "docs" / "protocol" / f"{way}.json").read_text("utf-8")


def test_lines_are_checked_one_by_one(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text('{"title":"good"}\n{"title":1}\n{"type":"state"}\n{"type":"xx"}\n{"severity":"error"}\n{"a":1\n')
    result = CliRunner().invoke(main, ["schema", "--check", str(lines)])
    assert result.exit_code == 1
    expected = ["2: /title:", "3: /value:", "4: /type: 'xx' is unknown", "5: a notice needs", "6: Expecting"]
    for problem, beginning in zip(result.output.splitlines(), expected, strict=False):
        assert problem.startswith(beginning)
    lines.write_text('{"type":"tick","at":"2026-01-01T00:00:00Z","seq":1,"scheduled":"2026-01-01T00:00:00Z"}\n')
    assert CliRunner().invoke(main, ["schema", "to-alert", "--check", str(lines)]).exit_code == 0
