"""`alertwrap new`: in every language the first alert builds, speaks, and keeps the contract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from alertwrap.cli import main
from alertwrap.kit.scaffold import LANGUAGES
from tests.conftest import missing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_alert_keeps_the_contract(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["new", "my-files", "--lang", lang])
    assert result.exit_code == 0, result.output
    assert f"wrote my-files/my-files.{LANGUAGES[lang].suffix}" in result.output
    assert "alertwrap check my-files.toml" in result.output
    program = tmp_path / "my-files" / f"my-files.{LANGUAGES[lang].suffix}"
    assert len(program.read_text().splitlines()) <= 40
    if not shutil.which(LANGUAGES[lang].needs):
        missing(f"{LANGUAGES[lang].needs}, for {LANGUAGES[lang].title}")
    for line in (tmp_path / "my-files" / "my-files.toml").read_text().splitlines():
        if line.startswith("# Build: "):
            assert line.removeprefix("# Build: ") in result.output
            words = line.removeprefix("# Build: ").split()
            subprocess.run(words, cwd=program.parent, check=True, env={**os.environ, "GOCACHE": str(tmp_path / "go")})
    test = (tmp_path / "my-files" / "my-files.test.sh").read_text()
    assert test.endswith("alertwrap check my-files.toml\n"), "below, by itself and with a shorter C25"
    environ = dict(os.environ)
    shorter = test.removesuffix("alertwrap check my-files.toml\n").replace('"$(dirname "$0")"', "my-files")
    done = subprocess.run(["sh", "-c", shorter], env=environ, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "every line is right\n"), done.stdout
    broken = shorter.replace("files, 0 are", "files, 7 are")
    failed = subprocess.run(["sh", "-c", broken], env=environ, capture_output=True, text=True)
    assert failed.returncode == 1
    assert 'it said: {"' in failed.stderr
    checked = CliRunner().invoke(main, ["check", "my-files/my-files.toml", "--format", "json", "--load", "1"])
    rows = {row["code"]: row["verdict"] for row in json.loads(checked.output)["rows"]}
    assert checked.exit_code == 0, checked.output
    assert rows["C01"] == rows["C03"] == rows["C09"] == rows["C23"] == "pass"


def test_it_overwrites_nothing_and_names_what_is_there(tmp_path: Path) -> None:
    words = ["new", "mine", "--dir", str(tmp_path)]
    (tmp_path / "mine.toml").write_text("precious")
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert f"{tmp_path / 'mine.toml'} is there already; nothing was written" in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("name", ["", "a b", "../x", "1st", 'a"b'])
def test_a_name_that_cannot_be_one_is_refused(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["new", name, "--dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "NAME: expected letters" in result.output
