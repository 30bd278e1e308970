"""The first run: whoever can read the server's console makes the first campaign, once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import Campaign, Role, SetupCode, User
from webapp.models.people import hash_of
from webapp.services import accounts, campaigns, joining, team

HALF = 4  # characters on each side of the hyphen
LASTS = timedelta(days=7)
WRONG = "That isn't the code. It stands on the console, where Heed was started."
TAKEN = (
    "Somebody else has finished setting up Heed. Sign in if it was you, or ask them for the "
    "join code."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the first campaign and its owner are to be."""

    campaign: str
    organization: str
    time_zone: str
    email: str
    name: str
    password_hash: str


def is_open() -> bool:
    """Whether there is no campaign yet, not even an archived one."""
    return db.session.scalar(select(Campaign.id).limit(1)) is None


def make_code(*, now: datetime) -> str:
    """A new code such as K7TQ-2M9F for the console; its hash alone is kept.

    Codes that other processes printed go on working, those older than a week do not.
    """
    db.session.execute(delete(SetupCode).where(SetupCode.created_at <= now - LASTS))
    letters = "".join(secrets.choice(joining.CHARACTERS) for _ in range(2 * HALF))
    db.session.add(SetupCode(code_hash=hash_of(letters), created_at=now))
    return f"{letters[:HALF]}-{letters[HALF:]}"


def checked_code(typed: str, *, now: datetime) -> str:
    """The hash of a code that works, typed in any letter case, with or without its hyphen.

    InvalidError (field "code") for any other.
    """
    letters = "".join(filter(str.isalnum, typed.upper()))
    found = hash_of(letters)
    if not is_code(found, now=now):
        raise InvalidError(WRONG, field="code")
    return found


def is_code(code_hash: str, *, now: datetime) -> bool:
    """Whether the code with this hash still works."""
    query = select(SetupCode.id).where(
        SetupCode.code_hash == code_hash, SetupCode.created_at > now - LASTS
    )
    return db.session.scalar(query) is not None


def finish(code_hash: str, wanted: Wanted, *, now: datetime) -> tuple[Campaign, User]:
    """Make the first campaign, with its two opt-out tags, and its owner; every code ends.

    ConflictError when there is a campaign: two people who finish at once wait for each other
    at the codes, and the second finds none. InvalidError names the field that cannot be used.
    """
    used = is_code(code_hash, now=now) and changed_rows(delete(SetupCode))
    if not used or not is_open():
        raise ConflictError(TAKEN)
    owner = accounts.create(wanted.email, wanted.name, password_hash=wanted.password_hash, now=now)
    campaign = campaigns.create(
        wanted.campaign,
        organization=wanted.organization,
        time_zone=wanted.time_zone,
        by=owner,
        now=now,
    )
    team.add(campaign, owner, Role.OWNER, by=owner, now=now)
    return campaign, owner
