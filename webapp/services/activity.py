"""What people did in a campaign in the last days, for its Home."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, union_all

from webapp.db import Base, db
from webapp.models import (
    Action,
    Actor,
    Contact,
    ContactImport,
    Event,
    Number,
    Tag,
    TrailEntry,
    User,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.texting import phones

LOOKS_BACK = timedelta(days=7)
MOST = 12
# What is told of each event; {thing} is what it happened to. Texts, replies, reports and
# opt-outs have pages of their own and would push everything else out.
WORDS = {
    Event.LAUNCHED: "launched {thing}",
    Event.LAUNCHED_WITHOUT_OPT_OUT_TAG: "launched {thing} without an opt-out tag in its report",
    Event.SCHEDULED: "scheduled {thing}",
    Event.UNSCHEDULED: "took back the schedule of {thing}",
    Event.PAUSED: "paused {thing}",
    Event.RESUMED: "resumed {thing}",
    Event.FINISHED: "finished {thing}",
    Event.ALARMED: "saw opt-outs pass the limit in {thing}",
    Event.OPT_OUT_TAG_REMOVED: "took the opt-out tag out of the report of {thing}",
    Event.OPT_OUT_TAG_RESTORED: "put the opt-out tag back into the report of {thing}",
    Event.OPT_OUT_LIFTED: "removed {tag} from {contact}",
    Event.IMPORTED: "imported {thing}",
    Event.IMPORT_REVERSED: "took back the import of {thing}",
    Event.OPT_OUTS_IMPORTED: "imported opt-outs",
    Event.EXPORTED: "downloaded {what}",
    Event.TAG_CREATED: "made the tag {thing}",
    Event.TAG_ARCHIVED: "archived the tag {thing}",
    Event.TAG_CHANGE_REFUSED: "tried to change the built-in tag {thing}",
    Event.CONTACT_DELETED: "deleted a person",
    Event.CONTACT_ERASED: "erased a person on request",
    Event.TEST_TEXT_SENT: "sent a test text from {thing}",
    Event.NUMBER_ADDED: "added the number {thing}",
    Event.CAMPAIGN_CREATED: "made this campaign",
    Event.CAMPAIGN_CHANGED: "changed the settings",
    Event.STOP_WORDS_CHANGED: "changed the stop words",
    Event.OPT_IN_WORDS_CHANGED: "changed the opt-in keywords",
    Event.JOINED: "let {thing} in",
    Event.APPROVED: "approved {thing}",
    Event.APPROVAL_ASKED: "changed whether texters are approved first",
    Event.ROLE_CHANGED: "changed the role of {thing}",
    Event.REMOVED: "removed {thing} from the team",
    Event.OWNERSHIP_HANDED_OVER: "handed the campaign over to {thing}",
    Event.JOIN_CODE_CHANGED: "changed who can join",
}
EXPORTS = {"contacts": "the contacts", "opt-outs": "the opt-outs", "timeline": "a timeline"}
ACTORS = {Actor.HOST: "The command line", Actor.PERSON: "Somebody who has left"}


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, when; `contact_id` and `action_id` say where it can be looked at."""

    at: datetime
    who: str
    did: str
    contact_id: int | None = None
    action_id: int | None = None


def recent(campaign_id: int, *, now: datetime) -> list[Deed]:
    """The last deeds of people, the newest first: a few look-ups along an index per event.

    What contacts did with their own keywords is not told here.
    """
    newest = [
        select(
            select(TrailEntry.id)
            .where(TrailEntry.campaign_id == campaign_id, TrailEntry.event == event)
            .order_by(TrailEntry.id.desc())
            .limit(MOST)
            .subquery()
        )
        for event in WORDS
    ]
    rows = db.session.execute(
        select(TrailEntry, User.name)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(
            TrailEntry.id.in_(union_all(*newest)),
            TrailEntry.at > now - LOOKS_BACK,
            TrailEntry.actor != Actor.CONTACT,
        )
        .order_by(TrailEntry.id.desc())
        .limit(MOST)
    ).all()
    names = _names(entry for entry, _ in rows)
    return [_deed(entry, who or ACTORS.get(entry.actor, "Heed"), names) for entry, who in rows]


def _deed(entry: TrailEntry, who: str, names: dict[tuple[str, int], str]) -> Deed:
    thing = names.get((entry.about, entry.about_id or 0), "")
    if entry.event is Event.JOINED and thing == who:
        return Deed(entry.at, who, "joined")
    what = str(entry.details.get("what", ""))
    did = WORDS[entry.event].format(
        thing=thing or "something that is gone",
        tag=BUILT_IN_NAMES[entry.texting] if entry.texting else "a tag",
        contact=names.get((Contact.__tablename__, entry.contact_id or 0), "a contact"),
        what=EXPORTS.get(what, "a list"),
    )
    action_id = entry.about_id if entry.about == Action.__tablename__ else None
    contact_id = entry.contact_id if entry.event is Event.OPT_OUT_LIFTED else None
    return Deed(entry.at, who, did, contact_id, action_id)


def _names(entries: Iterable[TrailEntry]) -> dict[tuple[str, int], str]:
    """What each thing is called, by table and id; one look-up per kind of thing."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.about_id is not None:
            wanted.setdefault(entry.about, set()).add(entry.about_id)
        if entry.contact_id is not None:
            wanted.setdefault(Contact.__tablename__, set()).add(entry.contact_id)
    kinds: tuple[type[Any], ...] = (Action, Contact, ContactImport, Number, Tag, User)
    return {
        (kind.__tablename__, row.id): _called(row)
        for kind in kinds
        if wanted.get(kind.__tablename__)
        for row in db.session.scalars(select(kind).where(kind.id.in_(wanted[kind.__tablename__])))
    }


def _called(row: Base) -> str:
    if isinstance(row, Contact):
        return row.shown_name
    if isinstance(row, ContactImport):
        return f"“{row.list_name}”"
    if isinstance(row, Number):
        return phones.pretty(row.phone)
    if isinstance(row, Action | Tag):
        return f"“{row.name}”"
    return str(getattr(row, "name", ""))
