"""Accounts: creating them, signing in and out, new passwords."""

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError, NotFoundError
from webapp.models import Actor, Event, LoginSession, ResetLink, User
from webapp.models.people import hash_of
from webapp.services import members, passwords, trail

# How long a reset link works; it works once.
LINK_LASTS = timedelta(hours=24)
THEMES = ("system", "light", "dark")
WRONG = "That email and password don't match."
EXPIRED = "This link has expired. Ask for a new one."
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f.]+")


def checked_email(email: str) -> str:
    """An email as it is kept (lower case). InvalidError (field "email") when it is none."""
    email = email.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise InvalidError("Enter an email address such as ana@example.org.", field="email")
    return email


def checked_name(name: str) -> str:
    """A person's name with its spaces tidied. InvalidError (field "name") when it is unusable."""
    name = " ".join(name.split())
    if not name or len(name) > 80 or not name.isprintable():
        raise InvalidError("Enter a name of 1 to 80 characters.", field="name")
    return name


def find(email: str) -> User | None:
    """The account with this email, in any letter case."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def create(email: str, name: str, *, password_hash: str, now: datetime) -> User:
    """Make an account. Without a hash nobody can sign in until a reset link was used.

    ConflictError when the email is taken. Take `password_hash` from `new_password_hash`.
    """
    email, name = checked_email(email), checked_name(name)
    if find(email) is not None:
        raise ConflictError("There is already an account with this email.")
    user = User(email=email, name=name, password_hash=password_hash, created_at=now)
    db.session.add(user)
    db.session.flush()
    return user


def new_password_hash(password: str, *about: str) -> str:
    """What to store of a new password, checked (InvalidError, field "password").

    `about`: the person's email and name and the campaign's name, which it must not consist of.
    Takes some 30 ms on purpose, so call it before the transaction.
    """
    passwords.check(password, about=about)
    return passwords.hash_of(password)


def who(email: str, password: str) -> User:
    """The person with this email and password. Writes nothing; slow on purpose.

    InvalidError says the same, after the same time, for a wrong password and for an unknown
    email (ASVS 5.0, 6.3.8).
    """
    user = find(email)
    stored = user.password_hash if user is not None else ""
    if not passwords.matches(stored, password[: passwords.LONGEST + 1]) or user is None:
        raise InvalidError(WRONG)
    return user


def renewed_hash(user: User, password: str) -> str | None:
    """A new hash of the password just checked, when the kept one has outdated parameters."""
    return passwords.hash_of(password) if passwords.is_outdated(user.password_hash) else None


def sign_in(
    user: User, *, renewed_hash: str | None = None, instead_of: str | None = None, now: datetime
) -> str:
    """Begin a session; returns the token for the cookie (its hash alone is kept).

    `instead_of` is the token this browser had until now; its session ends (ASVS 5.0, 7.2.4).
    """
    if renewed_hash is not None:
        user.password_hash = renewed_hash
    if instead_of is not None:
        sign_out(instead_of, now=now)
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(user_id=user.id, token_hash=hash_of(token), created_at=now, seen_at=now)
    )
    return token


def sign_out(token: str, *, now: datetime) -> None:
    """End a session on the server; a second time changes nothing."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.token_hash == hash_of(token), LoginSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def sign_out_everywhere(user: User, *, except_token: str | None = None, now: datetime) -> int:
    """End every session of a person, but one if its token is given; returns how many."""
    kept = hash_of(except_token) if except_token else ""
    return changed_rows(
        update(LoginSession)
        .where(
            LoginSession.user_id == user.id,
            LoginSession.ended_at.is_(None),
            LoginSession.token_hash != kept,
        )
        .values(ended_at=now)
    )


def set_password(
    user: User,
    *,
    password_hash: str,
    keep_token: str | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """Give a person a new password; their other sessions and open reset links end.

    `by` is None when it was done on the host.
    """
    user.password_hash = password_hash
    sign_out_everywhere(user, except_token=keep_token, now=now)
    db.session.execute(
        update(ResetLink)
        .where(ResetLink.user_id == user.id, ResetLink.used_at.is_(None))
        .values(used_at=now)
    )
    trail.record(
        Event.PASSWORD_RESET,
        campaign_id=None,
        by=by,
        actor=None if by else Actor.HOST,
        about=user,
        now=now,
    )


def set_preferences(
    user: User, *, name: str, theme: str, shortcuts: bool, archives_on_report: bool
) -> None:
    """Change what a person may choose about their own screens."""
    if theme not in THEMES:
        raise InvalidError("Choose one of the themes.", field="theme")
    user.name = checked_name(name)
    user.theme = theme
    user.shortcuts = shortcuts
    user.archives_on_report = archives_on_report


def complete_training(user: User, *, now: datetime) -> bool:
    """Note that a person has been through the training; False the second time."""
    if user.trained_at is not None:
        return False
    user.trained_at = now
    return True


def make_reset_link(user: User, *, by: User | None, now: datetime) -> str:
    """Make a link that sets a new password once, within 24 hours; returns its token.

    Earlier links of this person stop working. Whether `by` may do so is `team`'s rule; None is
    somebody on the host.
    """
    db.session.execute(
        update(ResetLink)
        .where(ResetLink.user_id == user.id, ResetLink.used_at.is_(None))
        .values(used_at=now)
    )
    token = secrets.token_urlsafe(32)
    link = ResetLink(
        user_id=user.id,
        token_hash=hash_of(token),
        made_by=by.id if by else None,
        expires_at=now + LINK_LASTS,
    )
    db.session.add(link)
    db.session.flush()
    return token


def reset_link(token: str, *, now: datetime) -> User:
    """The person whose password this link may set. NotFoundError when it has expired.

    So it has when its maker could not make it any more: the person has joined a campaign that
    the maker does not run, or has risen above them (decision 21).
    """
    found = db.session.execute(
        select(User, ResetLink.made_by)
        .join(ResetLink, ResetLink.user_id == User.id)
        .where(*_is_open(token, now))
    ).one_or_none()
    if found is None or not _may_still(found.made_by, found.User):
        raise NotFoundError(EXPIRED)
    return found.User  # type: ignore[no-any-return]


def use_reset_link(token: str, *, password_hash: str, now: datetime) -> User:
    """Set a new password with a link, and end every session of that person.

    NotFoundError when the link has expired or was used, also by a second press of the button.
    """
    user = reset_link(token, now=now)
    used = changed_rows(update(ResetLink).where(*_is_open(token, now)).values(used_at=now))
    if used != 1:
        raise NotFoundError(EXPIRED)
    set_password(user, password_hash=password_hash, by=user, now=now)
    return user


def _may_still(made_by: int | None, user: User) -> bool:
    """Whether the maker of a link runs every campaign of its person, who ranks no higher."""
    if made_by is None:
        return True  # Somebody on the host.
    runs = {
        place.campaign_id: members.RANK[place.role]
        for place in members.places_of(made_by)
        if place.role.runs_campaign
    }
    return all(
        members.RANK[place.role] <= runs.get(place.campaign_id, -1)
        for place in members.places_of(user.id)
    )


def _is_open(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ResetLink.token_hash == hash_of(token),
        ResetLink.used_at.is_(None),
        ResetLink.expires_at > now,
    )
