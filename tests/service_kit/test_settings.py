"""Settings: where each value comes from, and every mistake at once by the name under which it was set."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from service_kit.secrets import Secret
from service_kit.settings import Common, SettingsError, Source, read_source


class Mail(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Secret | None = None
    tries: int = 3
    hosts: tuple[str, ...] = ()


class Own(BaseModel):
    mail: Mail = Mail()


def common(environ: dict[str, str], file: Path | None = None) -> Common:
    return read_source(file, environ).read(Common)


def test_the_environment_wins_over_the_file_which_wins_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('server = "http://file:1"\n[http]\nport = 7000\nhost = "::1"\n')
    read = common({"ALERTWRAP_HTTP__PORT": "7001", "UNRELATED": "x"}, file)
    assert (read.server, read.http.port, read.http.host) == ("http://file:1", 7001, "::1")
    assert common({}).http.port == 8000


def test_a_secret_is_read_from_a_file_and_does_not_print_itself(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret-of-16-chars\n")
    read = common({"ALERTWRAP_TOKEN_FILE": str(tmp_path / "token")})
    assert read.bootstrap().get_secret_value() == "s3cret-of-16-chars"
    assert "s3cret-of-16-chars" not in repr(read)


def test_lists_and_tables_are_json() -> None:
    source = read_source(None, {"ALERTWRAP_MAIL__HOSTS": '["a", "b"]', "ALERTWRAP_PEERS": '{"notifier": "http://n"}'})
    assert source.read(Own).mail.hosts == ("a", "b")
    assert source.read(Common).peers == {"notifier": "http://n"}


def test_every_mistake_is_told_at_once_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('public_url = "ftp://x"\n[http]\nport = 70000\nprot = 1\n')
    with pytest.raises(SettingsError) as refused:
        common({"ALERTWRAP_HTTP__MAX_BODY": "lots", "ALERTWRAP_SERVER": "nowhere"}, file)
    names = sorted(line.partition(": expected")[0].partition(": Input")[0] for line in refused.value.problems)
    text = "\n".join(refused.value.problems)
    assert len(names) == 5
    for name in ("ALERTWRAP_HTTP__MAX_BODY", "ALERTWRAP_SERVER", f"{file}: public_url", f"{file}: [http] port",
                 f"{file}: [http] prot"):  # fmt: skip
        assert name in text


def test_a_wrong_value_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        read_source(None, {"ALERTWRAP_MAIL__TRIES": "hunter2"}).read(Own)
    assert "hunter2" not in str(refused.value)


def test_every_unreadable_secret_file_is_named_beside_the_other_mistakes(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_source(
            None,
            {
                "ALERTWRAP_TOKEN_FILE": str(tmp_path / "none"),
                "ALERTWRAP_MAIL__URL_FILE": str(tmp_path),
                "ALERTWRAP_HTTP__PORT": "x",
            },
        ).require(Common)
    assert [line.partition(":")[0] for line in refused.value.problems] == [
        "ALERTWRAP_MAIL__URL_FILE", "ALERTWRAP_TOKEN_FILE", "ALERTWRAP_HTTP__PORT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[http\nport = 1", "line 1"),
        (b"port = 1\nport = 2\n[x]", "line 2"),
        (b"a = '\xff'", "utf-8"),
        (None, "No such"),
    ],
)
def test_a_bad_file_is_named_with_the_place(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "settings.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        read_source(file, {})
    assert str(file) in str(refused.value)
    assert says in str(refused.value)


def test_a_table_where_text_belongs_and_text_where_a_table_belongs_are_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("http = 5\n[server]\nx = 1\n")
    with pytest.raises(SettingsError) as refused:
        common({}, file)
    assert len(refused.value.problems) == 2


def test_an_unknown_setting_is_named() -> None:
    source = read_source(None, {"ALERTWRAP_MIAL__URL": "x", "ALERTWRAP_TEST_POSTGRES": "x", "ALERTWRAP_CONFIG": "x"})
    assert source.unknown(Common, Own) == ["ALERTWRAP_MIAL: no such setting"]


def test_without_the_shared_token_nothing_starts() -> None:
    with pytest.raises(SettingsError, match="ALERTWRAP_TOKEN"):
        Common().bootstrap()


@pytest.mark.parametrize("token", ["", "secret", "x" * 15, "two words, many letters", "пароль-пароль-пароль"])
def test_a_shared_token_that_could_be_guessed_or_sent_nowhere_starts_nothing(token: str) -> None:
    with pytest.raises(SettingsError, match="16 characters") as refused:
        Common(token=Secret(token)).bootstrap()
    assert not token or token not in str(refused.value)


def test_the_database_is_a_file_in_the_data_directory_unless_configured(tmp_path: Path) -> None:
    read = common({"ALERTWRAP_DATA": str(tmp_path)})
    assert read.database_url(None, "notifier") == f"sqlite:///{tmp_path}/notifier.db"
    assert read.database_url("postgresql://h/d", "notifier") == "postgresql://h/d"


def test_reading_nothing_gives_the_defaults() -> None:
    assert Source({}, {}).read(Own) == Own()
