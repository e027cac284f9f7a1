"""What people get wrong on the command line: one clear text on stderr, the exit code as documented, no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from alertwrap.cli import COMMANDS
from tests.story.system import BOOTSTRAP, System, bearer

USAGE, CONFIG, FAILED = 2, 78, 1
Done = subprocess.CompletedProcess[str]


def run(*words: str, module: str = "alertwrap", seconds: float = 30, **environ: str) -> Done:
    """A command to its end, in an environment that sets nothing but `environ`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
    done = subprocess.run(
        [sys.executable, "-m", module, *words], env={**clean, **environ}, capture_output=True, text=True,
        timeout=seconds, stdin=subprocess.DEVNULL, errors="replace",
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def token(system: System, *words: str) -> str:
    done = run("token", "create", *words, ALERTWRAP_SERVER=system.url, ALERTWRAP_TOKEN=BOOTSTRAP)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# settings


def test_all_wrong_settings_are_named_at_once_by_the_name_under_which_they_were_set(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[http]\nport = "x"\nfoo = 1\n[weird]\na = 1\n')
    done = run(
        "up", "--config", str(file), "--data", str(tmp_path / "data"), ALERTWRAP_EMAIL__URL="5",
        ALERTWRAP_EMAIL__NOPE="1", ALERTWRAP_SERVER="zzz", ALERTWRAP_LOG="x", ALERTWRAP_NOWHERE__X="1",
        ALERTWRAP_TELEGRAM__TOKEN_FILE="/no/such/file",
    )  # fmt: skip
    assert done.returncode == CONFIG
    assert done.stderr.startswith("alertwrap: wrong settings\n")
    for line in (
        f"{file}: [http] port: ", f"{file}: [http] foo: no such setting", f"{file}: weird: no such setting",
        "ALERTWRAP_EMAIL__URL: expected smtp://", "ALERTWRAP_EMAIL__NOPE: no such setting",
        "ALERTWRAP_SERVER: expected a URL such as ", "ALERTWRAP_LOG: expected a section",
        "ALERTWRAP_NOWHERE: no such setting",
        "ALERTWRAP_TELEGRAM__TOKEN_FILE: cannot read /no/such/file: No such file or directory",
    ):  # fmt: skip
        assert f"  {line}" in done.stderr, done.stderr
    assert not (tmp_path / "data").exists(), "nothing was opened"


@pytest.mark.parametrize("text", ["x = [", "\xff\xfe", None])
def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_bytes(text.encode("latin-1"))
    for module, words in (("alertwrap", ["up"]), ("notifier", ["serve"]), ("msg_sender", ["serve"])):
        done = run(*words, "--config", str(file), module=module, ALERTWRAP_TOKEN="t")
        assert (done.returncode, str(file) in done.stderr) == (CONFIG, True), done.stderr


@pytest.mark.parametrize("module", ["notifier", "configurator", "notice_center", "msg_sender"])
def test_a_service_names_its_wrong_settings_too(module: str, tmp_path: Path) -> None:
    done = run(
        "serve", module=module, ALERTWRAP_TOKEN="t", ALERTWRAP_HTTP__PORT="x", ALERTWRAP_HTTP__MAX_BODY="1",
        ALERTWRAP_EMAIL__PASSWORD_FILE="/no/such/file", ALERTWRAP_DATA=str(tmp_path / "data"),
    )  # fmt: skip
    assert done.returncode == CONFIG
    for name in ("ALERTWRAP_HTTP__PORT: ", "ALERTWRAP_HTTP__MAX_BODY: ", "ALERTWRAP_EMAIL__PASSWORD_FILE: cannot read"):
        assert f"  {name}" in done.stderr, done.stderr


# places


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("up", "--no-examples", "--data", str(tmp_path), "--port", port)
        assert done.returncode == FAILED
        assert f"port {port} is taken" in done.stderr
        done = run("serve", "--data", str(tmp_path), "--port", port, module="notifier", ALERTWRAP_TOKEN="t" * 16)
        assert done.returncode == FAILED
        assert done.stderr.startswith("notifier: ")


def test_a_data_directory_in_use_is_named(system: System) -> None:
    data = str(system.directory / "data")
    done = run("up", "--no-examples", "--data", data, "--port", "0")
    assert done.returncode == FAILED
    assert "is in use by another process" in done.stderr


def test_a_data_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("up", "--no-examples", "--data", str(tmp_path / "file"), "--port", "0")
    assert (done.returncode, str(tmp_path / "file") in done.stderr) == (FAILED, True)


# alerts


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ('name = "a"\ncommand = ["./x"]\nwhat = 1\n', "what: no such key; known are command"),
        ('name = "a"\ncommand = "./x --fast"\n', 'Write: command = ["./x", "--fast"]'),
        ("name = 5\ncommand = []\n", "name: "),
        ("name = 5\ncommand = []\n", "command: "),
        ('command = ["x"]\n', "name: expected this key"),
        ("x = [", "Invalid value"),
        ("\xff", "utf-8"),
    ],
)
def test_a_wrong_alert_file_ends_with_its_mistakes(tmp_path: Path, manifest: str, said: str) -> None:
    file = tmp_path / "alert.toml"
    file.write_bytes(manifest.encode("latin-1"))
    done = run("run", "--data", str(tmp_path / "data"), str(file), ALERTWRAP_TOKEN="t")
    assert done.returncode == CONFIG
    assert str(file) in done.stderr
    assert said in done.stderr


@pytest.mark.parametrize(
    ("program", "mode", "said"),
    [
        (None, 0, "no such program"),
        ("echo hi\n", 0o644, "not executable; chmod +x"),
        ("#!/no/such/interpreter\n", 0o755, "its interpreter /no/such/interpreter does not exist"),
    ],
)
def test_a_program_that_cannot_run_is_logged_and_becomes_a_notice(
    tmp_path: Path, system: System, us: dict[str, str], program: str | None, mode: int, said: str
) -> None:
    if program is not None:
        (tmp_path / "p").write_text(program)
        (tmp_path / "p").chmod(mode)
    name = f"cannot-{mode}"
    file = tmp_path / "alert.toml"
    file.write_text(f'name = "{name}"\ncommand = ["./p"]\n')
    log = tmp_path / "log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ALERTWRAP_")}
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "alertwrap", "run", "--data", str(tmp_path / "data"), str(file)]
        process = subprocess.Popen(command, env={**clean, **us}, stderr=stream)
    try:
        deadline = time.monotonic() + 20
        params = {"q": f"{name} cannot be run"}
        while not httpx2.get(f"{system.url}/api/v1/notices", params=params, headers=bearer(BOOTSTRAP)).json()["items"]:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
    finally:
        process.terminate()
        assert process.wait(20) == 0
    assert said in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "ALERTWRAP_TOKEN or ALERTWRAP_TOKEN_FILE: expected a token"),
        ({"ALERTWRAP_TOKEN": "a b"}, "ALERTWRAP_TOKEN: expected a token"),
        ({"ALERTWRAP_TOKEN": "é"}, "ALERTWRAP_TOKEN: expected a token"),
        ({"ALERTWRAP_TOKEN_FILE": "/no/such/file"}, "cannot read /no/such/file: No such file"),
        ({"ALERTWRAP_TOKEN": "t", "ALERTWRAP_SERVER": "nowhere"}, "ALERTWRAP_SERVER: expected a URL"),
    ],
)
def test_run_names_what_it_lacks(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    file = tmp_path / "alert.toml"
    file.write_text('name = "a"\ncommand = ["true"]\n')
    done = run("run", "--data", str(tmp_path), str(file), **environ)
    assert (done.returncode, said in done.stderr) == (CONFIG, True), done.stderr


# servers and tokens

ASKING = (["send", "hello"], ["notices"], ["notices", "--follow", "--limit", "0"], ["token", "list"])


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_a_server_that_cannot_be_reached_is_named(words: list[str]) -> None:
    done = run(*words, ALERTWRAP_SERVER="http://127.0.0.1:1", ALERTWRAP_TOKEN="t")
    assert done.returncode == FAILED
    assert "cannot reach http://127.0.0.1:1" in done.stderr
    done = run(*words, ALERTWRAP_SERVER="nowhere", ALERTWRAP_TOKEN="t")
    assert (done.returncode, "expected a URL" in done.stderr) == (FAILED, True)


@pytest.mark.parametrize("words", ASKING, ids=" ".join)
def test_a_token_that_does_not_open_is_said(system: System, words: list[str]) -> None:
    for given, said in (
        ("aw_unknown", "unknown, revoked or expired"),
        (token(system, "--scope", "metrics:read"), "the token lacks the scope"),
        ("é", "expected a token"),
        ("a\nb", "expected a token"),
    ):
        done = run(*words, ALERTWRAP_SERVER=system.url, ALERTWRAP_TOKEN=given)
        assert (done.returncode, said in done.stderr) == (FAILED, True), (given, done.stderr)


def test_a_follower_ends_when_its_token_is_revoked(system: System) -> None:
    made = httpx2.post(
        f"{system.url}/api/v1/tokens", json={"scopes": ["inbox"], "recipient": "ann"}, headers=bearer(BOOTSTRAP)
    ).json()
    environ = {"ALERTWRAP_SERVER": system.url, "ALERTWRAP_TOKEN": made["token"], "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "alertwrap", "notices", "--follow"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("following ")
        httpx2.delete(f"{system.url}/api/v1/tokens/{made['id']}", headers=bearer(BOOTSTRAP)).raise_for_status()
        assert process.wait(20) == FAILED
        said = process.stderr.read()
    assert "Error: " in said
    assert "Traceback" not in said


def test_a_token_file_that_is_none_is_named(tmp_path: Path, system: System) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"\xff\x00")
    done = run("send", "x", "--token-file", str(file), "--server", system.url)
    assert (done.returncode, str(file) in done.stderr) == (FAILED, True)


def test_an_id_is_no_path(system: System, us: dict[str, str]) -> None:
    done = run("token", "revoke", "../configs", **us)
    assert done.returncode == FAILED
    assert "Method" not in done.stderr


# notices


def test_no_notice_drives_the_terminal(system: System, us: dict[str, str]) -> None:
    title = "a\x1b]52;c;aGk=\x07b\u202ec\x9bd\r\n\x08e"
    for words in (["send", title, "--to", "ann"], ["token", "create", "--scope", "events:read", "--name", title]):
        assert run(*words, **us).returncode == 0
    for words in (["notices"], ["notices", "--json"], ["token", "list"], ["send", "x", "--id", title]):
        done = run(*words, **us)
        shown = done.stdout + done.stderr
        assert "52;c;aGk=" in shown or words[0] == "send"
        assert not [char for char in shown if char != "\n" and not char.isprintable()], (words, shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--url", "javascript:1"], "/url: "),
        (["--to", "../x"], "/recipients/0: "),
        (["--alert", "a b"], "/alert: "),
        (["--key", "k" * 500], "/key: "),
    ],
)
def test_what_the_server_refuses_names_the_field_once(us: dict[str, str], words: list[str], said: str) -> None:
    done = run("send", "hello", *words, **us)
    assert (done.returncode, done.stderr.count(said)) == (FAILED, 1), done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["send"], ["send", "x", "--label", "y"], ["send", "x", "--severity", "odd"], ["notices", "--limit", "-1"],
        ["token", "create"], ["token", "create", "--scope", "odd"], ["run"], ["nothing"], ["up", "--port", "70000"],
        ["up", "--nonsense"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_explained(words: list[str]) -> None:
    done = run(*words, ALERTWRAP_SERVER="http://127.0.0.1:1", ALERTWRAP_TOKEN="t")
    assert (done.returncode, "Error: " in done.stderr) == (USAGE, True), done.stderr


@pytest.mark.parametrize(
    "words", [[], *([name] for name in COMMANDS), *(["token", name] for name in ("create", "list", "revoke"))]
)
def test_help_says_what_each_option_does(words: list[str]) -> None:
    done = run(*words, "--help")
    assert done.returncode == 0
    options = done.stdout.partition("Options:\n")[2].partition("\n\n")[0]
    assert options
    for line in options.splitlines():
        if line.startswith("  -"):
            assert len(line.split("  ")) > 2 or "[" in line or len(line) > 30, f"{words}: {line}"
    assert "..." not in done.stdout.partition("Options:")[2], "nothing is cut off"
