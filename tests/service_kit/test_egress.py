"""The egress client against real listeners: what must never be touched, and what providers do on bad days."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from service_kit.egress import MAX_BODY, Answer, Denied, Egress, EgressError, NoAnswer
from tests.fakes.provider import (
    CUT_BEFORE_ANSWER,
    CUT_IN_BODY,
    DRIPPING,
    ENDLESS,
    NOT_HTTP,
    SILENT,
    Provider,
    Told,
    bomb,
    told,
)

#: Spellings of this machine and of places that only this machine reaches. PORT is the canary's.
HOSTS = """
localhost LOCALHOST localhost. LocalHost.
127.0.0.1 127.0.0.2 127.0.0.3 127.1 127.0.1 127.000.000.001 127.255.255.254 127.0.0.1.
2130706433 2130706434 0x7f000001 0x7F000001 0x7f000002 0x7f.1 0x7f.0.0.1 0x7f.0x0.0x0.0x1 017700000001 0177.1 0177.0.0.1
0177.0.0.01 00000177.0.0.1 0x7f.0.0.01 127.0x0.0.1 127.0.0.0x1 127.0.0.01 127.0.00.1 0x000000007f000001 0x7f.0x1
0 0.0.0.0 0x0 00 0.0 0.0.0 00.00.00.00 0x00000000
%31%32%37.0.0.1 127%2e0%2e0%2e1 %6c%6f%63%61%6c%68%6f%73%74 127.0.0.%31 localhost%00 localhost%00.example.org
１２７.０.０.１ 127。0。0。1 127．0．0．1 127｡0｡0｡1 ⑫⑦.0.0.1 ①②⑦.⓪.⓪.① ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ loc­alhost
[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [0::1] [::0:1] [0:0::1] [::0.0.0.1]
[::] [::0] [0:0:0:0:0:0:0:0] [::ffff:127.0.0.1] [::ffff:127.0.0.2] [::ffff:7f00:1] [::FFFF:7F00:1]
[0:0:0:0:0:ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:0001] [::ffff:0:127.0.0.1] [::127.0.0.1] [::7f00:1] [::ffff:0.0.0.0]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1] [2001:0:7f00:1::]
[fe80::1] [fe80::1%25lo] [fe80::1%25eth0] [fec0::1] [fc00::1] [fd00::1] [fd00:ec2::254] [ff02::1] [ff01::1] [100::1]
[2001:db8::1] [3fff::1] [5f00::1]
10.0.0.1 10.1 0x0a000001 167772161 012.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 0xac100001 192.168.0.1 192.168.1.1
192.168.257 0xc0a80001 3232235521 100.64.0.1 100.127.255.254 169.254.169.254 169.254.43518 0xa9fea9fe 2852039166
0251.0376.0251.0376 [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] 169.254.170.2 192.0.0.192 192.0.0.1 192.0.2.1
192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
[::ffff:10.0.0.1] [::ffff:192.168.0.1] [::ffff:172.16.0.1] [::ffff:100.64.0.1] [64:ff9b::10.0.0.1] [2002:a00:1::]
""".split()  # noqa: SIM905 - a table of words reads better
#: Whole URLs, for tricks that are not in the host.
URLS = """
http://localhost:PORT http://127.0.0.1:PORT/ http://127.0.0.1:PORT? http://127.0.0.1:PORT# HTTP://127.0.0.1:PORT/
http://example.org@127.0.0.1:PORT/ http://example.org:80@127.0.0.1:PORT/ http://127.0.0.1:PORT\\@example.org/
http://example.org%40127.0.0.1:PORT/ http://example.org#@127.0.0.1:PORT/ http://127.0.0.1:PORT/@example.org
http:127.0.0.1:PORT http:/127.0.0.1:PORT http:///127.0.0.1:PORT http:////127.0.0.1:PORT //127.0.0.1:PORT
http:\\\\127.0.0.1:PORT http://127.0.0.1:PORT:80/ http://127.0.0.1:0PORT/ http://[::1:PORT/ http://::1:PORT/
http://[127.0.0.1]:PORT/ http://127.0.0.1\\t:PORT/ http://localhost%20:PORT/ http://localhost,example.org:PORT/
http://;localhost:PORT/ http://*:PORT/ http://?:PORT/ http://-:PORT/ http://.:PORT/ http://..:PORT/ http://_:PORT/
ftp://127.0.0.1:PORT/ file:///etc/passwd file://127.0.0.1/etc/passwd gopher://127.0.0.1:PORT/ ws://127.0.0.1:PORT/
wss://127.0.0.1:PORT/ unix:///run/x.sock http+unix://%2frun%2fx.sock/ data:text/plain,x javascript:alert(1) ldap://127.0.0.1:PORT
dict://127.0.0.1:PORT/ jar:http://127.0.0.1:PORT/! https://127.0.0.1:PORT/ https://localhost:PORT/ https://[::1]:PORT/
http:// http://: http://:PORT http://@:PORT / PORT 127.0.0.1:PORT localhost:PORT localhost mailto:a@localhost
http://localhost:99999/ http://localhost:-1/ http://localhost:0/ http://user:pw@localhost:PORT/ http://user@[::1]:PORT/
""".split()  # noqa: SIM905 - a table of words reads better


@contextlib.asynccontextmanager
async def egress(**options: object) -> AsyncIterator[Egress]:
    client = Egress(**options)  # type: ignore[arg-type]
    try:
        yield client
    finally:
        await client.close()


async def post(client: Egress, url: str) -> Answer:
    return await client.request("POST", url, headers={"x-test": "1"}, body=b"{}")


@contextlib.asynccontextmanager
async def canaries() -> AsyncIterator[list[Provider]]:
    """One port on every address of this machine that a trick may lead to."""
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(Provider())
        others = [Provider(host=host, port=first.port) for host in ("127.0.0.2", "127.0.0.3", "::1")]
        yield [first, *[await stack.enter_async_context(other) for other in others]]


async def test_no_spelling_of_a_private_place_is_connected_to() -> None:
    spellings = [f"http://{host}:PORT/hook" for host in HOSTS] + URLS
    assert len(set(spellings)) >= 200
    async with canaries() as listeners, egress(deadline=5.0) as client:
        refused = await asyncio.gather(*(_refusal(client, url, listeners[0].port) for url in spellings))
        assert [url for url, error in zip(spellings, refused, strict=True) if error is None] == []
        assert [listener.connections for listener in listeners] == [0, 0, 0, 0]
    for error in refused:
        assert "127." not in str(error), "the text names no address"


async def test_without_the_guard_the_canaries_would_be_hit() -> None:
    """The control: the spellings above do lead to the listeners when an operator opens everything."""
    async with canaries() as listeners, egress(allow=["0.0.0.0/0", "::/0"], deadline=5.0) as client:
        spellings = [f"http://{host}:PORT/hook" for host in HOSTS[:70]]
        await asyncio.gather(*(_refusal(client, url, listeners[0].port) for url in spellings))
        assert sum(listener.connections for listener in listeners) > 40
        assert all(listener.connections for listener in listeners)


async def _refusal(client: Egress, url: str, port: int) -> EgressError | None:
    try:
        await post(client, url.replace("PORT", str(port)))
    except EgressError as error:
        return error
    return None


async def test_a_name_that_resolves_inside_is_denied_and_one_that_changes_its_mind_gains_nothing() -> None:
    async with Provider() as canary:
        answers = [["8.8.8.8"], ["127.0.0.1"]]
        asked = []

        def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return answers[min(len(asked), len(answers)) - 1]

        async with egress(resolve=rebinding, deadline=0.5) as client:
            with pytest.raises(NoAnswer):  # it connects to the public address that it checked, and to nothing else
                await post(client, f"http://rebind.example:{canary.port}/")
            assert len(asked) == 1, "between check and connect nobody is asked again"
            with pytest.raises(Denied):
                await post(client, f"http://rebind.example:{canary.port}/")
        assert canary.connections == 0


async def test_of_several_addresses_only_the_permitted_are_used() -> None:
    async with Provider() as provider:
        allowed = f"two.example:{provider.port}"
        async with egress(resolve=lambda *_: ["127.0.0.1", "10.0.0.1"], deadline=2.0) as client:
            with pytest.raises(Denied):
                await post(client, f"http://{allowed}/")
        async with egress(allow=["127.0.0.1"], resolve=lambda *_: ["10.0.0.1", "127.0.0.1"]) as client:
            assert (await post(client, f"http://{allowed}/")).status == 200
        assert provider.requests[0].headers["host"] == allowed, "the name goes along, not the address"


async def test_when_the_first_address_is_dead_the_next_is_tried() -> None:
    async with (
        Provider() as provider,
        egress(allow=["127.0.0.0/8"], resolve=lambda *_: ["127.0.0.9", "127.0.0.1"]) as client,
    ):
        assert (await post(client, f"http://two.example:{provider.port}/")).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_loopback_is_an_answer_and_is_not_followed(status: int) -> None:
    async with Provider() as canary, Provider([told(status, location=canary.url)]) as provider:
        async with egress(trusted=[provider.url]) as client:
            assert (await post(client, provider.url + "/x")).status == status
        assert canary.connections == 0


async def test_trust_in_one_target_is_no_trust_in_its_neighbours() -> None:
    async with Provider() as trusted, Provider() as other, egress(trusted=[trusted.url]) as client:
        assert (await post(client, trusted.url + "/bot/x")).status == 200
        with pytest.raises(Denied):
            await post(client, other.url)
        assert other.connections == 0


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Provider() as proxy, Provider() as provider:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with egress(trusted=[provider.url]) as client:
            assert (await post(client, provider.url)).status == 200
        assert proxy.connections == 0


async def test_tls_asks_for_the_name_and_connects_to_the_checked_address(tmp_path: Path) -> None:
    names = []
    server = _tls_server(tmp_path, "name.example", names)
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with Provider(tls=server) as provider:
        options = {"allow": ["127.0.0.1"], "resolve": lambda *_: ["127.0.0.1"], "tls": trust}
        async with egress(**options) as client:
            assert (await post(client, f"https://name.example:{provider.port}/")).status == 200
            with pytest.raises(NoAnswer, match="certificate"):
                await post(client, f"https://other.example:{provider.port}/")
    assert names == ["name.example", "other.example"]


def _tls_server(directory: Path, name: str, asked: list[str]) -> ssl.SSLContext:
    key, cert = directory / "key.pem", directory / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.sni_callback = lambda _, server_name, __: asked.append(str(server_name))
    return context


@pytest.mark.parametrize(
    ("answer", "status", "complete"),
    [
        (Told(), 200, True),
        (told(204, b""), 204, True),
        (told(500, b"oops"), 500, True),
        (told(200, b"{not json"), 200, True),
        (CUT_IN_BODY, 200, False),
        (ENDLESS, 200, False),
        (bomb(), 200, True),
    ],
)
async def test_the_status_counts_whatever_the_body_does(answer: Told, status: int, complete: bool) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with Provider([answer]) as provider, egress(trusted=[provider.url]) as client:
        got = await post(client, provider.url)
    assert (got.status, got.complete) == (status, complete)
    assert len(got.body) <= MAX_BODY
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 * 1024, "KiB more at the peak"


async def test_a_dripping_body_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_kit.egress._BODY_SECONDS", 0.3)
    async with Provider([DRIPPING]) as provider, egress(trusted=[provider.url]) as client:
        async with asyncio.timeout(30):
            got = await post(client, provider.url)
    assert got.status == 200
    assert not got.complete


@pytest.mark.parametrize(
    ("answer", "said"), [(SILENT, "no answer in time"), (CUT_BEFORE_ANSWER, "broke|not HTTP"), (NOT_HTTP, "not HTTP")]
)
async def test_no_answer_is_told_without_details(answer: Told, said: str) -> None:
    async with Provider([answer]) as provider, egress(trusted=[provider.url], deadline=0.5) as client:
        with pytest.raises(NoAnswer, match=said) as caught:
            await post(client, provider.url + "/secret-path")
    assert "secret" not in str(caught.value)
    assert str(provider.port) not in str(caught.value)


async def test_a_closed_port_and_an_unknown_name_are_no_answer(free_port: int) -> None:
    async with egress(allow=["127.0.0.0/8"]) as client:
        with pytest.raises(NoAnswer, match="no connection"):
            await post(client, f"http://127.0.0.1:{free_port}/")
        with pytest.raises(NoAnswer, match="does not resolve"):
            await post(client, "http://no-such-name.invalid/")


async def test_the_request_carries_what_it_should_and_nothing_of_the_environment() -> None:
    async with Provider([told(200, set_cookie="a=b"), Told()]) as provider, egress(trusted=[provider.url]) as client:
        await post(client, provider.url + "/a?b=c")
        await post(client, provider.url + "/a?b=c")
    first, second = provider.requests
    assert (first.method, first.path, first.body) == ("POST", "/a?b=c", b"{}")
    assert first.headers["accept-encoding"] == "identity"
    assert first.headers["x-test"] == "1"
    assert "cookie" not in second.headers
    assert provider.connections == 1, "the connection is used again"
    assert os.environ.get("HOME", "/root") not in str(first.headers)


@pytest.mark.parametrize(
    "url", ["http://a.example/\r\nX: y", "http://a.example\r\nHost: b", "http://a.example/\x00", "http://\ud800/"]
)
async def test_control_characters_in_a_url_are_denied(url: str) -> None:
    async with egress() as client:
        with pytest.raises(EgressError):
            await post(client, url)
