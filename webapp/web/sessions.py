"""Who is asking: a random token in the cookie, looked up in the table of sessions."""

from datetime import datetime, timedelta

from flask import Flask, Request, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, current_user
from sqlalchemy import bindparam, select, update

from webapp.db import db, transaction, utc_now
from webapp.models import Campaign, InboxClock, LoginSession, Membership, User
from webapp.models.people import LONGEST

__all__ = [
    "LONGEST",
    "end",
    "inbox_tick",
    "note_closed",
    "person",
    "place",
    "saw_close",
    "set_up",
    "start",
    "token",
]

# A sign of life is written at most this often, so that not every form is two writes.
SIGN_OF_LIFE = timedelta(minutes=5)
MOST_CLOSED = 20  # conversations that ended under this browser's eyes
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
# Who asks and where, in one statement that is built once: every page and every poll needs it.
# With the clock of the inbox, which is all that most polls want to know.
_WHO_AND_WHERE = (
    select(User, LoginSession.id, LoginSession.seen_at, Campaign, Membership, InboxClock.tick)
    .select_from(LoginSession)
    .join(User, User.id == LoginSession.user_id)
    .outerjoin(Campaign, (Campaign.slug == bindparam("slug")) & Campaign.archived_at.is_(None))
    .outerjoin(
        Membership,
        (Membership.campaign_id == Campaign.id)
        & (Membership.user_id == User.id)
        & Membership.removed_at.is_(None),
    )
    .outerjoin(
        InboxClock, (InboxClock.campaign_id == Campaign.id) & (InboxClock.user_id == User.id)
    )
    .where(LoginSession.opened())
)


class _Cookie(SecureCookieSessionInterface):
    """The library's signed cookie; nothing is opened where none came, as with every webhook."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; an empty session without one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def set_up(app: Flask) -> None:
    """Look people up with Flask-Login, and note signs of life."""
    manager = LoginManager(app)
    # The session row on the server is the protection; the library's own would tie a session
    # to an address, and phones change theirs all the time.
    manager.session_protection = None
    manager.user_loader(_person_of)
    app.session_interface = _Cookie()
    app.before_request(_note_sign_of_life)


def start(new_token: str) -> None:
    """Sign this browser in: a fresh cookie, so that nothing set before the sign-in survives."""
    session.clear()
    session["_user_id"] = new_token
    session.permanent = True
    g.pop("_login_user", None)


def end() -> None:
    """Forget who was signed in with this browser."""
    session.clear()
    g.pop("_login_user", None)


def note_closed(conversation_id: int) -> None:
    """Remember that this browser was told how a conversation ended, until it signs out."""
    told = [one for one in session.get("closed", []) if one != conversation_id]
    session["closed"] = [*told, conversation_id][-MOST_CLOSED:]


def saw_close(conversation_id: int) -> bool:
    """Whether this browser was told that the conversation ended with a stop word (ux 3.10)."""
    return conversation_id in session.get("closed", [])


def token() -> str | None:
    """The token of this browser's session, if somebody is signed in."""
    return session.get("_user_id") if person() else None


def person() -> User | None:
    """The person who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def place() -> tuple[Campaign | None, Membership | None]:
    """The campaign of the address and the place there of the person who is signed in.

    Both are None for nobody; the campaign alone is None when it is missing or archived.
    """
    return g.place if person() else (None, None)


def inbox_tick() -> int:
    """The clock of this person's own inbox as the request began; each change there moves it."""
    return g.inbox_tick if person() else 0


def _person_of(given: str) -> User | None:
    """The person whose session this token opens; None when it ended, idled or is too old."""
    _read_without_transaction()
    opened = LoginSession.opened_by(given, now=utc_now())
    found = db.session.execute(_WHO_AND_WHERE, {"slug": g.get("slug"), **opened}).one_or_none()
    if found is None:
        return None
    g.session_id, g.seen_at = found.id, found.seen_at
    g.place = found.Campaign, found.Membership
    g.inbox_tick = found.tick or 0
    return found.User


def _read_without_transaction() -> None:
    """On PostgreSQL a page reads statement by statement, as it did: without BEGIN and ROLLBACK.

    That saves two of the trips to the database, and the statements that the driver has prepared,
    which each ROLLBACK throws away. A transaction() begins with a connection of its own.
    """
    if db.engine.dialect.name == "postgresql" and not db.session().in_transaction():
        db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def _note_sign_of_life() -> None:
    """Keep the session alive and "last active" true; only with requests that may write."""
    if request.method in SAFE_METHODS or "session_id" not in g:
        return
    now, place = utc_now(), g.get("membership")
    is_fresh = now - g.seen_at < SIGN_OF_LIFE
    if is_fresh and (place is None or _was_seen_lately(place, now)):
        return
    with transaction():
        db.session.execute(
            update(LoginSession).where(LoginSession.id == g.session_id).values(seen_at=now)
        )
        if place is not None:
            place.last_seen_at = now


def _was_seen_lately(place: Membership, now: datetime) -> bool:
    return place.last_seen_at is not None and now - place.last_seen_at < SIGN_OF_LIFE
