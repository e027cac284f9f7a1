"""What a host's page can make of the inbox and the toasts: its own tabs, filters, headings, rows and actions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.panel.browser import serious_issues, wait
from tests.panel.elements.grounds import Grounds, Visit, badge, live, toasts

pytestmark = pytest.mark.xdist_group("panel-elements")

ROWS = "notice-inbox article"
TITLES = "notice-inbox [part=title]"


def inbox(grounds: Grounds, visit: Visit, name: str, attributes: str = "", script: str = "") -> Page:
    """A page with an inbox, live."""
    body = f"<notice-inbox {grounds.asks} {attributes}></notice-inbox>"
    return live(visit(grounds.host.page(name, body, script)))


def test_a_filter_narrows_every_tab_and_what_arrives(grounds: Grounds, visit: Visit) -> None:
    page = inbox(grounds, visit, "filter", 'filter="severity=critical,error"')
    grounds.say("Only information")
    grounds.say("It burns", severity="critical")
    expect(page.locator(TITLES)).to_have_text(["It burns"])
    page.locator("notice-inbox").evaluate("(one) => { one.filter = {severity: ['info']}; }")
    expect(page.locator(TITLES)).to_have_text(["Only information"])
    page.locator("notice-inbox").evaluate("(one) => one.removeAttribute('filter')")
    expect(page.locator(ROWS)).to_have_count(2)


def test_tabs_are_the_hosts_to_choose_and_to_make(grounds: Grounds, visit: Visit) -> None:
    page = inbox(grounds, visit, "tabs", 'tabs="archived unread"')
    tab = page.locator("notice-inbox [part=tab]")
    expect(tab).to_have_text(["Archived", "Unread"])
    page.evaluate(
        """() => {
          window.chosen = [];
          document.addEventListener("notice-view", ({detail}) => chosen.push(detail.view));
          document.querySelector("notice-inbox").tabs =
            ["unread", {name: "bad", label: "Bad", view: "unread", filter: {severity: ["error"]}}];
        }"""
    )
    grounds.say("Fine")
    grounds.say("Broken", severity="error")
    expect(tab).to_have_text(["Unread", "Bad"])
    expect(page.locator(ROWS)).to_have_count(2)
    tab.nth(1).click()
    expect(page.locator(TITLES)).to_have_text(["Broken"])
    expect(tab.nth(1)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("chosen") == ["bad"]


def test_headings_stand_between_days_and_between_topics(grounds: Grounds, visit: Visit) -> None:
    page = inbox(grounds, visit, "groups", 'group-by="topic"')
    grounds.say("One machine", entity={"topic": "vm", "key": "1"})
    grounds.say("A disk", entity={"topic": "disk", "key": "1"})
    grounds.say("Another machine", entity={"topic": "vm", "key": "2"})
    expect(page.locator("notice-inbox [part=group]")).to_have_text(["vm", "disk"])
    expect(page.get_by_role("feed", name="vm").locator("article")).to_have_count(2)
    page.locator("notice-inbox").evaluate("(one) => one.setAttribute('group-by', 'day')")
    expect(page.locator("notice-inbox [part=group]")).to_have_text(["today"])
    expect(page.get_by_role("feed").locator("article")).to_have_count(3)


def test_what_arrives_waits_where_the_list_is_not_live(grounds: Grounds, visit: Visit) -> None:
    grounds.say("Was there")
    page = inbox(grounds, visit, "still", 'live="off"')
    expect(page.locator(ROWS)).to_have_count(1)
    grounds.say("Waits")
    expect(page.locator("notice-inbox [part=pill]")).to_have_text("1 new")
    expect(page.locator(ROWS)).to_have_count(1)
    page.locator("notice-inbox [part=pill]").click()
    expect(page.locator(ROWS)).to_have_count(2)


def test_rows_and_actions_of_the_hosts_own(grounds: Grounds, visit: Visit) -> None:
    script = """
      const inbox = document.querySelector("notice-inbox");
      inbox.actions = [{name: "ticket", label: "Open a ticket", when: ({severity}) => severity === "error"}];
      inbox.renderItem = (notice, {locale, act}) => {
        const field = document.createElement("input");
        field.ariaLabel = `${locale} ${notice.title}`;
        field.onkeydown = ({key}) => key === "Enter" && act("read");
        return field;
      };
      window.acts = [];
      document.addEventListener("notice-action", ({detail}) => acts.push(detail.action));
    """
    page = inbox(grounds, visit, "own-rows", "", script)
    grounds.say("Calm", actions=[{"label": "Manual", "url": "/manual"}])
    grounds.say("Broken", severity="error")
    expect(page.get_by_role("link", name="Manual")).to_be_visible()
    page.get_by_role("button", name="Open a ticket").click()
    field = page.get_by_label("en Calm")
    field.fill("typed")
    grounds.say("Later")
    expect(page.locator("notice-inbox [part=pill]")).to_be_visible()
    expect(field).to_have_value("typed")
    expect(field).to_be_focused()
    field.press("Enter")
    wait(page, "acts.includes('read')")
    assert page.evaluate("acts") == ["ticket", "read"]


def test_a_link_of_a_notice_is_the_hosts_to_take(grounds: Grounds, visit: Visit) -> None:
    script = """
      document.addEventListener("notice-open", (event) => {
        event.preventDefault();
        window.went = event.detail.url;
      });
    """
    page = inbox(grounds, visit, "links", "", script)
    grounds.say("With a link", actions=[{"label": "Manual", "url": "/manual"}])
    page.get_by_role("link", name="Manual").click()
    wait(page, "window.went === '/manual'")
    expect(page.locator("notice-inbox .unread")).to_have_count(0)


def test_time_is_told_in_the_zone_and_hours_of_the_host(grounds: Grounds, visit: Visit) -> None:
    page = inbox(grounds, visit, "times", 'time-zone="Asia/Tokyo" hour-cycle="h23"')
    grounds.say("Now")
    time = page.locator("notice-inbox time")
    expect(time).to_have_count(1)
    full = """(one, [locale, timeZone]) => {
      const format = new Intl.DateTimeFormat(locale, {dateStyle: "long", timeStyle: "medium", timeZone});
      return format.format(Date.parse(one.dateTime));
    }"""
    expect(time).to_have_attribute("title", time.evaluate(full, ["en-u-hc-h23", "Asia/Tokyo"]))
    page.locator("notice-inbox").evaluate("(one) => { one.timeZone = 'Not/There'; one.hourCycle = 'x'; }")
    expect(time).to_have_attribute("title", time.evaluate(full, ["en"]))


def test_an_inbox_of_the_hosts_own_is_in_the_bell(grounds: Grounds, visit: Visit) -> None:
    mine = f'<notice-inbox slot="panel" mode="popover" hide-search {grounds.asks}></notice-inbox>'
    body = f"<notice-bell {grounds.asks}>{mine}</notice-bell>"
    page = live(visit(grounds.host.page("slotted", body)))
    grounds.say("In the bell")
    badge(page, "1")
    page.locator("notice-bell [part=button]").click()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.locator("notice-bell notice-inbox article")).to_be_visible()
    wait(page, "document.activeElement.slot === 'panel'")


def test_toasts_stay_as_long_and_look_as_the_host_says(grounds: Grounds, visit: Visit) -> None:
    script = """
      window.drawn = [];
      document.querySelector("notice-toasts").renderToast = ({title}) => {
        const mine = document.createElement("b");
        mine.textContent = `My ${title}`;
        drawn.push(mine);
        return mine;
      };
    """
    attributes = f'{grounds.asks} persist="warning" duration="1"'
    page = live(visit(grounds.host.page("own-toasts", f"<notice-toasts {attributes}></notice-toasts>", script)))
    grounds.say("error", severity="error")
    shown = "drawn.map((one) => one.textContent).join() + drawn.filter((one) => one.isConnected).length"
    wait(page, f"{shown} === 'My error0'")  # was there, and is gone: no severity but the host's own stays
    grounds.say("warning", severity="warning")
    grounds.say("another error", severity="error")
    wait(page, f"{shown} === 'My error,My warning,My another error1'")
    expect(page.locator("notice-toasts b")).to_have_text(["My warning"])
    expect(toasts(page)).to_have_count(0)


def test_who_opens_the_bell_sees_there_what_the_toasts_say(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("both-open")))
    grounds.say("Twice is too often", severity="error")
    expect(page.locator("notice-toasts article")).to_have_count(1)
    page.locator("notice-bell [part=button]").click()
    expect(page.locator("notice-bell article")).to_have_count(1)
    expect(page.locator("notice-toasts article")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_groups_and_actions(grounds: Grounds, visit: Visit, scheme: str, width: int) -> None:
    script = 'document.querySelector("notice-inbox").actions = [{name: "ticket", label: "Open a ticket"}];'
    body = f'<notice-inbox {grounds.asks} group-by="topic" density="compact"></notice-inbox>'
    address = grounds.host.page("axe-groups", body, script)
    page = live(visit(address, color_scheme=scheme, viewport={"width": width, "height": 800}))
    grounds.say("About a machine", entity={"topic": "vm", "key": "1"}, actions=[{"label": "Manual", "url": "/manual"}])
    grounds.say("About a disk", severity="critical", entity={"topic": "disk", "key": "1"})
    expect(page.locator("notice-inbox [part=group]")).to_have_count(2)
    assert serious_issues(page) == []
