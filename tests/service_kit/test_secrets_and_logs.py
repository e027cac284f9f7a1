"""Secrets do not print themselves, and no log line holds one or breaks a terminal."""

from __future__ import annotations

import json

import pytest
import structlog

from service_kit import logs
from service_kit.logs import LogSettings
from service_kit.secrets import TOKEN_PREFIX, Secret, hash_token, mask, new_token

TELEGRAM = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvw"


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(token.startswith(TOKEN_PREFIX) and len(token) >= 46 for token in tokens)
    assert len(hash_token(tokens.pop())) == 64


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("token aw_sKR-eAwkbe5TLmHw98zkOoEKjMnia_DW9kfwVAhvpyQ refused", None),
        (f"https://api.telegram.org/bot{TELEGRAM}/sendMessage", TELEGRAM),
        ("Authorization: Bearer hunter2hunter2", "hunter2hunter2"),
        ("smtp://ann:hunter2@mail.example.org:587", "hunter2"),
        ("postgresql://ann:hunter2@db/alertwrap", "hunter2"),
        ("https://hooks.slack.com/services/T0/B0/hunter2", "hunter2"),
        ("whsec_aHVudGVyMg==", "aHVudGVyMg=="),
        ("the token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl ended", "eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"),
    ],
)
def test_credentials_are_masked_wherever_they_stand(text: str, secret: str | None) -> None:
    hidden = secret or text.split()[1]
    assert hidden in text
    assert hidden not in mask(text)
    assert "***" in mask(text)


def test_plain_text_is_not_masked() -> None:
    for text in ("disk / is 91% full", "http://127.0.0.1:8000/api/v1/configs", "a bearer of bad news: ann@example.org"):
        assert mask(text).replace("***", "") in (text, "a bearer  bad news: ann@example.org")


def test_a_secret_does_not_print_itself() -> None:
    assert "hunter2" not in f"{Secret('hunter2')} {Secret('hunter2')!r}"


@pytest.fixture(autouse=True)
def _restore() -> object:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_holds_a_secret_or_an_escape(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format=form))  # type: ignore[arg-type]
    token = new_token()
    log = structlog.get_logger()

    def fail() -> None:
        local = {"authorization": f"Bearer {token}"}
        raise RuntimeError(f"{token} is wrong\x1b]52;c;evil\x07 {len(local)}")

    log.info("evil\x1b[2J\u202e", token="hunter2", url=f"https://x/bot{TELEGRAM}/", nested={"a": token}, n=1)
    try:
        fail()
    except RuntimeError:
        log.exception("failed", path='/x\n{"level":"info"}')
    lines = capsys.readouterr().err
    for secret in (token, "hunter2", TELEGRAM):
        assert secret not in lines
    assert "RuntimeError" in lines
    if form == "json":
        assert "\x1b" not in lines
        parsed = [json.loads(line) for line in lines.splitlines()]
        assert [line["level"] for line in parsed] == ["info", "error"]
        assert parsed[0]["n"] == 1
    assert "\x1b[2J" not in lines
    assert "\x1b]52" not in lines
    assert "\u202e" not in lines


def test_a_line_is_a_pointer_and_no_archive(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json"))
    structlog.get_logger().info("big", body="x" * 1_000_000)
    assert len(capsys.readouterr().err) < 10_000


def test_the_level_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(format="json", level="warning"))
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert "quiet" not in (text := capsys.readouterr().err)
    assert "loud" in text
