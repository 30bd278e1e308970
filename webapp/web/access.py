"""Who may open which page: each view says so, and a view that says nothing is refused."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, url_for
from htmx_flask import request
from sqlalchemy import BigInteger, literal, select
from werkzeug.routing import IntegerConverter, Map

from webapp.db import Base, db
from webapp.errors import InvalidError
from webapp.models import Campaign, Role, User
from webapp.web import sessions
from webapp.web.htmx import wants_part
from webapp.web.queries import LARGEST_ID

View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row", bound=Base)


class Access(StrEnum):
    """Who may open a page."""

    PUBLIC = "public"  # anybody, signed in or not
    MEMBERS = "members"  # anybody who is signed in
    TEXTERS = "texters"  # members of this campaign, in any role
    ADMINS = "admins"  # those who run this campaign
    OWNERS = "owners"  # the owner of this campaign


def public(view: View) -> View:
    """Anybody may open this page, signed in or not."""
    return _declare(view, Access.PUBLIC)


def for_members(view: View) -> View:
    """Anybody who is signed in may open this page."""
    return _declare(view, Access.MEMBERS)


def for_texters(view: View) -> View:
    """Members of the campaign may open this page, in any role."""
    return _declare(view, Access.TEXTERS)


def for_admins(view: View) -> View:
    """Admins and the owner of the campaign may open this page."""
    return _declare(view, Access.ADMINS)


def for_owners(view: View) -> View:
    """The owner of the campaign alone may open this page."""
    return _declare(view, Access.OWNERS)


def takes_upload(megabytes: int) -> Callable[[View], View]:
    """This view takes files up to a size; every other form ends at 1 MB (413).

    It is said here and not in the view, because the form is read before the view is called.
    """

    def declare(view: View) -> View:
        view.upload_limit = megabytes * 1_000_000  # type: ignore[attr-defined]
        return view

    return declare


def declared(view: Callable[..., Any]) -> Access | None:
    """Who a view says may open it; None when it says nothing."""
    return getattr(view, "access", None)


def campaign_blueprint(name: str, import_name: str) -> Blueprint:
    """A blueprint whose pages belong to a campaign: `/c/<slug>/…`.

    The slug becomes `g.campaign` and `g.membership` before the view is called, and comes back
    by itself in `url_for`; views never see it.
    """
    return Blueprint(name, import_name, url_prefix="/c/<slug>")


def me() -> User:
    """The person who is signed in; for views that only members may open."""
    person = sessions.person()
    if person is None:
        raise RuntimeError("A public page asked for the person who is signed in.")
    return person


def load(model: type[Row], row_id: int) -> Row:
    """The row with this id in the campaign of the address, or 404."""
    return _find(model, row_id) or abort(404)


def picked(model: type[Row], row_id: int, *, field: str, otherwise: str) -> Row:
    """The row that somebody picked in a form, in this campaign.

    InvalidError at that field, with the sentence `otherwise`, when there is none, also for a
    number that no database holds: what else was typed is not lost over it.
    """
    row = _find(model, row_id)
    if row is None:
        raise InvalidError(otherwise, field=field)
    return row


def _find(model: type[Row], row_id: int) -> Row | None:
    if not 0 < row_id <= LARGEST_ID:
        return None
    columns = model.__table__.c
    # As a BIGINT: PostgreSQL would not compare a number too large for the column, but fail.
    wanted = columns.id == literal(row_id, BigInteger())
    row: Row | None = db.session.scalar(
        select(model).where(wanted, columns.campaign_id == g.campaign.id)
    )
    return row


def set_up(app: Flask) -> None:
    """Ask before every view; put the campaign's slug into addresses by itself."""
    app.url_map.converters["int"] = _Id
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)
    app.before_request(_check)


class _Id(IntegerConverter):
    """A number in an address; one that no database can hold names nothing (404)."""

    def __init__(self, map_: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(map_, *args, **{"min": 1, "max": LARGEST_ID} | kwargs)


def _declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def _take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.slug = values.pop("slug", None) if values else None


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    if "slug" in values or g.get("slug") is None:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = g.slug


def _check() -> Response | None:
    if request.endpoint is None:
        return None  # No such page or no such verb; Flask answers 404 or 405.
    view = current_app.view_functions[request.endpoint]
    access = declared(view)
    if access is None:
        _refuse_undeclared()
    request.max_content_length = getattr(
        view, "upload_limit", current_app.config["MAX_CONTENT_LENGTH"]
    )
    if access is not Access.PUBLIC and sessions.person() is None:
        return to_sign_in()
    if g.slug is not None:
        _enter_campaign(access)
    elif access not in (Access.PUBLIC, Access.MEMBERS):
        raise RuntimeError(f"{request.endpoint} asks for a role but stands outside a campaign.")
    return None


def _refuse_undeclared() -> NoReturn:
    if current_app.testing:
        raise RuntimeError(f"{request.endpoint} does not say who may open it.")
    abort(403)


def _enter_campaign(access: Access) -> None:
    """Set `g.campaign` and `g.membership`; 404 when it is not theirs, 403 for another role."""
    campaign, membership = sessions.place()
    if campaign is None and sessions.person() is None:
        campaign = _open_to_strangers(g.slug)
    if campaign is None:
        abort(404)
    if membership is None and access is not Access.PUBLIC:
        abort(404)
    g.campaign, g.membership = campaign, membership
    if membership is not None and not _may(membership.role, access):
        abort(403)


def _open_to_strangers(slug: str) -> Campaign | None:
    return db.session.scalar(
        select(Campaign).where(Campaign.slug == slug, Campaign.archived_at.is_(None))
    )


def _may(role: Role, access: Access) -> bool:
    if access is Access.OWNERS:
        return role is Role.OWNER
    return access is not Access.ADMINS or role.runs_campaign


def to_sign_in() -> Response:
    """Send somebody to the sign-in page, and back afterwards."""
    url = url_for("auth.login", next=_page_they_are_on())
    if not wants_part():
        return Response("", 303, {"Location": url})
    return Response("", 401, {"HX-Redirect": url})


def _page_they_are_on() -> str | None:
    """The page to come back to: this one, or for a form or a part the page that holds it."""
    if request.method == "GET" and not wants_part():
        return request.full_path.rstrip("?")
    held_by = urlsplit(request.htmx.current_url or request.referrer or "")
    if held_by.netloc != request.host:
        return None
    return held_by.path + (f"?{held_by.query}" if held_by.query else "")


def is_local(url: str | None) -> bool:
    """Whether an address given by somebody else leads to a page of ours and nowhere else."""
    if not url or not url.startswith("/") or url.startswith("//"):
        return False
    return url.isprintable() and "\\" not in url  # Browsers read "\" as "/" and drop tabs.
