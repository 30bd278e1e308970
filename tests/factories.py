"""People and things for tests, with a default for everything.

What is not named belongs to *the* campaign: the first one there is, made when there is none.
Each factory opens its own transaction unless one is open.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import select

from webapp.db import db, in_transaction, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    Contact,
    ContactList,
    ContactTag,
    ListMember,
    LoginSession,
    Membership,
    Message,
    Number,
    NumberKind,
    OptOutSource,
    Role,
    Tag,
    Texting,
    User,
)
from webapp.models.people import hash_of
from webapp.services import (
    actions,
    audience,
    automations,
    batches,
    launches,
    passwords,
    scripts,
    tags,
)

PASSWORD = "correct horse battery"
_serial = count(1)
_kept: dict[str, str] = {}


@contextmanager
def writing() -> Iterator[None]:
    """The open transaction, or one of our own."""
    if in_transaction():
        yield
        db.session.flush()
        return
    with transaction():
        yield


def campaign(**values: Any) -> Campaign:
    """A campaign with both built-in tags, open at any time of the day."""
    n = next(_serial)
    defaults = {
        "slug": f"campaign-{n}",
        "name": f"Campaign {n}",
        "organization": f"Campaign {n}",
        "time_zone": "America/Chicago",
        "opens_minute": 0,
        "closes_minute": 1440,
        "help_text": "Campaign texts. Reply STOP to opt out.",
        "confirmation_text": "You are opted out. You will not get any more texts from us.",
        "goodbye_text": "Thanks for telling us. We won't text you again.",
        "join_code": f"{n:06}".translate(str.maketrans("01", "XY")),
    }
    with writing():
        row = Campaign(**defaults | values)
        db.session.add(row)
        db.session.flush()
        tags.create_built_ins(row, now=utc_now())
    return row


def the_campaign() -> Campaign:
    """The first campaign there is."""
    return db.session.scalar(select(Campaign).order_by(Campaign.id).limit(1)) or campaign()


def user(**values: Any) -> User:
    """A person with an account and no campaign; the password is PASSWORD."""
    n = next(_serial)
    defaults = {
        "email": f"person{n}@example.org",
        "name": f"Person {n}",
        "password_hash": _hash_of_password(),
    }
    with writing():
        row = User(**defaults | values)
        db.session.add(row)
    return row


def member(role: Role, of: Campaign | None = None, **values: Any) -> User:
    """A person with a role in a campaign."""
    with writing():
        row = user(**values)
        db.session.flush()
        home = of or the_campaign()
        db.session.add(Membership(campaign_id=home.id, user_id=row.id, role=role))
    return row


def owner(of: Campaign | None = None, **values: Any) -> User:
    """The owner of a campaign."""
    return member(Role.OWNER, of, **values)


def admin(of: Campaign | None = None, **values: Any) -> User:
    """An admin of a campaign."""
    return member(Role.ADMIN, of, **values)


def texter(of: Campaign | None = None, **values: Any) -> User:
    """A texter of a campaign."""
    return member(Role.TEXTER, of, **values)


def session_token(person: User) -> str:
    """Sign somebody in, as on another device; returns the token of the session."""
    token = secrets.token_urlsafe(32)
    with writing():
        db.session.add(LoginSession(user_id=person.id, token_hash=hash_of(token)))
    return token


def number(of: Campaign | None = None, **values: Any) -> Number:
    """A number that a campaign texts from; it serves both kinds of texting."""
    with writing():
        defaults = {
            "campaign_id": (of or the_campaign()).id,
            "phone": f"+1312555{100 + next(_serial) % 100:04}",
            "kind": NumberKind.BOTH,
        }
        row = Number(**defaults | values)
        db.session.add(row)
    return row


def tag(name: str = "", *, of: Campaign | None = None, description: str = "") -> Tag:
    """A tag of the campaign's own."""
    with writing():
        return tags.create(
            of or the_campaign(),
            name or f"Wants a sign {next(_serial)}",
            description=description,
            by=None,
            now=utc_now(),
        )


def contact(
    *, of: Campaign | None = None, opted_out_of: Texting | None = None, **values: Any
) -> Contact:
    """A contact with a fictional number, who signed up for broadcasts and lives in Chicago."""
    n = next(_serial)
    defaults: dict[str, Any] = {
        "phone": phone_of(n),
        "first_name": "Dana",
        "last_name": f"Whitfield {n}",
        "state": "IL",
        "zones": "America/Chicago",
        "subscribed": "Sign-up sheet at the library",
        "subscribed_at": utc_now(),
    }
    with writing():
        home = of or the_campaign()
        row = Contact(campaign_id=home.id, **defaults | values)
        db.session.add(row)
        db.session.flush()
        if opted_out_of is not None:
            _opt_out(row, opted_out_of)
    return row


# Somebody whom no factory makes.
STRANGER = "+19075550177"


def phone_of(n: int) -> str:
    """The n-th fictional number (555-0100 to 555-0199 in real area codes)."""
    area = ("312", "773", "872", "708", "630", "847", "224", "815", "779", "618")[n // 100 % 10]
    return f"+1{area}5550{100 + n % 100}"


def contact_list(*contacts: Contact, of: Campaign | None = None, **values: Any) -> ContactList:
    """A list that can be used, with these contacts on it."""
    with writing():
        defaults: dict[str, Any] = {
            "campaign_id": (of or the_campaign()).id,
            "name": f"List {next(_serial)}",
            "size": len(contacts),
            "is_ready": True,
        }
        row = ContactList(**defaults | values)
        db.session.add(row)
        db.session.flush()
        db.session.add_all(ListMember(list_id=row.id, contact_id=one.id) for one in contacts)
    return row


def _opt_out(person: Contact, texting: Texting) -> None:
    """Plant an opt-out as it stands after the fact; tests of recording it use the service."""
    built_in = tags.built_in(person.campaign_id, texting)
    built_in.contacts += 1
    db.session.add(
        ContactTag(
            tag_id=built_in.id,
            contact_id=person.id,
            campaign_id=person.campaign_id,
            source=OptOutSource.STOP_WORD,
        )
    )


def _hash_of_password() -> str:
    if "hash" not in _kept:
        _kept["hash"] = passwords.hash_of(PASSWORD)
    return _kept["hash"]


def action(
    *contacts: Contact,
    kind: ActionKind = ActionKind.P2P,
    launched: bool = True,
    of: Campaign | None = None,
    **values: Any,
) -> Action:
    """An action whose audience are these contacts; launched and live unless told otherwise.

    Everything goes through the services, as in the product: number, script, Safeguard.
    """
    home = of or (db.session.get_one(Campaign, contacts[0].campaign_id) if contacts else None)
    home = home or the_campaign()
    serving = actions.numbers_for(home.id, kind.texting) or [number(of=home)]
    with writing():
        made = actions.draft(home, kind, f"Action {next(_serial)}", by=None, now=utc_now())
        made.number_id = serving[0].id
        if values.get("goodbye"):
            made.goodbye_text = home.goodbye_text
        for name, value in values.items():
            setattr(made, name, value)
        audience.choose(made, [contact_list(*contacts, of=home)])
        scripts.set_scripts(made, ["Hi {first_name}, vote on Tuesday. Reply STOP to opt out."])
        if launched:
            launches.launch(made, by=None, now=utc_now())
            while launches.sort_chunk(made, now=utc_now()):
                pass
    return made


def many_actions(amount: int, kind: ActionKind = ActionKind.P2P) -> None:
    """So many live actions without anybody in them, as if each had been launched."""
    home, now = the_campaign(), utc_now()
    with writing():
        for _ in range(amount):
            made = actions.draft(home, kind, f"Action {next(_serial)}", by=None, now=now)
            made.state, made.launched_at = ActionState.LIVE, now


def automation(
    *words: str,
    of: Campaign | None = None,
    opts_in: bool = False,
    live: bool = True,
    answer: str = "Thanks, {first_name}! Reply STOP to opt out.",
    **values: Any,
) -> Action:
    """An automated action that answers these keywords, turned on unless told otherwise."""
    home = of or the_campaign()
    if not actions.numbers_for(home.id, Texting.BROADCAST):
        number(home, kind=NumberKind.BROADCAST)
    with writing():
        wanted = automations.Wanted(
            name=values.pop("name", f"Automation {next(_serial)}"),
            words=words,
            answer=answer,
            opts_in=opts_in,
            **values,
        )
        made = automations.make(home, wanted, by=None, now=utc_now())
        if live:
            automations.turn_on(made, by=None, now=utc_now())
    return made


def first_text(in_action: Action, to: Contact, by: User) -> Message:
    """A first text that a texter has just tapped: queued, on its way to the carrier."""
    with writing():
        if not batches.open_count(in_action, by):
            batches.take_batch(in_action, by, now=utc_now())
        outcome = batches.send_first(
            in_action, to.id, by, key=secrets.token_urlsafe(8), now=utc_now()
        )
    assert outcome.message is not None, outcome.skipped
    return outcome.message
