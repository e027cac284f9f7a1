"""Getting in and being put out: each way as a person meets it, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from playwright.sync_api import expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.house import House
from tests.panel.people import PASSWORD, accept, invited, live

Watch = Callable[..., Watched]
SECRET = "a secret of the customer, 32 bytes"
#: What the house promises of a revocation.
OUT_MS = 5_000


class BlankPage(BaseHTTPRequestHandler):
    """A page of somebody else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><link rel=icon href=data:,>")

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[tuple[str, str]]:
    """Two other origins on this machine: browsers take them for the same site, and send our cookie there too."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), BlankPage) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    first, second = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    yield first, second
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def house(elsewhere: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A system that knows a customer's issuer, and lists one page of theirs."""
    settings = {
        "ALERTWRAP_JWT__ISSUER": "https://login.example.org",
        "ALERTWRAP_JWT__AUDIENCE": "alertwrap",
        "ALERTWRAP_JWT__ALGORITHMS": '["HS256"]',
        "ALERTWRAP_JWT__KEY": SECRET,
        "ALERTWRAP_HTTP__ORIGINS": f'["{elsewhere[0]}"]',
    }
    house = House(tmp_path_factory.mktemp("sign-in") / "data", settings).start()
    yield house
    house.stop()


def test_a_link_signs_in_once_and_leaves_the_address(house: House, watch: Watch) -> None:
    link = house.link()
    page = watch(house.url).page()
    page.goto(link)
    page.wait_for_url("**/inbox*")
    secret = link.partition("#link=")[2]
    stored = page.evaluate("() => JSON.stringify([localStorage, sessionStorage, history.state, document.cookie])")
    assert secret not in page.url + stored + page.content()
    assert "aw_" not in stored, "a script could read it"
    again = watch(house.url).page()
    again.goto(link)
    expect(again.get_by_role("alert")).to_contain_text("does not work any more")
    again.get_by_role("button", name="Sign in with a password").click()
    expect(again.get_by_role("textbox", name="Login or e-mail")).to_be_visible()


def test_an_invited_person_chooses_a_password_and_comes_back_with_it(house: House, watch: Watch) -> None:
    made = invited(house, "maria@example.org")
    page = watch(house.url).page()
    page.goto(made["invite"]["link"])
    expect(page.get_by_text("maria@example.org")).to_be_visible()
    page.get_by_label("New password").fill("short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("too easy to guess")).to_be_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    page.get_by_role("button", name="Maria").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in*")

    page.goto("/history")
    page.wait_for_url("**/sign-in*")
    page.get_by_label("Login").fill("Maria@example.org")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("Login")).to_have_value("Maria@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/history*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_way_in(house: House, watch: Watch, scheme: str) -> None:
    """Each way in as it is first seen, and as it says no."""
    page = watch(house.url, color_scheme=scheme).page()
    page.goto("/sign-in")
    expect(page.get_by_label("Login")).to_be_focused()
    assert serious_issues(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter your password.")).to_be_visible()
    page.get_by_label("Login").fill("nobody")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    assert serious_issues(page) == []

    page.goto("/sign-in#link=used-up")
    expect(page.get_by_role("alert")).to_contain_text("does not work any more")
    assert serious_issues(page) == []

    page.goto(invited(house, f"eva-{scheme}")["invite"]["link"])
    expect(page.get_by_label("New password")).to_be_focused()
    assert serious_issues(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("too easy to guess")).to_be_visible()
    assert serious_issues(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_about_accounts(house: House, watch: Watch, scheme: str) -> None:
    """The dialogs of the administrators' rooms and of one's own account, empty and refused."""
    page = watch(house.url, color_scheme=scheme).page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    for room, act, confirm, complaint in (
        ("accounts", "Invite somebody", "Create and show the link", "Enter a login."),
        ("tokens", "Create token", "Create token", "Choose at least one."),
    ):
        page.goto(f"/ops/{room}")
        page.get_by_role("button", name=act).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=confirm).click()
        expect(dialog.get_by_text(complaint)).to_be_visible()
        assert serious_issues(page) == [], room
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Administrator").click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert serious_issues(page) == []
    page.get_by_role("menuitem", name="password").click()
    dialog = page.get_by_role("dialog", name="password")
    dialog.get_by_label("New password").fill("short")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("too easy to guess")).to_be_visible()
    assert serious_issues(page) == []


def test_who_is_signed_out_everywhere_is_out_within_seconds(house: House, watch: Watch) -> None:
    made = invited(house, "olga")
    page = live(accept(watch(house.url).page(), made))
    house.post(f"/api/v1/accounts/{made['id']}/sign-out", {})
    page.wait_for_url("**/sign-in?next=%2Finbox*", timeout=OUT_MS)


def test_an_administrator_invites_and_disables_and_revokes(house: House, watch: Watch) -> None:
    page = watch(house.url).page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    page.goto("/ops/accounts")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("textbox", name="Login").fill("no spaces")
    page.get_by_role("button", name="Create and show the link").click()
    expect(page.get_by_text("Use latin letters")).to_be_visible()
    page.get_by_role("textbox", name="Login").fill("ivan")
    page.get_by_role("button", name="Create and show the link").click()
    link = page.get_by_role("dialog").locator("code").inner_text()
    page.get_by_role("button", name="I have copied it").click()

    ivan = live(accept(watch(house.url).page(), {"invite": {"link": link}}))
    page.get_by_role("button", name="Acts for ivan").click()
    page.get_by_role("menuitem", name="Disable").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Disable").click()
    ivan.wait_for_url("**/sign-in*", timeout=OUT_MS)
    expect(page.get_by_role("row", name="ivan").get_by_text("Disabled")).to_be_visible()

    page.goto("/ops/tokens")
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("textbox", name="Name").fill("backup script")
    page.get_by_role("dialog").get_by_role("button", name="Create token").click()
    expect(page.get_by_text("Choose at least one.")).to_be_visible()
    page.get_by_role("dialog").get_by_text("notices:write").click()
    page.get_by_role("dialog").get_by_role("button", name="Create token").click()
    token = page.get_by_role("dialog", name="The new token").locator("code").inner_text()
    page.get_by_role("button", name="I have copied it").click()
    with house.http(token) as http:
        assert http.post("/api/v1/notices", json={"title": "Hello"}).status_code == 202
    page.get_by_role("button", name="Revoke: backup script").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="backup script")).to_have_count(0)
    with house.http(token) as http:
        assert http.post("/api/v1/notices", json={"title": "Hello"}).status_code == 401


#: What a page of another origin tries in its visitor's browser, where they are signed in.
_ATTACK = """async (url) => {
  const send = (path, options) =>
    fetch(url + path, { credentials: "include", ...options }).then((answer) => answer.status, () => "blocked");
  const socket = new Promise((done) => {
    const one = new WebSocket(url.replace("http", "ws") + "/api/v1/follow");
    one.onopen = () => one.send('{"type":"ping"}'); // where the cookie counted, this would be answered
    one.onmessage = () => done("open");
    one.onclose = (event) => done(event.code === 1006 ? "refused" : event.code);
  });
  return [
    await send("/api/v1/recipients", { method: "POST", mode: "no-cors", body: new Blob(['{"name":"x"}']) }),
    await send("/api/v1/recipients", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }),
    await send("/api/v1/session", { method: "DELETE" }),
    await send("/api/v1/inbox", {}),
    await socket,
  ];
}"""


def test_another_page_can_do_nothing_with_the_session(house: House, watch: Watch, elsewhere: tuple[str, str]) -> None:
    watched = watch(house.url)
    page = watched.page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    before = len(house.get("/api/v1/recipients")["items"])
    for origin in elsewhere:  # being listed is no leave to use the cookie
        other = watched.page()
        other.goto(origin)
        opaque, *rest = other.evaluate(_ATTACK, house.url)
        assert opaque == 0, "sent, and nothing to be read"
        assert rest[:3] == ["blocked"] * 3
        assert rest[3] == ("refused" if origin == elsewhere[1] else 4401)
    assert len(house.get("/api/v1/recipients")["items"]) == before
    page.reload()
    page.get_by_role("heading", level=1, name="Inbox").wait_for()
    watched.faults.clear()  # the browser complains of what it refused; that is what was wanted


def signed(**more: Any) -> str:
    claims = {"iss": "https://login.example.org", "aud": "alertwrap", "sub": "admin", "exp": int(time.time()) + 60}
    return jwt.encode({**claims, **more}, SECRET, "HS256")


def unsigned() -> str:
    return "eyJhbGciOiJub25lIn0." + signed().split(".")[1] + "."


_ASK = """async ([url, token]) => {
  const headers = { authorization: `Bearer ${token}` };
  const answer = fetch(url + "/api/v1/inbox/counts", { headers, credentials: "omit" });
  const frame = await new Promise((done) => {
    const socket = new WebSocket(url.replace("http", "ws") + "/api/v1/follow");
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token }));
    socket.onmessage = (message) => done(JSON.parse(message.data).type);
    socket.onclose = (event) => done(event.code);
  });
  return [await answer.then((one) => one.status, () => "blocked"), frame];
}"""


@pytest.mark.parametrize(
    ("listed", "token", "wanted"),
    [
        (True, signed, [200, "ready"]),
        (True, lambda: signed(exp=int(time.time()) - 1), [401, 4401]),
        (True, lambda: signed(aud="others"), [401, 4401]),
        (True, unsigned, [401, 4401]),
        (False, signed, ["blocked", 1006]),
    ],
    ids=["good", "expired", "wrong audience", "alg none", "unlisted origin"],
)
def test_the_customers_jwt_on_the_customers_page(
    house: House, watch: Watch, elsewhere: tuple[str, str], listed: bool, token: Callable[[], str], wanted: list[Any]
) -> None:
    watched = watch(house.url)
    page = watched.page()
    page.goto(elsewhere[0] if listed else elsewhere[1])
    assert page.evaluate(_ASK, [house.url, token()]) == wanted
    watched.faults.clear()  # a refusal is told to the console, too


def test_a_jwt_that_ends_closes_its_socket(house: House, watch: Watch, elsewhere: tuple[str, str]) -> None:
    page = watch(house.url).page()
    page.goto(elsewhere[0])
    code = page.evaluate(
        """([url, token]) => new Promise((done) => {
             const socket = new WebSocket(url.replace("http", "ws") + "/api/v1/follow");
             socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token }));
             socket.onclose = (event) => done(event.code);
           })""",
        [house.url, signed(exp=int(time.time()) + 2)],
    )
    assert code == 4401
