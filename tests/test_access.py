"""Who may open what: every route and verb, for everybody who might try.

A route that is missing in ROUTES fails, and so does one that is there no more. Add a line for
each new route; give ARGUMENTS a maker for each new kind of id in an address.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import factories
from tests.client import Browser
from webapp.db import db, utc_now
from webapp.models import (
    Actor,
    Campaign,
    Contact,
    ContactImport,
    Conversation,
    Event,
    Hinted,
    Message,
    NumberKind,
    SignupForm,
    TrailEntry,
    User,
)
from webapp.services import reports, signups

LOGIN, HIDDEN, FORBIDDEN, OPEN = "sent to sign in", "not found", "forbidden", "open"
CAST = ("nobody", "outsider", "unassigned", "assigned", "admin", "owner")


@dataclass(frozen=True)
class Expected:
    """What each of the cast meets, in the order of CAST."""

    nobody: str
    outsider: str  # a texter of another campaign
    unassigned: str  # a texter whom the thing is not assigned to
    assigned: str  # the texter whom it is assigned to
    admin: str
    owner: str


EVERYBODY = Expected(OPEN, OPEN, OPEN, OPEN, OPEN, OPEN)
SIGNED_IN = Expected(LOGIN, OPEN, OPEN, OPEN, OPEN, OPEN)
TEXTERS = Expected(LOGIN, HIDDEN, OPEN, OPEN, OPEN, OPEN)
ASSIGNED = Expected(LOGIN, HIDDEN, HIDDEN, OPEN, OPEN, OPEN)
ADMINS = Expected(LOGIN, HIDDEN, FORBIDDEN, FORBIDDEN, OPEN, OPEN)
OWNER = Expected(LOGIN, HIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, OPEN)
# Only the carrier in use may call, and in tests that is the simulator, which has no webhook.
NOT_IN_USE = Expected(*[HIDDEN] * 6)
# The first run is over as soon as there is a campaign.
OVER = Expected(*[HIDDEN] * 6)

ROUTES = {
    # auth
    "GET /": SIGNED_IN,
    "GET /login": EVERYBODY,
    "POST /login": EVERYBODY,
    "POST /logout": EVERYBODY,
    "GET /forgot": EVERYBODY,
    "GET /reset/<token>": EVERYBODY,
    "POST /reset/<token>": EVERYBODY,
    "GET /join": EVERYBODY,
    "POST /join": EVERYBODY,
    "GET /join/<code>": EVERYBODY,
    "POST /join/<code>": EVERYBODY,
    "GET /me": SIGNED_IN,
    "POST /me": SIGNED_IN,
    "GET /me/password": SIGNED_IN,
    "POST /me/password": SIGNED_IN,
    "POST /me/sign-out-everywhere": SIGNED_IN,
    # the first run
    "GET /setup": OVER,
    "POST /setup": OVER,
    "GET /setup/campaign": OVER,
    "POST /setup/campaign": OVER,
    "GET /setup/you": OVER,
    "POST /setup/you": OVER,
    "GET /c/<slug>/welcome": OWNER,
    "GET /c/<slug>/welcome/sending": OWNER,
    "POST /c/<slug>/welcome/sending": OWNER,
    "POST /c/<slug>/welcome/sample": OWNER,
    # the training
    "GET /training": SIGNED_IN,
    "GET /training/<int:screen_number>": SIGNED_IN,
    "GET /training/drill": SIGNED_IN,
    "POST /training/drill": SIGNED_IN,
    # help and health
    "GET /help": EVERYBODY,
    "GET /help/opt-outs": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    # pictures that came with texts
    "GET /c/<slug>/texts/<int:message_id>/pictures/<int:place>": ASSIGNED,
    # settings
    "GET /c/<slug>/settings": ADMINS,
    "GET /c/<slug>/settings/campaign": ADMINS,
    "POST /c/<slug>/settings/campaign": ADMINS,
    "GET /c/<slug>/settings/texting": ADMINS,
    "POST /c/<slug>/settings/texting": ADMINS,
    "GET /c/<slug>/settings/stop-words": ADMINS,
    "POST /c/<slug>/settings/stop-words": ADMINS,
    "GET /c/<slug>/settings/broadcast": ADMINS,
    "POST /c/<slug>/settings/broadcast": ADMINS,
    "POST /c/<slug>/settings/broadcast/check": ADMINS,
    "GET /c/<slug>/settings/system": ADMINS,
    "GET /c/<slug>/settings/system/live": ADMINS,
    "POST /c/<slug>/settings/system/check-carrier": ADMINS,
    "POST /c/<slug>/settings/system/test-text": ADMINS,
    "GET /c/<slug>/settings/numbers": ADMINS,
    "POST /c/<slug>/settings/numbers": ADMINS,
    "GET /c/<slug>/settings/numbers/<int:number_id>/retire": ADMINS,
    "POST /c/<slug>/settings/numbers/<int:number_id>/retire": ADMINS,
    # team
    "GET /c/<slug>/team": ADMINS,
    "GET /c/<slug>/team/invite": ADMINS,
    "POST /c/<slug>/team/invite": ADMINS,
    "GET /c/<slug>/team/join-code": ADMINS,
    "POST /c/<slug>/team/join-code": ADMINS,
    "POST /c/<slug>/team/taking-texters": ADMINS,
    "POST /c/<slug>/team/approving": ADMINS,
    "POST /c/<slug>/team/<int:user_id>/approve": ADMINS,
    "GET /c/<slug>/team/<int:user_id>": ADMINS,
    "POST /c/<slug>/team/<int:user_id>": ADMINS,
    "POST /c/<slug>/team/<int:user_id>/reset-link": ADMINS,
    "GET /c/<slug>/team/<int:user_id>/conversations": ADMINS,
    "POST /c/<slug>/team/<int:user_id>/conversations": ADMINS,
    "GET /c/<slug>/team/<int:user_id>/remove": ADMINS,
    "POST /c/<slug>/team/<int:user_id>/remove": ADMINS,
    "GET /c/<slug>/team/<int:user_id>/hand-over": OWNER,
    "POST /c/<slug>/team/<int:user_id>/hand-over": OWNER,
    # text
    "GET /c/<slug>/text": TEXTERS,
    "GET /c/<slug>/text/live": TEXTERS,
    "GET /c/<slug>/text/<int:running_id>": TEXTERS,
    "POST /c/<slug>/text/<int:running_id>/batch": TEXTERS,
    "GET /c/<slug>/text/<int:running_id>/send": TEXTERS,
    "POST /c/<slug>/text/<int:running_id>/send": TEXTERS,
    "POST /c/<slug>/text/<int:running_id>/skip": TEXTERS,
    "POST /c/<slug>/text/<int:running_id>/flag": TEXTERS,
    "GET /c/<slug>/text/<int:running_id>/live": TEXTERS,
    # inbox
    "GET /c/<slug>/inbox": TEXTERS,
    "GET /c/<slug>/inbox/live": TEXTERS,
    "GET /c/<slug>/inbox/<int:conversation_id>": ASSIGNED,
    "GET /c/<slug>/inbox/<int:conversation_id>/contact": ASSIGNED,
    "GET /c/<slug>/inbox/<int:conversation_id>/replies": ASSIGNED,
    "GET /c/<slug>/inbox/<int:conversation_id>/report": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/report": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/reply": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/draft": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/read": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/unread": ASSIGNED,
    "POST /c/<slug>/inbox/shortcuts": TEXTERS,
    "POST /c/<slug>/inbox/<int:conversation_id>/archive": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/unarchive": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/dismiss-hint": ASSIGNED,
    "GET /c/<slug>/inbox/<int:conversation_id>/ask-admin": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/ask-admin": ASSIGNED,
    "POST /c/<slug>/inbox/<int:conversation_id>/reassign": ADMINS,
    # demo
    "GET /c/<slug>/demo": ADMINS,
    "POST /c/<slug>/demo/text": ADMINS,
    "POST /c/<slug>/demo/start-over": ADMINS,
    "GET /c/<slug>/demo/live": ADMINS,
    # home
    "GET /c/<slug>/": TEXTERS,
    "GET /c/<slug>/live": ADMINS,
    # actions
    "GET /c/<slug>/actions/p2p": ADMINS,
    "GET /c/<slug>/actions/p2p/live": ADMINS,
    "GET /c/<slug>/actions/p2p/new": ADMINS,
    "POST /c/<slug>/actions/p2p/new": ADMINS,
    "GET /c/<slug>/actions/broadcast": ADMINS,
    "GET /c/<slug>/actions/broadcast/live": ADMINS,
    "GET /c/<slug>/actions/broadcast/new": ADMINS,
    "POST /c/<slug>/actions/broadcast/new": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/confirm": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/schedule": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/unschedule": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/dismiss-alarm": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/not-delivered": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/opt-outs": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/details": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/details": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/audience": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/audience": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/script": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/script": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/preview": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/review": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/launch": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/live": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/pause": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/resume": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/finish": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/finish": ADMINS,
    "POST /c/<slug>/actions/texts/<int:message_id>/release": ADMINS,
    "POST /c/<slug>/actions/flags/<int:flag_id>/clear": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/texters": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/conversations": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/conversations/reassign": ADMINS,
    "GET /c/<slug>/actions/<int:action_id>/suppressed": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/suppressed/export": ADMINS,
    # automated actions and sign-up forms
    "GET /c/<slug>/actions/automated": ADMINS,
    "GET /c/<slug>/actions/automated/live": ADMINS,
    "GET /c/<slug>/actions/automated/<int:automated_id>/live": ADMINS,
    "GET /c/<slug>/actions/automated/new": ADMINS,
    "POST /c/<slug>/actions/automated/new": ADMINS,
    "POST /c/<slug>/actions/automated/try": ADMINS,
    "GET /c/<slug>/actions/automated/<int:automated_id>": ADMINS,
    "GET /c/<slug>/actions/automated/<int:automated_id>/edit": ADMINS,
    "POST /c/<slug>/actions/automated/<int:automated_id>/edit": ADMINS,
    "POST /c/<slug>/actions/automated/<int:automated_id>/try": ADMINS,
    "POST /c/<slug>/actions/automated/<int:automated_id>/turn-on": ADMINS,
    "POST /c/<slug>/actions/automated/<int:automated_id>/pause": ADMINS,
    "GET /c/<slug>/actions/automated/<int:automated_id>/finish": ADMINS,
    "POST /c/<slug>/actions/automated/<int:automated_id>/finish": ADMINS,
    "GET /c/<slug>/actions/automated/sign-up-forms": ADMINS,
    "GET /c/<slug>/actions/automated/sign-up-forms/new": ADMINS,
    "POST /c/<slug>/actions/automated/sign-up-forms/new": ADMINS,
    "GET /c/<slug>/actions/automated/sign-up-forms/<int:form_id>": ADMINS,
    "GET /c/<slug>/actions/automated/sign-up-forms/<int:form_id>/edit": ADMINS,
    "POST /c/<slug>/actions/automated/sign-up-forms/<int:form_id>/edit": ADMINS,
    "POST /c/<slug>/actions/automated/sign-up-forms/<int:form_id>/close": ADMINS,
    "POST /c/<slug>/actions/automated/sign-up-forms/<int:form_id>/open": ADMINS,
    "POST /c/<slug>/actions/automated/sign-up-forms/<int:form_id>/export": ADMINS,
    "GET /f/<form_slug>": EVERYBODY,
    "POST /f/<form_slug>": EVERYBODY,
    "GET /f/<form_slug>/text-us": EVERYBODY,
    # report settings
    "GET /c/<slug>/actions/<int:action_id>/report-settings": ADMINS,
    "POST /c/<slug>/actions/<int:action_id>/report-settings": ADMINS,
    # tags
    "GET /c/<slug>/data/tags": ADMINS,
    "POST /c/<slug>/data/tags": ADMINS,
    "GET /c/<slug>/data/tags/<int:tag_id>": ADMINS,
    "POST /c/<slug>/data/tags/<int:tag_id>": ADMINS,
    "POST /c/<slug>/data/tags/<int:tag_id>/archive": ADMINS,
    # contacts
    "GET /c/<slug>/data/contacts": ADMINS,
    "GET /c/<slug>/data/contacts/new": ADMINS,
    "POST /c/<slug>/data/contacts/new": ADMINS,
    "POST /c/<slug>/data/contacts/export": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/live": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/timeline": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/edit": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/edit": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/delete": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/delete": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/erase": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/erase": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/conversations/<int:thread_id>": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/opt-outs/<kind>": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/opt-outs/<kind>": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/opt-outs/<kind>/remove": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/opt-outs/<kind>/remove": ADMINS,
    "GET /c/<slug>/data/contacts/<int:contact_id>/evidence": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/evidence/export": ADMINS,
    "GET /c/<slug>/data/contacts/import": ADMINS,
    "POST /c/<slug>/data/contacts/import": ADMINS,
    "GET /c/<slug>/data/contacts/import/<int:import_id>": ADMINS,
    "GET /c/<slug>/data/contacts/import/<int:import_id>/columns": ADMINS,
    "POST /c/<slug>/data/contacts/import/<int:import_id>/columns": ADMINS,
    "POST /c/<slug>/data/contacts/import/<int:import_id>/start": ADMINS,
    "POST /c/<slug>/data/contacts/import/<int:import_id>/cancel": ADMINS,
    "GET /c/<slug>/data/contacts/import/<int:import_id>/reverse": ADMINS,
    "POST /c/<slug>/data/contacts/import/<int:import_id>/reverse": ADMINS,
    "GET /c/<slug>/data/contacts/import/<int:import_id>/rejects.csv": ADMINS,
    "GET /c/<slug>/data/lists": ADMINS,
    "POST /c/<slug>/data/lists/<int:list_id>/archive": ADMINS,
    # opt-outs
    "GET /c/<slug>/data/opt-outs": ADMINS,
    "GET /c/<slug>/data/opt-outs/history": ADMINS,
    "GET /c/<slug>/data/opt-outs/new": ADMINS,
    "POST /c/<slug>/data/opt-outs/new": ADMINS,
    "POST /c/<slug>/data/opt-outs/export": ADMINS,
    "GET /c/<slug>/data/opt-outs/proof": ADMINS,
    "GET /c/<slug>/data/opt-outs/import": ADMINS,
    "POST /c/<slug>/data/opt-outs/import": ADMINS,
    "GET /c/<slug>/data/opt-outs/import/<int:opting_id>": ADMINS,
    "GET /c/<slug>/data/opt-outs/import/<int:opting_id>/columns": ADMINS,
    "POST /c/<slug>/data/opt-outs/import/<int:opting_id>/columns": ADMINS,
    "POST /c/<slug>/data/opt-outs/import/<int:opting_id>/start": ADMINS,
    "POST /c/<slug>/data/opt-outs/import/<int:opting_id>/cancel": ADMINS,
    "GET /c/<slug>/data/opt-outs/import/<int:opting_id>/rejects.csv": ADMINS,
    "GET /c/<slug>/data/opt-outs/possible/live": ADMINS,
    "GET /c/<slug>/data/opt-outs/possible": ADMINS,
    "GET /c/<slug>/data/opt-outs/possible/<int:hinted_id>": ADMINS,
    "POST /c/<slug>/data/opt-outs/possible/<int:hinted_id>/mark": ADMINS,
    "POST /c/<slug>/data/opt-outs/possible/<int:hinted_id>/close": ADMINS,
    "GET /c/<slug>/data/opt-outs/wrote-back": ADMINS,
    "POST /c/<slug>/data/opt-outs/wrote-back/<int:hinted_id>/read": ADMINS,
    # reports
    "GET /c/<slug>/data/reports/live": ADMINS,
    "GET /c/<slug>/data/reports": ADMINS,
    "GET /c/<slug>/data/reports/<int:report_id>": ADMINS,
    "GET /c/<slug>/data/reports/<int:report_id>/correct": ADMINS,
    "POST /c/<slug>/data/reports/<int:report_id>/correct": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/tags": ADMINS,
    "POST /c/<slug>/data/contacts/<int:contact_id>/tags/<int:tag_id>/remove": ADMINS,
    # analytics
    "GET /c/<slug>/data/analytics": ADMINS,
    "GET /c/<slug>/data/analytics/figures.csv": ADMINS,
    # webhooks
    "POST /webhooks/<provider>": NOT_IN_USE,
    "POST /webhooks/<provider>/inbound": NOT_IN_USE,
    "POST /webhooks/<provider>/status": NOT_IN_USE,
}


@dataclass
class World:
    """A campaign with its cast, and things of it made when an address names them."""

    campaign: Campaign = field(default_factory=factories.campaign)
    people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        elsewhere = factories.campaign()
        self.people = {
            "outsider": factories.texter(elsewhere),
            "unassigned": factories.texter(self.campaign),
            "assigned": factories.texter(self.campaign),
            "admin": factories.admin(self.campaign),
            "owner": factories.owner(self.campaign),
        }

    def arguments(self, rule: Rule) -> dict[str, object]:
        return {name: ARGUMENTS[name](self) for name in sorted(rule.arguments)}


def _conversation(world: World) -> int:
    contact = factories.contact(of=world.campaign)
    action = factories.action(contact, of=world.campaign)
    return factories.first_text(action, contact, world.people["assigned"]).conversation_id or 0


def _message(world: World) -> int:
    contact = factories.contact(of=world.campaign)
    action = factories.action(contact, of=world.campaign)
    text = factories.first_text(action, contact, world.people["assigned"])
    with factories.writing():
        text.media = ["https://api.twilio.com/picture"]
    return text.id


def _hinted(world: World) -> int:
    """A text of somebody who may have asked to stop, and wrote after opting out."""
    with factories.writing():
        message = db.session.get_one(Message, _message(world))
        message.hint, message.wrote_back = Hinted.OPEN, True
        return message.id


def _report(world: World) -> int:
    talk_id = _conversation(world)
    with factories.writing():
        talk = db.session.get_one(Conversation, talk_id)
        by = world.people["assigned"]
        return reports.send(talk, reports.Filled(), key="one", by=by, now=utc_now()).report.id


def _flag(world: World) -> int:
    contact = factories.contact(of=world.campaign)
    action = factories.action(contact, of=world.campaign)
    with factories.writing():
        entry = TrailEntry(
            campaign_id=world.campaign.id,
            event=Event.FLAGGED,
            actor=Actor.PERSON,
            about="action",
            about_id=action.id,
        )
        db.session.add(entry)
        db.session.flush()
        return entry.id


def _thread(world: World) -> int:
    """A conversation with the contact of the same address."""
    newest = select(Contact).where(Contact.campaign_id == world.campaign.id)
    found = db.session.scalars(newest.order_by(Contact.id.desc())).first()
    contact = found or factories.contact(of=world.campaign)
    action = factories.action(contact, of=world.campaign)
    return factories.first_text(action, contact, world.people["assigned"]).conversation_id or 0


def _import(world: World, *, opts_out_of: str = "") -> int:
    with factories.writing():
        row = ContactImport(
            campaign_id=world.campaign.id,
            list_name="Ward 25",
            file_name="voters.csv",
            stored_as="gone.csv",
            counts={"headings": ["phone"]},
            opts_out_of=opts_out_of,
        )
        db.session.add(row)
        db.session.flush()
        return row.id


def _signup_form(world: World) -> SignupForm:
    number = factories.number(world.campaign, kind=NumberKind.BROADCAST)
    with factories.writing():
        more = {"keyword": "JOIN", "number": number, "by": None, "now": utc_now()}
        return signups.make(world.campaign, "Rally list", **more)


# How to make what an argument of an address names, in the world of the campaign.
ARGUMENTS: dict[str, Callable[[World], object]] = {
    "slug": lambda world: world.campaign.slug,
    "code": lambda world: world.campaign.join_code,
    "token": lambda world: _reset_token(world.people["unassigned"]),
    "user_id": lambda world: world.people["unassigned"].id,
    "number_id": lambda world: factories.number(world.campaign).id,
    "tag_id": lambda world: factories.tag(of=world.campaign).id,
    "contact_id": lambda world: factories.contact(of=world.campaign).id,
    "list_id": lambda world: factories.contact_list(of=world.campaign).id,
    "action_id": lambda world: factories.action(of=world.campaign, launched=False).id,
    "running_id": lambda world: (
        factories.action(factories.contact(of=world.campaign), of=world.campaign).id
    ),
    "automated_id": lambda world: factories.automation("VOLUNTEER", of=world.campaign).id,
    "form_id": lambda world: _signup_form(world).id,
    "form_slug": lambda world: _signup_form(world).slug,
    "conversation_id": _conversation,
    "hinted_id": _hinted,
    "import_id": _import,
    "opting_id": lambda world: _import(world, opts_out_of="p2p"),
    "message_id": _message,
    "report_id": _report,
    "flag_id": _flag,
    "thread_id": _thread,
    "kind": lambda world: "p2p",
    "place": lambda world: 1,
    "provider": lambda world: "twilio",
    "screen_number": lambda world: 1,
}
# These name a thing of one campaign: in the address of another they lead nowhere.
NOT_OF_A_CAMPAIGN = {"slug", "code", "form_slug", "token", "kind", "place", "provider"}


def _reset_token(person: User) -> str:
    from webapp.services import accounts

    with factories.writing():
        return accounts.make_reset_link(person, by=None, now=utc_now())


def lines_of(app: Flask) -> dict[str, Rule]:
    """Every route and verb of the application, as ROUTES writes them."""
    return {
        f"{verb} {rule.rule}": rule
        for rule in app.url_map.iter_rules()
        for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def address(app: Flask, rule: Rule, arguments: dict[str, object]) -> str:
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, arguments))


def ask(app: Flask, line: str, url: str, person: User | None) -> TestResponse:
    browser = app.test_client()
    assert isinstance(browser, Browser)
    if person is not None:
        browser.sign_in_as(factories.session_token(person))
    return browser.open(url, method=line.split(" ")[0])


def outcome(line: str, who: str, response: TestResponse) -> str:
    if response.status_code == 303 and urlsplit(response.location).path == "/login":
        # Signing out leads there, too.
        return LOGIN if who == "nobody" and line != "POST /logout" else OPEN
    refused = {403: FORBIDDEN, 404: HIDDEN, 405: "no such verb", 500: "broken"}
    return refused.get(response.status_code, OPEN)


def test_every_route_says_here_who_may_open_it(app: Flask) -> None:
    assert lines_of(app).keys() == ROUTES.keys()


@pytest.mark.parametrize("line", ROUTES)
def test_who_may_not_open_a_page_is_refused(app: Flask, line: str) -> None:
    rule, world = lines_of(app)[line], World()
    url = address(app, rule, world.arguments(rule))
    refused = {who: said for who, said in vars(ROUTES[line]).items() if said != OPEN}
    assert {
        who: outcome(line, who, ask(app, line, url, world.people.get(who))) for who in refused
    } == refused


@pytest.mark.parametrize(
    ("line", "who"),
    [(line, who) for line in ROUTES for who in CAST if getattr(ROUTES[line], who) == OPEN],
)
def test_who_may_open_a_page_can(app: Flask, line: str, who: str) -> None:
    rule, world = lines_of(app)[line], World()
    url = address(app, rule, world.arguments(rule))
    assert outcome(line, who, ask(app, line, url, world.people.get(who))) == OPEN


@pytest.mark.parametrize(
    "line",
    [line for line in ROUTES if "_id>" in line],
)
def test_things_of_another_campaign_are_not_found_in_mine(app: Flask, line: str) -> None:
    rule, mine, theirs = lines_of(app)[line], World(), World()
    arguments = mine.arguments(rule)
    for name in rule.arguments - NOT_OF_A_CAMPAIGN:
        stolen = arguments | {name: ARGUMENTS[name](theirs)}
        response = ask(app, line, address(app, rule, stolen), mine.people["owner"])
        assert response.status_code == 404, name
