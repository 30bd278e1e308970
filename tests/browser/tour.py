"""Every page of the product, each with something on it: who opens it, and where it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import factories, past
from tests.browser import broadcasts
from tests.browser.site import Site
from tests.client import Browser
from webapp.carriers.base import Refused, Result, Unknown
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    Campaign,
    Contact,
    ContactImport,
    Conversation,
    Hinted,
    JobRun,
    Message,
    MessageState,
    Report,
    Role,
    Texting,
    User,
)
from webapp.services import (
    accounts,
    action_days,
    approvals,
    campaigns,
    claims,
    contacts_by_phone,
    delivery,
    demo,
    demo_phone,
    demo_script,
    import_files,
    import_reversing,
    import_running,
    imports,
    joining,
    numbers,
    opt_in_words,
    optout_imports,
    settlement,
    signups,
    tags,
    team,
)
from webapp.texting.spans import Span

HEADING = "First name,Last name,Phone,City,State,Polling place\n"
GOOD = "Wanda,Ortiz,(312) 555-0171,Pilsen,IL,Library at 1805 S Loomis St\n"
STOPS = "Phone,Kind,How\n(312) 555-0181,both,Replied STOP\n(312) 555-0182,fax,\n555,p2p,\n"
BAD = "Nobody,At all,,Pilsen,IL,\nTwo,Short,555-01,Pilsen,IL,\n"


@dataclass(frozen=True)
class Place:
    """A page: who opens it, its address with the names of ids in it, and what is done there."""

    who: str
    path: str
    act: Callable[[Page, "World"], None] | None = None


def _signs_in_wrongly(page: Page, _world: "World") -> None:
    page.get_by_label("Email").fill("jordan@example.org")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def _makes_a_look_alike(page: Page, _world: "World") -> None:
    page.get_by_label("Name").fill("Opt-0ut")
    page.get_by_role("button", name="Create tag").click()
    expect(page.get_by_role("heading", name="Why we refuse this name")).to_be_visible()


def _tries_a_message(page: Page, _world: "World") -> None:
    page.get_by_role("textbox", name="A message").fill("Please stop texting me")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator("#tried")).to_contain_text("Looks like a request")


def _adds_a_word(page: Page, world: "World") -> None:
    world.hears("Nora Quinn", "¡Basta!")
    page.get_by_label("New stop word").fill("basta")
    page.get_by_role("button", name="Check this word").click()
    expect(page.get_by_role("button", name="Add anyway")).to_be_visible()


def _sends_a_test_text(page: Page, _world: "World") -> None:
    page.get_by_label("Your own phone").fill("(217) 555-0177")
    page.get_by_label("This phone is mine").check()
    page.get_by_role("button", name="Send the test text").click()
    expect(page.locator("#test-texts .chip").first).to_be_visible()


def _asks_the_carrier(page: Page, _world: "World") -> None:
    page.get_by_role("button", name="Check the carrier now").click()
    expect(page.get_by_text("there is no carrier to ask")).to_be_visible()


def _adds_a_tag(page: Page, _world: "World") -> None:
    page.get_by_label("Add a tag").select_option(index=1)
    page.get_by_role("button", name="Add tag").click()
    expect(page.get_by_role("button", name="Remove the tag")).to_have_count(1)


def _starts_over(page: Page, _world: "World") -> None:
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("a new practice contact.")).to_be_visible()


def _sends_over_a_hint(page: Page, _world: "World") -> None:
    page.get_by_label("Message to Dana").fill("Do you have a plan to vote early?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()


def _is_stopped(page: Page, world: "World") -> None:
    page.get_by_label("Message to Sam").fill("It's Jordan")
    world.hears("Sam Delgado", "STOP")
    expect(page.get_by_role("heading", name="Sam asked to stop")).to_be_visible()


def _opens_the_replies(page: Page, _world: "World") -> None:
    page.get_by_role("link", name="All replies").click()
    expect(page.get_by_role("dialog", name="Saved replies")).to_be_visible()


def _opens_the_shortcuts(page: Page, _world: "World") -> None:
    page.get_by_role("button", name="Shortcuts").click()
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()


def _cannot_send(page: Page, _world: "World") -> None:
    page.route("**/reply", lambda route: route.fulfill(status=403, body=""))
    page.get_by_label("Message to Luis").fill("Thank you, Luis.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute("**/reply")


def _opens_the_menu(page: Page, _world: "World") -> None:
    page.locator("#account-menu summary").click()


def _opens_the_tables(page: Page, _world: "World") -> None:
    for table in page.get_by_text("Show as table").all():
        table.click()
    expect(page.get_by_role("table")).to_have_count(2)


def _gives_no_reason(page: Page, world: "World") -> None:
    page.get_by_text("Resume anyway…").click()
    _sends_nothing("Resume")(page, world)


def _opens_every_table(page: Page, _world: "World") -> None:
    page.evaluate("document.querySelectorAll('.as-table').forEach(one => one.open = true)")


def _sends_nothing(button: str) -> Callable[[Page, "World"], None]:
    """Press a button with the fields empty, for the server's own refusal."""

    def act(page: Page, _world: "World") -> None:
        page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".error-msg").first).to_be_visible()

    return act


def _types_a_stop_word(page: Page, _world: "World") -> None:
    page.get_by_label("Keywords", exact=True).fill("VOLUNTEER, STOP")
    expect(page.locator("#tried").get_by_text("is already a stop word")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Helpers")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def _shows(error: int) -> Callable[[Page, "World"], None]:
    """The page of an error that nobody can bring about at will."""

    def act(page: Page, world: "World") -> None:
        body = world.error_page(error)
        page.route("**/shown", lambda route: route.fulfill(content_type="text/html", body=body))
        page.goto("/shown")

    return act


def _enters_the_code(page: Page, site: Site) -> None:
    printed = re.findall(r"enter this code: (\S+)", site.log.read_text())
    page.goto("/setup")
    page.get_by_label("Set-up code").fill(printed[-1])
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Your campaign")).to_be_visible()


def _names_the_campaign(page: Page, _site: Site) -> None:
    page.get_by_label("Campaign name").fill("Rivera for Council")
    page.get_by_label("Time zone").select_option("America/Chicago")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="You", exact=True)).to_be_visible()


# The steps before there is a campaign, one after the other; each leaves its page open.
FIRST_RUN: dict[str, Callable[[Page, Site], object]] = {
    "setup": lambda page, _site: page.goto("/setup"),
    "setup campaign": _enters_the_code,
    "setup you": _names_the_campaign,
}

PLACES = {
    # Nobody is signed in
    "login": Place("", "/login"),
    "login refused": Place("", "/login", _signs_in_wrongly),
    "forgot": Place("", "/forgot"),
    "reset": Place("", "/reset/{token}"),
    "code": Place("", "/join"),
    "code refused": Place("", "/join/WRONGX"),
    "join": Place("", "/join/{code}"),
    "join refused": Place("", "/join/{code}", _sends_nothing("Join")),
    "help": Place("", "/help"),
    "help opt-outs": Place("", "/help/opt-outs"),
    **{
        f"error {status}": Place("", "/help", _shows(status))
        for status in (400, 403, 409, 413, 429, 500, 503)
    },
    "not found": Place("", "/nothing-here"),
    "sign-up form": Place("", "/f/{form_slug}"),
    "sign-up form refused": Place("", "/f/{form_slug}", _sends_nothing("Continue")),
    "sign-up form text us": Place("", "/f/{form_slug}/text-us"),
    "sign-up form closed": Place("", "/f/{closed_slug}"),
    # A texter
    **{f"training {n}": Place("texter", f"//training/{n}") for n in (1, 2, 3, 4)},
    "drill": Place("texter", "//training/drill"),
    "drill right": Place("texter", "//training/drill?answers=n&told=1"),
    "drill not quite": Place("texter", "//training/drill?answers=na&told=1"),
    "drill done": Place("texter", "//training/drill?answers=nmaam"),
    "text": Place("texter", "/text"),
    "text action": Place("texter", "/text/{action}"),
    "text paused": Place("texter", "/text/{paused}"),
    "text shut": Place("texter", "/text/{shut}"),
    "text unapproved": Place("waiter", "/text"),
    "text action unapproved": Place("waiter", "/text/{waited_for}"),
    "send": Place("texter", "/text/{action}/send"),
    "send shut": Place("texter", "/text/{shut}/send"),
    "send unapproved": Place("waiter", "/text/{waited_for}/send"),
    "send flagged": Place("texter", "/text/{trouble}/send"),
    "send paused": Place("texter", "/text/{paused}/send"),
    "send finished": Place("texter", "/text/{finished}/send"),
    "inbox": Place("texter", "/inbox"),
    "inbox menu": Place("texter", "/inbox", _opens_the_menu),
    "inbox all": Place("texter", "/inbox?view=all"),
    "inbox found nothing": Place("texter", "/inbox?q=nobody&find=1"),
    "thread": Place("texter", "/inbox/{dana}"),
    "thread saved replies": Place("texter", "/inbox/{dana}", _opens_the_replies),
    "thread shortcuts": Place("texter", "/inbox/{dana}", _opens_the_shortcuts),
    "thread not sent": Place("texter", "/inbox/{luis}", _cannot_send),
    "thread asks": Place("texter", "/inbox/{dana}", _sends_over_a_hint),
    "thread read-only": Place("texter", "/inbox/{hector}"),
    "thread closed": Place("texter", "/inbox/{sam}", _is_stopped),
    "thread asked": Place("texter", "/inbox/{marcus}"),
    "report": Place("texter", "/inbox/{dana}/report?mark=p2p"),
    "report without tag": Place("texter", "/inbox/{untagged}/report"),
    "report sent": Place("texter", "/inbox/{nora}/report"),
    "report again": Place("texter", "/inbox/{nora}/report?edit=1"),
    "panel contact": Place("texter", "/inbox/{dana}/contact"),
    "panel ask": Place("texter", "/inbox/{dana}/ask-admin"),
    "panel ask refused": Place("texter", "/inbox/{dana}/ask-admin", _sends_nothing("Ask an admin")),
    "panel replies": Place("texter", "/inbox/{dana}/replies"),
    "me": Place("texter", "//me"),
    "password": Place("texter", "//me/password"),
    "password refused": Place("texter", "//me/password", _sends_nothing("Change password")),
    "forbidden": Place("texter", "/data/tags"),
    # An admin
    "home": Place("admin", "/"),
    "actions": Place("admin", "/actions/p2p"),
    "action new": Place("admin", "/actions/p2p/new"),
    "action new refused": Place(
        "admin", "/actions/p2p/new", _sends_nothing("Continue to audience")
    ),
    "builder details": Place("admin", "/actions/{draft}/details"),
    "builder audience": Place("admin", "/actions/{draft}/audience"),
    "builder script": Place("admin", "/actions/{draft}/script"),
    "builder report settings": Place("admin", "/actions/{draft}/report-settings"),
    "builder review": Place("admin", "/actions/{draft}/review"),
    "builder report settings without tag": Place("admin", "/actions/{tagless}/report-settings"),
    "builder review without tag": Place("admin", "/actions/{tagless}/review"),
    "builder review of nobody": Place("admin", "/actions/{nobody}/review"),
    "builder review of nothing": Place("admin", "/actions/{empty}/review"),
    "safeguard": Place("admin", "/actions/{draft}/suppressed"),
    "action": Place("admin", "/actions/{action}"),
    "action in trouble": Place("admin", "/actions/{trouble}"),
    "action conversations": Place("admin", "/actions/{action}/conversations"),
    "action texters": Place("admin", "/actions/{action}/texters"),
    "action suppressed": Place("admin", "/actions/{action}/suppressed?reason=opted_out"),
    "action shut": Place("admin", "/actions/{shut}"),
    "action shut details": Place("admin", "/actions/{shut}/details"),
    "action details": Place("admin", "/actions/{action}/details"),
    "action script": Place("admin", "/actions/{action}/script"),
    "action report settings": Place("admin", "/actions/{action}/report-settings"),
    "action finish": Place("admin", "/actions/{action}/finish"),
    "action not delivered": Place("admin", "/actions/{trouble}/not-delivered"),
    "action opt-outs": Place("admin", "/actions/{action}/opt-outs"),
    "broadcasts": Place("admin", "/actions/broadcast"),
    "broadcast new": Place("admin", "/actions/broadcast/new"),
    "broadcast new refused": Place(
        "admin", "/actions/broadcast/new", _sends_nothing("Continue to audience")
    ),
    "broadcast details": Place("admin", "/actions/{broadcast_draft}/details"),
    "broadcast audience": Place("admin", "/actions/{broadcast_draft}/audience"),
    "broadcast script": Place("admin", "/actions/{broadcast_draft}/script"),
    "broadcast review": Place("admin", "/actions/{broadcast_draft}/review"),
    "broadcast confirm": Place("admin", "/actions/{broadcast_draft}/confirm"),
    "broadcast without consent": Place(
        "admin", "/actions/{broadcast_draft}/suppressed?reason=no_consent"
    ),
    "broadcast kept back": Place("admin", "/actions/{kept_back}/review"),
    "broadcast scheduled": Place("admin", "/actions/{planned}"),
    "broadcast scheduled script": Place("admin", "/actions/{planned}/script"),
    "broadcast": Place("admin", "/actions/{rally}", _opens_the_tables),
    "broadcast paused by Heed": Place("admin", "/actions/{alarmed}", _gives_no_reason),
    "broadcast stop": Place("admin", "/actions/{rally}/finish"),
    "automated": Place("admin", "/actions/automated"),
    "automated new": Place("admin", "/actions/automated/new"),
    "automated new refused": Place("admin", "/actions/automated/new", _types_a_stop_word),
    "automated action": Place("admin", "/actions/automated/{joining}"),
    "automated edit": Place("admin", "/actions/automated/{joining}/edit"),
    "automated finish": Place("admin", "/actions/automated/{joining}/finish"),
    "automated draft": Place("admin", "/actions/automated/{unwritten}"),
    "automated report settings": Place("admin", "/actions/{joining}/report-settings"),
    "automated conversations": Place("admin", "/actions/{joining}/conversations"),
    "sign-up forms": Place("admin", "/actions/automated/sign-up-forms"),
    "sign-up forms new": Place("admin", "/actions/automated/sign-up-forms/new"),
    "sign-up forms entries": Place("admin", "/actions/automated/sign-up-forms/{form}"),
    "sign-up forms edit": Place("admin", "/actions/automated/sign-up-forms/{form}/edit"),
    "contacts": Place("admin", "/data/contacts"),
    "contacts found nothing": Place("admin", "/data/contacts?q=nobody+at+all"),
    "contact": Place("admin", "/data/contacts/{opted_out}"),
    "contact fine": Place("admin", "/data/contacts/{fine}"),
    "contact lifted": Place("admin", "/data/contacts/{lifted}"),
    "contact tagged": Place("admin", "/data/contacts/{lifted}", _adds_a_tag),
    "contact tag refused": Place("admin", "/data/contacts/{fine}", _sends_nothing("Add tag")),
    "contact thread": Place("admin", "/data/contacts/{opted_out}/conversations/{hector}"),
    "contact new": Place("admin", "/data/contacts/new"),
    "contact new refused": Place("admin", "/data/contacts/new", _sends_nothing("Add contact")),
    "contact edit": Place("admin", "/data/contacts/{fine}/edit"),
    "contact delete": Place("admin", "/data/contacts/{fine}/delete"),
    "contact erase": Place("admin", "/data/contacts/{fine}/erase"),
    "opt-out add": Place("admin", "/data/contacts/{fine}/opt-outs/p2p"),
    "opt-out remove": Place("admin", "/data/contacts/{opted_out}/opt-outs/p2p/remove"),
    "opt-out remove refused": Place(
        "admin", "/data/contacts/{opted_out}/opt-outs/p2p/remove", _sends_nothing("Remove opt-out")
    ),
    "import": Place("admin", "/data/contacts/import"),
    "import refused": Place("admin", "/data/contacts/import", _sends_nothing("Continue")),
    "import columns": Place("admin", "/data/contacts/import/{uploaded}/columns"),
    "import preview": Place("admin", "/data/contacts/import/{checked}"),
    "import progress": Place("admin", "/data/contacts/import/{importing}"),
    "import result": Place("admin", "/data/contacts/import/{imported}"),
    "import reverse": Place("admin", "/data/contacts/import/{imported}/reverse"),
    "import reversed": Place("admin", "/data/contacts/import/{reversed}"),
    "import failed": Place("admin", "/data/contacts/import/{failed}"),
    "lists": Place("admin", "/data/lists"),
    "tags": Place("admin", "/data/tags"),
    "tags refused": Place("admin", "/data/tags", _makes_a_look_alike),
    "tag": Place("admin", "/data/tags/{tag}"),
    "tag locked": Place("admin", "/data/tags/{built_in}"),
    "opt-outs": Place("admin", "/data/opt-outs"),
    "opt-outs history": Place("admin", "/data/opt-outs/history"),
    "opt-outs new": Place("admin", "/data/opt-outs/new"),
    "possible": Place("admin", "/data/opt-outs/possible"),
    "possible one": Place("admin", "/data/opt-outs/possible/{hinted}"),
    "possible one refused": Place(
        "admin", "/data/opt-outs/possible/{hinted}", _sends_nothing("Not a request")
    ),
    "wrote back": Place("admin", "/data/opt-outs/wrote-back"),
    "wrote back read": Place("admin", "/data/opt-outs/wrote-back?show=read"),
    "opt-outs proof": Place("admin", "/data/opt-outs/proof"),
    "opt-outs import": Place("admin", "/data/opt-outs/import"),
    "opt-outs import refused": Place("admin", "/data/opt-outs/import", _sends_nothing("Continue")),
    "opt-outs import columns": Place("admin", "/data/opt-outs/import/{opting_uploaded}/columns"),
    "opt-outs import preview": Place("admin", "/data/opt-outs/import/{opting_checked}"),
    "opt-outs import progress": Place("admin", "/data/opt-outs/import/{opting_importing}"),
    "opt-outs import result": Place("admin", "/data/opt-outs/import/{opting_imported}"),
    "opt-outs import failed": Place("admin", "/data/opt-outs/import/{opting_failed}"),
    "contact evidence": Place("admin", "/data/contacts/{opted_out}/evidence"),
    "reports": Place("admin", "/data/reports"),
    "admin report": Place("admin", "/data/reports/{report}"),
    "report correct": Place("admin", "/data/reports/{report}/correct"),
    "analytics": Place("analyst", "/data/analytics"),
    "analytics tables": Place("analyst", "/data/analytics?days=all", _opens_every_table),
    "analytics few": Place("analyst", "/data/analytics?days=7&channel=p2p"),
    "team": Place("admin", "/team"),
    "team approvals": Place("clerk", "/team"),
    "team approvals person": Place("clerk", "/team/{waiter}"),
    "team invite": Place("admin", "/team/invite"),
    "team invite refused": Place("admin", "/team/invite", _sends_nothing("Add")),
    "team code": Place("admin", "/team/join-code"),
    "person": Place("admin", "/team/{person}"),
    "person conversations": Place("admin", "/team/{person}/conversations"),
    "person remove": Place("admin", "/team/{person}/remove"),
    "person hand-over": Place("admin", "/team/{person}/hand-over"),
    "settings campaign": Place("admin", "/settings/campaign"),
    "settings texting": Place("admin", "/settings/texting"),
    "settings stop words": Place("admin", "/settings/stop-words"),
    "settings stop words refused": Place(
        "admin", "/settings/stop-words", _sends_nothing("Check this word")
    ),
    "settings stop words tried": Place("admin", "/settings/stop-words", _tries_a_message),
    "settings stop words replayed": Place("admin", "/settings/stop-words", _adds_a_word),
    "settings broadcast": Place("admin", "/settings/broadcast"),
    "settings broadcast refused": Place(
        "admin", "/settings/broadcast", _sends_nothing("Add keyword")
    ),
    "settings numbers": Place("admin", "/settings/numbers"),
    "settings system": Place("admin", "/settings/system"),
    "settings system checked": Place("admin", "/settings/system", _asks_the_carrier),
    "settings system texted": Place("admin", "/settings/system", _sends_a_test_text),
    "settings system refused": Place(
        "admin", "/settings/system", _sends_nothing("Send the test text")
    ),
    "number retire": Place("admin", "/settings/numbers/{number}/retire"),
    "demo": Place("admin", "/demo"),
    "demo started over": Place("admin", "/demo", _starts_over),
    "demo stranger": Place("admin", "/demo?phone=%28312%29+555-0199"),
    "admin inbox": Place("admin", "/inbox"),
    "admin thread": Place("admin", "/inbox/{dana}"),
    "admin questions": Place("admin", "/inbox?view=asked"),
    # Somebody with a campaign that has nothing in it yet
    **{
        f"empty {name}": Place("newcomer", path)
        for name, path in {
            "home": "/",
            "actions": "/actions/p2p",
            "broadcasts": "/actions/broadcast",
            "automated": "/actions/automated",
            "automated new": "/actions/automated/new",
            "sign-up forms": "/actions/automated/sign-up-forms",
            "sign-up forms new": "/actions/automated/sign-up-forms/new",
            "settings broadcast": "/settings/broadcast",
            "contacts": "/data/contacts",
            "lists": "/data/lists",
            "tags": "/data/tags",
            "opt-outs": "/data/opt-outs",
            "history": "/data/opt-outs/history",
            "possible": "/data/opt-outs/possible",
            "wrote back": "/data/opt-outs/wrote-back",
            "stop words": "/settings/stop-words",
            "reports": "/data/reports",
            "analytics": "/data/analytics",
            "team": "/team",
            "numbers": "/settings/numbers",
            "demo": "/demo",
            "inbox": "/inbox",
            "text": "/text",
        }.items()
    },
    "campaigns": Place("newcomer", "//"),
    "welcome": Place("newcomer", "/welcome"),
    "welcome sending": Place("newcomer", "/welcome/sending"),
}


@dataclass
class World:
    """The practice campaign with everything that can go wrong in it, and an empty campaign."""

    site: Site
    people: dict[str, User] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._nobody_keeps_house()
        demo.build(
            owner_password=factories.PASSWORD,
            texter_password=factories.PASSWORD,
            now=utc_now(),
            unit=transaction,
        )
        campaign = campaigns.find(demo_script.SLUG)
        assert campaign is not None
        self.campaign = campaign
        self._meet_people()
        self._name_things()
        self._more_actions()
        self.names |= broadcasts.make(self.campaign, self.people["admin"], now=utc_now())
        self._more_contacts()
        self._queues()
        self._automated()
        self._imports()
        self.cookies = {who: self.site.cookie_of(user) for who, user in self.people.items()}

    def address(self, name: str) -> str:
        """Where a place is."""
        place = PLACES[name]
        path = place.path.format(**self.names)
        if not place.who or path.startswith("//"):
            return path.replace("//", "/", 1)
        return f"/c/{self.slugs[place.who]}{path}"

    def hears(self, name: str, body: str) -> None:
        """Somebody of the practice campaign texts."""
        campaign = campaigns.find(demo_script.SLUG)
        assert campaign is not None
        number = numbers.all_of(campaign)[0]
        with transaction():
            demo_phone.text_in(demo_script.phone_of(name), number, body, now=utc_now())

    def _posts(self, who: str, path: str, **fields: Any) -> None:
        """Somebody sends a form."""
        client = self.site.app.test_client()
        assert isinstance(client, Browser)
        client.sign_in_as(factories.session_token(self.people[who]))
        response = client.post(f"/c/{self.campaign.slug}{path}", data=fields)
        assert response.status_code == 303, response.text

    def error_page(self, status: int) -> str:
        """An error page as the server would answer."""
        from flask import render_template

        typed = {"typed": {"body": ["Half a sentence"]}} if status == 400 else {}
        with self.site.app.test_request_context("/shown"):
            return render_template(
                f"errors/{status}.html",
                reference="0a1b2c3d",
                wait="5 minutes",
                limit="1 MB",
                reason="",
                **typed,
            )

    def _nobody_keeps_house(self) -> None:
        """For an hour: an import that stands still for its picture would be taken up again."""
        minute = utc_now().replace(second=0, microsecond=0)
        with transaction():
            db.session.add_all(
                JobRun(job="each_minute", minute=minute + timedelta(minutes=n))
                for n in range(1, 60)
            )

    def _meet_people(self) -> None:
        maya, jordan, ana = (
            accounts.find(email) for email, _name in (demo_script.OWNER, *demo_script.TEXTERS)
        )
        assert maya and jordan and ana
        empty = factories.campaign(name="Okafor for Senate")
        newcomer = factories.owner(empty, name="Toni Park")
        with transaction():
            team.add(self.campaign, newcomer, Role.ADMIN, by=maya, now=utc_now())
            token = accounts.make_reset_link(ana, by=maya, now=utc_now())
        busy = factories.campaign(name="Quinn for Mayor")
        analyst = factories.owner(busy, name="Alex Kim")
        past.weeks(busy)
        careful, clerk, waiter = self._approves_first()
        everybody = {"newcomer": newcomer, "analyst": analyst, "clerk": clerk, "waiter": waiter}
        self.people = {"admin": maya, "texter": jordan, **everybody}
        elsewhere = {"newcomer": empty.slug, "analyst": busy.slug}
        elsewhere |= {"clerk": careful.slug, "waiter": careful.slug}
        self.slugs = dict.fromkeys(self.people, self.campaign.slug) | elsewhere
        self.names |= {"token": token, "code": self.campaign.join_code, "person": ana.id}

    def _approves_first(self) -> tuple[Campaign, User, User]:
        """A campaign that asks for approval, its owner, and somebody who waits for it."""
        home = factories.campaign(name="Lee for Clerk")
        owner = factories.owner(home, name="Sasha Lee")
        made = factories.action(factories.contact(of=home), of=home, name="Early vote")
        waiter = factories.user(name="Noa Quist", trained_at=utc_now())
        with transaction():
            approvals.ask(home, True, by=owner, now=utc_now())
            joining.join(home.join_code, waiter, now=utc_now())
        self.names |= {"waited_for": made.id, "waiter": waiter.id}
        return home, owner, waiter

    def _contact(self, name: str) -> Contact:
        found = contacts_by_phone.find(self.campaign.id, demo_script.phone_of(name))
        assert found is not None
        return found

    def _thread(self, name: str) -> Conversation:
        query = select(Conversation).where(Conversation.contact_id == self._contact(name).id)
        return db.session.scalars(query.order_by(Conversation.id)).one()

    def _name_things(self) -> None:
        running, draft, keyworded, *_broadcast = db.session.scalars(
            select(Action).where(Action.campaign_id == self.campaign.id).order_by(Action.id)
        )
        threads = {"dana": "Dana Whitfield", "hector": "Hector Ramos", "nora": "Nora Quinn"}
        threads |= {"sam": "Sam Delgado", "marcus": "Marcus Bell", "luis": "Luis Ortega"}
        self.names |= {key: self._thread(name).id for key, name in threads.items()}
        own = [tag for tag in tags.all_of(self.campaign.id) if not tag.is_built_in]
        self.names |= {
            "action": running.id,
            "draft": draft.id,
            "joining": keyworded.id,
            "tag": own[0].id,
            "built_in": tags.built_in(self.campaign.id, Texting.P2P).id,
            "number": numbers.all_of(self.campaign)[0].id,
            "report": db.session.scalars(
                select(Report.id).where(Report.campaign_id == self.campaign.id).order_by(Report.id)
            ).first(),
        }
        note = "Marcus wants to talk to somebody about a ramp at his polling place."
        self._posts("texter", f"/inbox/{self.names['marcus']}/ask-admin", note=note)

    def _more_actions(self) -> None:
        people = [
            factories.contact(of=self.campaign, phone=f"+1217555{101 + n:04}", first_name=name)
            for n, name in enumerate(("Renee", "Ramon", "Ruby", "Rita", "Rob", "Rae"))
        ]
        gone = factories.contact(
            of=self.campaign, phone="+12175550142", opted_out_of=Texting.P2P, first_name="Ray"
        )
        made = {
            "trouble": factories.action(*people, of=self.campaign, name="Weekend canvass"),
            "paused": factories.action(*people, of=self.campaign, name="Thank you"),
            "finished": factories.action(*people, of=self.campaign, name="Volunteer drive"),
            "shut": factories.action(*people, of=self.campaign, name="Election eve"),
            "tagless": factories.action(
                *people, of=self.campaign, name="Sign-up drive", launched=False
            ),
            "nobody": factories.action(gone, of=self.campaign, name="Second call", launched=False),
            "empty": factories.action(of=self.campaign, name="Phone bank", launched=False),
        }
        self.names |= {name: action.id for name, action in made.items()}
        soon = (utc_now() + timedelta(days=4)).date()
        with transaction():
            action_days.set_days(made["shut"], Span(soon, soon + timedelta(days=3)))
        for tag in tags.all_of(self.campaign.id):
            self._posts(
                "admin",
                f"/actions/{made['tagless'].id}/report-settings",
                do="remove" if tag.opts_out_of else "add",
                tag=tag.id,
            )
        for name in ("trouble", "tagless"):
            self._posts(
                "admin",
                f"/actions/{self.names[name]}/report-settings",
                do="remove",
                tag=self.names["built_in"],
            )
        self._goes_wrong(made["trouble"], people[0], Unknown("No answer within 30 seconds."))
        self._goes_wrong(
            made["trouble"], people[1], Refused("30006", "Landline or unreachable", permanent=True)
        )
        wrong = {"recipient": people[2].id, "wrong": "name"}
        self._posts("texter", f"/text/{self.names['trouble']}/flag", **wrong)
        self._posts("texter", f"/text/{self.names['paused']}/batch")
        self._posts("admin", f"/actions/{self.names['paused']}/pause")
        self._posts("admin", f"/actions/{self.names['finished']}/finish")
        self.names["untagged"] = db.session.scalars(
            select(Conversation.id).where(Conversation.action_id == made["trouble"].id)
        ).first()

    def _goes_wrong(self, action: Action, contact: Contact, result: Result) -> None:
        """A first text whose call to the carrier ended like this."""
        jordan, now = self.people["texter"], utc_now() + timedelta(minutes=1)
        with transaction():
            message = factories.first_text(action, contact, jordan)
            while claimed := claims.claim(owner="tour", rate=1_000.0, now=now):
                for text in claimed:
                    delivery.take(text.message_id, owner="tour", status_url=None, now=now)
                    settlement.settle(
                        text.message_id, result, owner="tour", provider="simulator", now=now
                    )
                now += timedelta(seconds=1)
            assert message.state in (MessageState.UNKNOWN, MessageState.FAILED)

    def _queues(self) -> None:
        """A text that may be a request, and one of somebody who had opted out."""
        self.hears("Hector Ramos", "Why are you still texting me? Stop it!")
        self.hears("Hector Ramos", "Who is this?")
        self.names["hinted"] = db.session.scalars(
            select(Message.id).where(
                Message.campaign_id == self.campaign.id, Message.hint == Hinted.OPEN
            )
        ).first()
        last = db.session.scalars(
            select(Message.id).where(Message.wrote_back).order_by(Message.id.desc())
        ).first()
        self._posts("admin", f"/data/opt-outs/wrote-back/{last}/read")

    def _more_contacts(self) -> None:
        lifted = self._contact("Rosa Jimenez")
        page = f"/data/contacts/{lifted.id}/opt-outs/broadcast"
        self._posts("admin", page, source="Called the office")
        reason = "She called again and wants to hear from us"
        self._posts("admin", f"{page}/remove", reason=reason, agreed="called", confirm="y")
        self.names |= {
            "opted_out": self._contact("Hector Ramos").id,
            "fine": self._contact("Nora Quinn").id,
            "lifted": lifted.id,
        }

    def _automated(self) -> None:
        """A draft that lacks everything, a form with an entry, and a form that is closed."""
        unwritten = factories.automation(of=self.campaign, answer="", live=False, name="Yard signs")
        number = numbers.all_of(self.campaign)[0]
        with transaction():
            who: dict[str, Any] = {"by": self.people["admin"], "now": utc_now()}
            opt_in_words.add(self.campaign, "SÚMATE", **who)
            words = {"keyword": "JOIN", "number": number}
            form = signups.make(self.campaign, "Rally list", intro="Two a month.", **words, **who)
            phone = demo_script.phone_of("Nora Quinn")
            signups.sign_up(form, phone, first_name="Nora", now=utc_now())
            closed = signups.make(self.campaign, "Spring rally", **words, **who)
            signups.set_open(closed, False, **who)
        self.names |= {
            "unwritten": unwritten.id,
            "form": form.id,
            "form_slug": form.slug,
            "closed_slug": closed.slug,
        }

    def _imports(self) -> None:
        for name in ("uploaded", "checked", "importing", "imported", "failed", "reversed"):
            self.names[name] = self._import(name)
            self.names[f"opting_{name}"] = self._import_of_opt_outs(name)

    def _import_of_opt_outs(self, name: str) -> int:
        """An import of opt-outs that has come so far."""
        folder = import_files.folder_of(self.site.settings)
        file = Path(folder) / f"opting-{name}.csv"
        file.write_text(STOPS)
        with transaction():
            row = optout_imports.begin(
                db.session.get_one(Campaign, self.campaign.id),
                (Texting.P2P,),
                "STOP list of our texting service",
                imports.open_table(file),
                file_name="stops.csv",
                folder=folder,
                by=self.people["admin"],
                now=utc_now(),
            )
            number = row.id
            if name == "failed":
                imports.fail(row, "The file is not there any more.", now=utc_now())
            elif name != "uploaded":
                optout_imports.match(row, dict(row.mapping), folder)
        if name in ("checked", "importing", "imported"):
            import_running.run_to_end(number, transaction, utc_now, folder=folder)
        if name in ("importing", "imported"):
            with transaction():
                row = db.session.get_one(ContactImport, number)
                optout_imports.start(row, folder=folder, by=self.people["admin"])
        if name == "imported":
            import_running.run_to_end(number, transaction, utc_now, folder=folder)
        return number

    def _import(self, name: str) -> int:
        """An import that has come so far."""
        folder = import_files.folder_of(self.site.settings)
        file = Path(folder) / f"{name}.csv"
        file.write_text(HEADING + GOOD + BAD + GOOD)
        with transaction():
            row = imports.begin(
                db.session.get_one(Campaign, self.campaign.id),
                f"Early voters {name}",
                imports.open_table(file),
                file_name="early-voters.csv",
                folder=folder,
                by=self.people["admin"],
                now=utc_now(),
            )
            number = row.id
            if name == "failed":
                imports.fail(row, "The file is not there any more.", now=utc_now())
            elif name != "uploaded":
                imports.match(row, dict(row.mapping), folder)
        if name in ("checked", "importing", "imported", "reversed"):
            import_running.run_to_end(number, transaction, utc_now, folder=folder)
        if name in ("importing", "imported", "reversed"):
            with transaction():
                row = db.session.get_one(ContactImport, number)
                imports.start(
                    row,
                    updates_existing=False,
                    folder=folder,
                    by=self.people["admin"],
                    now=utc_now(),
                )
        if name in ("imported", "reversed"):
            import_running.run_to_end(number, transaction, utc_now, folder=folder)
        if name == "reversed":
            with transaction():
                row = db.session.get_one(ContactImport, number)
                import_reversing.begin(row, by=self.people["admin"], now=utc_now())
            import_running.run_to_end(number, transaction, utc_now, folder=folder)
        return number
