"""Campaigns: making them, and what their admins set."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select

from webapp.db import db
from webapp.errors import ConflictError, InvalidError
from webapp.models import Actor, Campaign, Event, Membership, Role, User
from webapp.services import action_days, joining, tags, trail
from webapp.services.fallbacks import merged
from webapp.texting import hours as texting_hours
from webapp.texting import lines, segments

LONGEST_NAME = 80
LONGEST_SLUG = 60
# Texts that Heed writes by itself stay within two parts.
LONGEST_TEXT = 300
LONGEST_LOCK = 24 * 14
TEXT_FIELDS = ("help_text", "confirmation_text", "goodbye_text")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def find(slug: str) -> Campaign | None:
    """The campaign with this slug, archived ones aside."""
    return db.session.scalar(
        select(Campaign).where(Campaign.slug == slug, Campaign.archived_at.is_(None))
    )


def named(name: str, owner_email: str) -> Campaign | None:
    """The oldest campaign with this name that this person owns."""
    return db.session.scalar(
        select(Campaign)
        .join(Membership, Membership.campaign_id == Campaign.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Campaign.name == lines.one_line(name),
            Campaign.archived_at.is_(None),
            User.email == owner_email.strip().lower(),
            Membership.role == Role.OWNER,
            Membership.removed_at.is_(None),
        )
        .order_by(Campaign.id)
        .limit(1)
    )


def create(
    name: str,
    *,
    slug: str = "",
    organization: str = "",
    time_zone: str = "America/New_York",
    hours: str = "09:00-21:00",
    by: User | None = None,
    actor: Actor | None = None,
    now: datetime,
) -> Campaign:
    """Make a campaign with its two built-in opt-out tags (spec) and its default texts.

    Without a slug one is made of the name; ConflictError when the slug given is taken.
    InvalidError names the field that cannot be used. `organization` is who the texts say they
    are from; the campaign's name when it is empty.
    """
    name = checked_line(name, "name")
    organization = checked_line(organization or name, "organization")
    opens = _hours(hours)
    campaign = Campaign(
        slug=_new_slug(slug, name),
        name=name,
        organization=organization,
        time_zone=checked_time_zone(time_zone),
        opens_minute=opens.opens,
        closes_minute=opens.closes,
        join_code=joining.fresh_code(),
        created_at=now,
        **default_texts(organization),
    )
    db.session.add(campaign)
    db.session.flush()
    tags.create_built_ins(campaign, now=now)
    trail.record(
        Event.CAMPAIGN_CREATED,
        campaign_id=campaign.id,
        by=by,
        actor=actor,
        about=campaign,
        now=now,
    )
    return campaign


def default_texts(organization: str) -> dict[str, str]:
    """The three texts that Heed may send by itself, by field.

    The confirmation says no more than that the wish was heard: 47 CFR 64.1200(a)(12) allows
    one, without marketing.
    """
    return {
        "confirmation_text": f"{organization}: You are opted out and will get no more texts "
        "from us. This is the last one.",
        "goodbye_text": f"Thanks for telling us. We won't text you again. {organization}",
        "help_text": f"This is {organization}. For help, reply here and a person will read it. "
        "Reply STOP to opt out.",
    }


def change(
    campaign: Campaign,
    *,
    name: str | None = None,
    organization: str | None = None,
    time_zone: str | None = None,
    hours: str | None = None,
    replies_keep_hours: bool | None = None,
    recontact_lock_hours: int | None = None,
    help_text: str | None = None,
    confirmation_text: str | None = None,
    goodbye_text: str | None = None,
    one_opt_out_stops_both: bool | None = None,
    fallbacks: Mapping[str, str] | None = None,
    by: User | None = None,
    actor: Actor | None = None,
    now: datetime,
) -> list[str]:
    """Set what is given and leave the rest; returns the names of the settings that changed.

    `hours` is a span such as "09:00-21:00"; "00:00-24:00" means any time anywhere (decision
    14). Of `fallbacks` those named are set, and an empty word takes one away. InvalidError names
    the field that cannot be used; nothing is changed then. The same values again change nothing
    and leave no entry in the trail.
    """
    wanted: dict[str, object] = {
        "name": _given(name, "name"),
        "organization": _given(organization, "organization"),
        "time_zone": time_zone if time_zone is None else checked_time_zone(time_zone),
        "replies_keep_hours": replies_keep_hours,
        "recontact_lock_hours": _lock(recontact_lock_hours),
        "help_text": _text(help_text, "help_text"),
        "confirmation_text": _text(confirmation_text, "confirmation_text"),
        "goodbye_text": _text(goodbye_text, "goodbye_text"),
        "one_opt_out_stops_both": one_opt_out_stops_both,
        "fallbacks": merged(campaign, fallbacks),
    }
    if hours is not None:
        span = _hours(hours)
        wanted |= {"opens_minute": span.opens, "closes_minute": span.closes}
    changed = [
        field
        for field, value in wanted.items()
        if value is not None and getattr(campaign, field) != value
    ]
    zone_before = campaign.time_zone
    for field in changed:
        setattr(campaign, field, wanted[field])
    if "time_zone" in changed:
        action_days.keep_days(campaign, zone_before)
    if changed:
        trail.record(
            Event.CAMPAIGN_CHANGED,
            campaign_id=campaign.id,
            by=by,
            actor=actor,
            about=campaign,
            details={"settings": changed},
            now=now,
        )
    return changed


def checked_time_zone(name: str) -> str:
    """The name of a time zone such as America/Chicago; InvalidError (field "time_zone")."""
    if name not in available_timezones():
        raise InvalidError(
            f"“{name[:60]}” is not a time zone. Use a name such as America/Chicago.",
            field="time_zone",
        )
    return name


def checked_line(text: str, field: str) -> str:
    """A name with its spaces tidied; InvalidError for the field when it is unusable."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise InvalidError(f"Use 1 to {LONGEST_NAME} characters.", field=field)
    return text


def _given(text: str | None, field: str) -> str | None:
    return None if text is None else checked_line(text, field)


def checked_text(text: str, field: str) -> str:
    """A text that Heed sends by itself, with plain characters; InvalidError for the field."""
    text = segments.plain(lines.one_line(text))
    if not text or len(text) > LONGEST_TEXT:
        raise InvalidError(f"Use 1 to {LONGEST_TEXT} characters.", field=field)
    return text


def _text(text: str | None, field: str) -> str | None:
    return None if text is None else checked_text(text, field)


def _hours(span: str) -> texting_hours.Hours:
    try:
        return texting_hours.parse(span)
    except ValueError as error:
        raise InvalidError(str(error), field="hours") from error


def _lock(hours: int | None) -> int | None:
    if hours is not None and not 0 <= hours <= LONGEST_LOCK:
        raise InvalidError(f"Use 0 (off) to {LONGEST_LOCK} hours.", field="recontact_lock_hours")
    return hours


def _new_slug(slug: str, name: str) -> str:
    if slug:
        if len(slug) > LONGEST_SLUG or not _SLUG.fullmatch(slug):
            raise InvalidError(
                "Use small letters, digits and single hyphens, such as rivera-2026.", field="slug"
            )
        if _is_taken(slug):
            raise ConflictError(f"There is already a campaign at “{slug}”.")
        return slug
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_SLUG - 5].strip("-")
    stem, number = stem or "campaign", 1
    candidate = stem
    while _is_taken(candidate):
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def _is_taken(slug: str) -> bool:
    return db.session.scalar(select(Campaign.id).where(Campaign.slug == slug)) is not None
