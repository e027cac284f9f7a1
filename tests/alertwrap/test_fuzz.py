"""Five seconds of coverage-guided fuzzing with every test run; by hand it runs as long as you like."""

from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alertwrap.conftest import ROOT


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed here")
def test_the_fuzzer_finds_nothing_in_five_seconds(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, text in enumerate((ROOT / "docs" / "protocol" / "from-alert.ndjson").read_text("utf-8").splitlines()):
        case = json.loads(text)
        raw = base64.b64decode(case["base64"]) if "base64" in case else case["bytes"].encode()
        (corpus / str(number)).write_bytes(b"\x07" + raw)
    options = ["-max_total_time=5", "-rss_limit_mb=1024", f"-artifact_prefix={tmp_path}/", str(corpus)]
    command = [sys.executable, "-m", "tests.alertwrap.fuzz_protocol", *options]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Done" in result.stderr
