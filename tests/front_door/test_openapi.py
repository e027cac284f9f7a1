"""Thousands of generated requests against the published document: no 5xx, and nothing answered that it does not say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.front_door.conftest import new_token

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "ignored_auth",
)  # fmt: skip
_SECONDS = 28
#: A poll waits as long as it is asked to: tests/notifier/test_polls.py asks it.
_WAITS = "/api/v1/follow"


@pytest.mark.slow
@pytest.mark.parametrize("scope", ["admin", "inbox"])
def test_the_system_does_what_its_openapi_document_says(
    url: str, http: httpx2.Client, scope: str, tmp_path: Path
) -> None:
    token = new_token(http, scope)["token"]
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "-H", f"Authorization: Bearer {token}",
        "--seed", "1", "--generation-deterministic", "--max-examples", "3", "--max-time", str(_SECONDS),
        "--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS), "--continue-on-failure",
        "--warnings", "off", "--exclude-path", _WAITS,
    ]  # fmt: skip
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "Tested: " in run.stdout
    assert http.get("/readyz").status_code == 200
