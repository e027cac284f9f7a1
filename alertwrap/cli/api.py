"""The server's API as the command line uses it: answers as values, refusals as one clear line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import click
import httpx2

from alertwrap.cli.connection import Connection
from alertwrap.cli.terminal import printable

_TIMEOUT = httpx2.Timeout(15.0, connect=3.0)


def call(
    connection: Connection,
    method: str,
    path: str,
    *,
    params: Any = None,
    json: Any = None,
    instead: str | None = None,
    if_match: str | None = None,
) -> Any:
    """One request; returns the JSON answer, or ends the command with what the server said.

    `instead` is asked when the token may not ask for `path`.
    """
    headers = {"authorization": f"Bearer {connection.token.get_secret_value()}"}
    headers |= {"if-match": if_match} if if_match is not None else {}
    try:
        with httpx2.Client(headers=headers, timeout=_TIMEOUT, trust_env=False) as client:
            response = client.request(method, connection.server + path, params=params, json=json)
    except httpx2.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise click.ClickException(f"cannot reach {connection.server}: {reason}. Is it running?") from None
    except UnicodeEncodeError:
        raise click.ClickException("what was typed holds bytes that are no UTF-8, and cannot be sent") from None
    if response.is_success:
        return response.json() if response.content else None
    if instead is not None and response.status_code == HTTPStatus.FORBIDDEN:
        return call(connection, method, instead, params=params, json=json)
    raise click.ClickException(refusal(response))


def refusal(response: httpx2.Response) -> str:
    """What the server said against a request, in one line that is fit for a terminal."""
    try:
        problem = response.json()
    except ValueError:
        return f"the server answered {response.status_code}"
    errors = problem.get("errors") or [error for result in problem.get("results", []) for error in result["errors"]]
    lines = [f"{error['path']}: {error['message']}" if error["path"] else error["message"] for error in errors]
    text = "; ".join(lines) or problem.get("detail") or f"the server answered {response.status_code}"
    return printable(text)
