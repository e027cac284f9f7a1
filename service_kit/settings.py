"""Settings, read once at the start: defaults, then one TOML file, then the environment.

`ALERTWRAP_EMAIL__URL` sets `url` in the section `[email]`; `ALERTWRAP_SERVER` sets the top-level `server`. Every
variable may end in `_FILE` to name a file that holds the value, as secrets in containers do. All mistakes are
reported at once, each by the name under which it was set.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from service_kit.logs import LogSettings
from service_kit.problems import field_errors
from service_kit.secrets import Secret, is_token
from wire.ids import Name

PREFIX = "ALERTWRAP_"
_FILE = "_FILE"
#: Variables that share the prefix and are no settings: the settings file itself, and what the tests want.
_CONFIG, _TESTS = "ALERTWRAP_CONFIG", "ALERTWRAP_TEST_"

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512",
]  # fmt: skip
#: Half of the length of what `openssl rand -hex 16` prints.
_SHORTEST_TOKEN = 16
_URL = r"^https?://[^\s/]+(/[^\s]*)?$"

M = TypeVar("M", bound=BaseModel)


class SettingsError(Exception):
    """One or more wrong settings; the text has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _origin(text: str) -> str:
    """Compared letter by letter with what browsers send, so it must be written as they write it."""
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?|https?://\[[0-9a-f:.]+\](:[0-9]+)?", text):
        raise ValueError("expected an origin such as https://panel.example.org, in lower case and without a path")
    if re.fullmatch(r"https:.*:443|http:.*:80", text):
        raise ValueError("expected an origin without the scheme's own port, as browsers write it")
    return text


class HttpSettings(BaseModel):
    """Where a service listens and what it takes. Loopback until someone says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    max_body: int = Field(1024 * 1024, ge=1024, description="bytes of one request")
    max_batch: int = Field(16 * 1024 * 1024, ge=1024, description="bytes of one NDJSON or array request")
    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        (), description="origins of other pages that may call with a token: scheme, host and port, exactly"
    )


class JwtSettings(BaseModel):
    """JWT of the customer's own issuer, by which people of an embedding page open their inbox. None without `issuer`.

    The algorithms are pinned: those that check with a public key, or HMAC with a shared secret, never both.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str | None = Field(None, description="`iss` of people's JWT; none is taken while it is not set")
    audience: str | None = Field(None, description="`aud` that they must name")
    algorithms: tuple[Algorithm, ...] = Field(("RS256",), min_length=1, description="the only ones that are taken")
    key: Secret | None = Field(None, description="public key (PEM), or for HS… the shared secret of 32 bytes or more")
    jwks_url: str | None = Field(
        None, pattern=_URL, description="where the issuer publishes its keys, instead of `key`"
    )
    claim: str = Field("sub", description="the claim that names the recipient")
    topics: tuple[Name, ...] = Field(
        (), description="topics of your own that everyone with such a JWT may follow, besides their inbox"
    )

    @model_validator(mode="after")
    def _whole(self) -> JwtSettings:
        if self.issuer is None:
            if self.model_fields_set:
                raise ValueError("issuer: expected the `iss` of the JWT, since other settings of them are there")
            return self
        if not self.audience:
            raise ValueError("audience: expected the `aud` of the JWT: one that was made for others must open nothing")
        if (self.key is None) == (self.jwks_url is None):
            raise ValueError("expected either key or jwks_url")
        symmetric = {one.startswith("HS") for one in self.algorithms}
        if len(symmetric) == 2:
            raise ValueError("algorithms: expected HS… alone, or none of them: a public key must never be a secret")
        if True in symmetric and (self.key is None or not _is_secret(self.key.get_secret_value())):
            raise ValueError("key: expected a secret of 32 bytes or more, since the algorithm is HS…")
        return self


def _is_secret(key: str) -> bool:
    return len(key.encode()) >= 32 and "-----BEGIN" not in key


class EgressSettings(BaseModel):
    """Which private addresses outgoing requests may reach: CIDR networks or `host:port`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow: tuple[str, ...] = Field((), description="private targets that may be reached: CIDR or host:port")


class Common(BaseModel):
    """What every service reads. `server` is the base URL under which the services find each other.

    `token` is the bootstrap token that the services share; without it none starts.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    server: str = Field("http://127.0.0.1:8000", pattern=_URL, description="where the services find each other")
    token: Secret | None = Field(None, description="the bootstrap token that all services share")
    data: Path = Field(
        default_factory=lambda: user_data_path("alertwrap"), description="directory of embedded databases"
    )
    public_url: str | None = Field(None, pattern=_URL, description="the base URL as browsers see it")
    peers: dict[str, str] = Field(default_factory=dict, description="base URLs of services that are not under `server`")
    http: HttpSettings = HttpSettings()
    log: LogSettings = LogSettings()
    egress: EgressSettings = EgressSettings()
    jwt: JwtSettings = JwtSettings()

    def bootstrap(self) -> Secret:
        """The shared token; raises SettingsError when it is missing or could be guessed, since it opens everything."""
        if self.token is None:
            raise SettingsError([f"{PREFIX}TOKEN: expected the token that all services share (openssl rand -hex 32)"])
        text = self.token.get_secret_value()
        if len(text) < _SHORTEST_TOKEN or not is_token(text):
            said = f"expected {_SHORTEST_TOKEN} characters or more, ASCII without spaces (openssl rand -hex 32)"
            raise SettingsError([f"{PREFIX}TOKEN: {said}"])
        return self.token

    def database_url(self, configured: str | None, name: str) -> str:
        """The configured URL, or an SQLite file of this name in the data directory."""
        return configured or f"sqlite:///{self.data / (name + '.db')}"


@dataclass(frozen=True)
class Source:
    """The merged values and, for each path, the name under which a person set it."""

    values: Mapping[str, Any]
    origins: Mapping[tuple[str, ...], str]
    unreadable: Sequence[str] = ()

    def read(self, model: type[M]) -> M:
        """The part of the settings that `model` declares; raises SettingsError with every mistake in it."""
        wanted = {name: self.values[name] for name in model.model_fields if name in self.values}
        try:
            return model.model_validate(wanted)
        except ValidationError as error:
            problems = field_errors(error.errors(include_url=False, include_input=False))
            raise SettingsError([f"{self._name(item.path)}: {_said(item.message)}" for item in problems]) from None

    def require(self, *models: type[BaseModel]) -> None:
        """Raise SettingsError with the mistakes in all of `models`, so that nobody mends them one by one."""
        problems = list(self.unreadable)
        for model in models:
            try:
                self.read(model)
            except SettingsError as error:
                problems += error.problems
        if problems:
            raise SettingsError(problems)

    def unknown(self, *models: type[BaseModel]) -> list[str]:
        """Complaints about top-level names that none of `models` declares."""
        declared = {name for model in models for name in model.model_fields}
        return [f"{self._name('/' + name)}: no such setting" for name in self.values if name not in declared]

    def _name(self, path: str) -> str:
        parts = tuple(path.strip("/").split("/"))
        for length in range(len(parts), 0, -1):
            if parts[:length] in self.origins:
                rest = ".".join(parts[length:])
                return self.origins[parts[:length]] + (f" ({rest})" if rest else "")
        return PREFIX + "__".join(parts).upper()


def read_source(file: Path | None, environ: Mapping[str, str]) -> Source:
    """Merge the TOML file (if any) and the environment; raises SettingsError when the file cannot be read."""
    values: dict[str, Any] = {}
    origins: dict[tuple[str, ...], str] = {}
    if file is not None:
        _merge(values, origins, _read_toml(file), str(file))
    found, unreadable = _from_environment(environ)
    for path, name, value in found:
        _put(values, path, value)
        origins[path] = name
    return Source(values, origins, unreadable)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError([f"{file}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{file}: {error}"]) from None


def _merge(values: dict[str, Any], origins: dict[tuple[str, ...], str], table: dict[str, Any], file: str) -> None:
    for name, value in table.items():
        values[name] = value
        origins[(name,)] = f"{file}: {name}"
        if isinstance(value, dict):
            origins.update({(name, key): f"{file}: [{name}] {key}" for key in value})


def _from_environment(environ: Mapping[str, str]) -> tuple[list[tuple[tuple[str, ...], str, Any]], list[str]]:
    """(path, variable and value of each setting; a complaint about each file that cannot be read)."""
    found, problems = [], []
    for name, raw in sorted(environ.items()):
        if not name.startswith(PREFIX) or name.startswith(_TESTS) or name == _CONFIG:
            continue
        value = raw
        if name.endswith(_FILE):
            try:
                value = Path(raw).read_text("utf-8").strip()
            except OSError as error:
                problems.append(f"{name}: cannot read {raw}: {error.strerror}")
                continue
            except UnicodeDecodeError:
                problems.append(f"{name}: cannot read {raw}: expected UTF-8")
                continue
        path = tuple(name.removeprefix(PREFIX).removesuffix(_FILE).lower().split("__"))
        found.append((path, name, _value(value)))
    return found, problems


def _said(message: str) -> str:
    """pydantic's sentence, in the words of someone who sets something."""
    if message.startswith("Extra inputs"):
        return "no such setting"
    if message.startswith("String should match pattern '^https?"):
        return "expected a URL such as http://127.0.0.1:8000"
    return "expected a section with settings" if message.startswith("Input should be a valid dictionary") else message


def _value(text: str) -> Any:
    """Lists and tables are written as JSON; everything else stays text, which the models convert."""
    if text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    table = values
    for name in path[:-1]:
        inner = table.get(name)
        table[name] = dict(inner) if isinstance(inner, dict) else {}
        table = table[name]
    table[path[-1]] = value
