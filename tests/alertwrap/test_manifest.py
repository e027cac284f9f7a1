"""The alert's file: every mistake at once, by the name of its key."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import get_args

import pytest

from alertwrap.alert_files import AlertFiles
from alertwrap.manifest import Manifest, read_manifest
from alertwrap.process.process import ALWAYS, PASSED, spawn
from alertwrap.process.program import CannotRun
from alertwrap.run.operational import Kind
from tests.alertwrap.conftest import ROOT


def write(directory: Path, text: str, name: str = "alert.toml") -> Path:
    file = directory / name
    file.write_text(text)
    return file


def problems(*files: Path) -> str:
    return "\n".join(line for lines in AlertFiles(files).look().problems.values() for line in lines)


def test_the_example_of_the_design_is_read(tmp_path: Path) -> None:
    write(tmp_path, '{"type":"object"}', "disk.schema.json")
    file = write(
        tmp_path,
        'name = "disk-space"\ncommand = ["./disk.sh"]\nwatch = ["host.mount"]\nmetric_schema = "disk.schema.json"\n'
        'tick = "60s"\n',
    )
    manifest = read_manifest(file)
    assert manifest.program == tmp_path / "disk.sh"
    assert manifest.tick is not None
    assert manifest.tick.total_seconds() == 60


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        write(
            tmp_path, 'name = "a b"\nwatch = "x"\ntick = "soon"\nfromat = "text"\nsecrets = {a = "plain"}\n', "a.toml"
        ),
        write(tmp_path, 'name = "b"\ncommand = ["x"]\nmetric_schema = "none.json"\n', "b.toml"),
        write(tmp_path, "name = \n", "c.toml"),
        tmp_path / "missing.toml",
    )
    for part in ("a.toml: name: ", "a.toml: command: expected this key", "a.toml: watch: ", "a.toml: tick: ",
                 "a.toml: fromat: no such key; known are ", "a.toml: secrets.a: ",
                 "b.toml: metric_schema: none.json: No such file", "c.toml: Invalid value",
                 "missing.toml: No such file"):  # fmt: skip
        assert part in found, found


@pytest.mark.parametrize("command", ['"./disk.sh --fast"', '["./disk.sh --fast"]'])
def test_a_command_in_one_piece_is_explained(tmp_path: Path, command: str) -> None:
    found = problems(write(tmp_path, f'name = "a"\ncommand = {command}\n'))
    assert 'Write: command = ["./disk.sh", "--fast"]' in found


def test_two_alerts_of_one_name_are_refused(tmp_path: Path) -> None:
    files = [write(tmp_path, 'name = "a"\ncommand = ["x"]\n', name) for name in ("1.toml", "2.toml")]
    assert "2.toml: name: 'a' is already the alert of" in problems(*files)


@pytest.mark.parametrize(
    ("content", "mode", "command", "failure", "words"),
    [
        (None, 0, "./p", "missing", "no such program"),
        (None, 0, "p-that-is-nowhere", "missing", "no such program in PATH"),
        ("x", 0o755, "p", "missing", 'the file beside the alert is called "./p"'),
        ("#!/bin/sh\n", 0o644, "./p", "permission", "not executable"),
        ("#!/no/such/interpreter\n", 0o755, "./p", "interpreter", "/no/such/interpreter does not exist"),
        ("#!/usr/bin/env no-such-language\n", 0o755, "./p", "interpreter", "no-such-language is not in PATH"),
        ("#!/bin/sh\r\n", 0o755, "./p", "interpreter", "carriage return"),
        (None, 0, "./", "missing", "is a directory"),
        ("echo no first line\n", 0o755, "./p", "format", "nor a script with #!"),
        ("\x7fELF" + "\x01" * 60, 0o755, "./p", "format", "machines of another kind"),
    ],
)
def test_a_program_that_cannot_run_says_which_part_is_at_fault(
    tmp_path: Path, content: str | None, mode: int, command: str, failure: str, words: str
) -> None:
    if content is not None:
        write(tmp_path, content, "p").chmod(mode)
    manifest = Manifest(name="a", command=(command,), directory=tmp_path)
    with pytest.raises(CannotRun, match=words) as caught:
        spawn(manifest, {"PATH": "/usr/bin:/bin"}, tmp_path / "alive")
    assert caught.value.failure == failure


def test_the_documentation_names_every_key_and_every_operational_notice() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    for key in Manifest.model_fields.keys() - {"directory"}:
        assert f"| `{key}` |" in text, key
    for kind in set(get_args(Kind)) - {"malformed"}:
        assert f"`{kind}`" in text, kind
    for variable in (*PASSED, *(f"{name}={value}" for name, value in ALWAYS.items())):
        assert f"`{variable}`" in text, variable


def test_the_smallest_alerts_of_the_documentation_are_whole_programs() -> None:
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    scripts = [block.partition("```")[0] for block in text.split("```bash\n")[1:]]
    assert len(scripts) == 2
    for script in scripts:
        assert subprocess.run(["bash", "-n"], input=script.encode()).returncode == 0
