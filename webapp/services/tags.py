"""Tags: the built-in ones are immutable, names that imitate them are refused."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, literal, select, true
from sqlalchemy.exc import IntegrityError

from webapp.db import BigId, changed_rows, db, insert_once, run
from webapp.errors import InvalidError, RefusedError
from webapp.models import Campaign, ContactTag, Event, ShownTag, Tag, Texting, User
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import tally, trail
from webapp.texting import lines, names

LONGEST_NAME = 80
LOCKED = "This tag is built in and can't be changed."
_BUILT_INS = (
    select(Tag.campaign_id, Tag.opts_out_of, Tag.id, Campaign.one_opt_out_stops_both)
    .join(Campaign, Campaign.id == Tag.campaign_id)
    .where(
        Tag.campaign_id.in_(bindparam("campaigns", expanding=True)), Tag.opts_out_of.is_not(None)
    )
)


def create_built_ins(campaign: Campaign, *, now: datetime) -> None:
    """Give a campaign its two opt-out tags (spec: "pre-loaded with two important tags").

    The second time nothing happens; one that is missing is made again.
    """
    there = set(
        db.session.scalars(
            select(Tag.opts_out_of).where(
                Tag.campaign_id == campaign.id, Tag.opts_out_of.is_not(None)
            )
        )
    )
    for texting, name in BUILT_IN_NAMES.items():
        if texting in there:
            continue
        tag = Tag(
            campaign_id=campaign.id,
            name=name,
            folded_name=names.fold(name),
            opts_out_of=texting,
            created_at=now,
        )
        db.session.add(tag)
    db.session.flush()


def built_in(campaign_id: int, texting: Texting) -> Tag:
    """The tag that stops this kind of texting in this campaign."""
    return db.session.scalars(
        select(Tag).where(Tag.campaign_id == campaign_id, Tag.opts_out_of == texting)
    ).one()


def built_ins(campaign_ids: Collection[int]) -> Sequence[Row[Any]]:
    """campaign_id, opts_out_of, id of their built-in tags; one_opt_out_stops_both beside each."""
    return run(_BUILT_INS, campaigns=sorted(campaign_ids)).all()


def all_of(campaign_id: int, *, archived: bool = False) -> list[Tag]:
    """The campaign's tags: the built-in ones first, then its own by name."""
    query = select(Tag).where(Tag.campaign_id == campaign_id)
    if not archived:
        query = query.where(Tag.archived_at.is_(None))
    return sorted(db.session.scalars(query), key=rank)


def rank(tag: Tag | Row[Any]) -> tuple[bool, bool, str]:
    """Where a tag, or a row with its columns, stands in a list of tags."""
    return (tag.opts_out_of is None, tag.opts_out_of != Texting.P2P, tag.folded_name)


def create(
    campaign: Campaign,
    name: str,
    *,
    description: str = "",
    understood: bool = False,
    by: User | None,
    now: datetime,
) -> Tag:
    """Make a tag of the campaign's own.

    Refused (InvalidError, field "name") when the name is empty, too long, in use, or looks
    like a built-in opt-out tag (spec: "do not create your own opt-out tags"; decision 10). A
    name that merely contains such a word needs `understood`; field "understood" says so.
    """
    name = _checked(campaign.id, name, understood=understood)
    tag = Tag(
        campaign_id=campaign.id,
        name=name,
        folded_name=names.fold(name),
        description=description.strip(),
        created_by=by.id if by else None,
        created_at=now,
    )
    db.session.add(tag)
    _write_name(name)
    trail.record(Event.TAG_CREATED, campaign_id=campaign.id, by=by, now=now, about=tag)
    return tag


def rename(
    tag: Tag,
    name: str,
    *,
    description: str | None = None,
    understood: bool = False,
    by: User | None,
    now: datetime,
) -> Tag:
    """Give an own tag another name or description; built-in tags are refused (spec).

    The same name again changes nothing.
    """
    _refuse_built_in(tag)
    if tag.archived_at is not None:
        raise RefusedError("This tag is archived and can't be changed.")
    name = _checked(tag.campaign_id, name, understood=understood, except_id=tag.id)
    if description is not None:
        tag.description = description.strip()
    if name != tag.name:
        trail.record(
            Event.TAG_RENAMED,
            campaign_id=tag.campaign_id,
            by=by,
            now=now,
            about=tag,
            details={"before": tag.name, "after": name},
        )
        tag.name, tag.folded_name = name, names.fold(name)
    _write_name(name)
    return tag


def archive(tag: Tag, *, by: User | None, now: datetime) -> Tag:
    """Take an own tag out of use; past reports keep it. Built-in tags are refused (spec).

    Its name becomes free for another tag. A second time changes nothing.
    """
    _refuse_built_in(tag)
    if tag.archived_at is None:
        tag.archived_at = now
        tag.folded_name = f"{tag.folded_name[:140]} archived {tag.id}"
        db.session.execute(delete(ShownTag).where(ShownTag.tag_id == tag.id))
        trail.record(Event.TAG_ARCHIVED, campaign_id=tag.campaign_id, by=by, now=now, about=tag)
    return tag


def apply(tag: Tag, contact_id: int, *, by: User | None, now: datetime) -> bool:
    """Put an own tag on a contact; False when it was there."""
    row = select(literal(contact_id, BigId)).where(true())
    return apply_many(tag, row, by=by, now=now) == 1


def apply_many(tag: Tag, contact_ids: Select[int], *, by: User | None, now: datetime) -> int:
    """Put an own tag on every contact of a query; returns how many did not carry it before.

    The query needs a WHERE clause. Built-in tags are refused: an opt-out goes through
    services.optouts, which also stops the texts.
    """
    _refuse_opt_out(tag)
    contact = contact_ids.subquery().c[0]
    rows = select(
        literal(tag.id), contact, literal(tag.campaign_id), literal(now), literal(by and by.id)
    ).where(true())
    columns = ["tag_id", "contact_id", "campaign_id", "since", "by_user_id"]
    added = changed_rows(insert_once(ContactTag).from_select(columns, rows))
    tally.carry(tag.id, added)
    return added


def take_off(tag: Tag, contact_id: int) -> bool:
    """Take an own tag off a contact; False when it was not there. Built-in tags are refused."""
    _refuse_opt_out(tag)
    gone = changed_rows(
        delete(ContactTag).where(ContactTag.tag_id == tag.id, ContactTag.contact_id == contact_id)
    )
    tally.carry(tag.id, -gone)
    return bool(gone)


def check_name(name: str, *, understood: bool = False, field: str = "name") -> None:
    """Refuse a name that imitates an opt-out tag; also for questions and choices (decision 10)."""
    verdict = names.judge(name)
    if verdict is names.Verdict.REFUSED:
        raise InvalidError(
            f"“{name}” looks like a built-in opt-out tag. Choose a different name.",
            field=field,
        )
    if verdict is names.Verdict.RISKY and not understood:
        raise InvalidError(
            f"This name includes “{names.risky_word(name)}”. Texters may think it stops texts. "
            "It won't. Mark that you understand, then save again.",
            field="understood",
        )


def _checked(campaign_id: int, name: str, *, understood: bool, except_id: int = 0) -> str:
    name = lines.one_line(name)
    if not name or not names.fold(name):
        raise InvalidError("Give the tag a name.", field="name")
    if len(name) > LONGEST_NAME:
        raise InvalidError(f"The name can have {LONGEST_NAME} characters at most.", field="name")
    check_name(name, understood=understood)
    taken = db.session.scalars(
        select(Tag.name).where(
            Tag.campaign_id == campaign_id,
            Tag.folded_name == names.fold(name),
            Tag.id != except_id,
        )
    ).first()
    if taken:
        raise _taken(taken)
    return name


def _write_name(name: str) -> None:
    """Write a tag's name; two people who choose the same one at once get it once."""
    try:
        db.session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _taken(name: str) -> InvalidError:
    return InvalidError(f"There is already a tag called “{name}”.", field="name")


def _refuse_built_in(tag: Tag) -> None:
    if tag.is_built_in:
        raise RefusedError(LOCKED)


def _refuse_opt_out(tag: Tag) -> None:
    if tag.is_built_in:
        raise RefusedError("Opt-outs are recorded and lifted on their own, not as ordinary tags.")
