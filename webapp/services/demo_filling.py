"""What the practice campaign and the sample data are filled with, by the services of a real one."""

import csv
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    Answerer,
    Campaign,
    ContactImport,
    ContactList,
    Membership,
    NumberKind,
    QuestionKind,
    Role,
    User,
)
from webapp.services import (
    actions,
    audience,
    demo_script,
    import_running,
    imports,
    launches,
    numbers,
    report_settings,
    scripts,
    tags,
)
from webapp.services.demo_story import Story
from webapp.services.import_running import UnitOfWork
from webapp.services.scripts import Reply


def began(now: datetime) -> datetime:
    """When the story begins that ends now."""
    return now - timedelta(minutes=demo_script.BEGAN_AGO + 60)


def fill_up(campaign_id: int, began: datetime, now: datetime, unit: UnitOfWork) -> None:
    """People and actions, as far as they are not there."""
    campaign = db.session.get_one(Campaign, campaign_id)
    import_list(campaign, demo_script.LIST, demo_script.rows(), began, unit)
    with unit():
        # Two at once wait here for each other.
        db.session.get_one(Campaign, campaign_id, with_for_update=True)
        if not has_actions(campaign):
            _afternoon(campaign, began=began, now=now)


def add_number(campaign: Campaign, owner: User, *, now: datetime) -> None:
    """The practice number; Heed itself confirms opt-outs and answers HELP."""
    numbers.add(
        campaign,
        demo_script.NUMBER,
        NumberKind.BOTH,
        confirmation_by=Answerer.HEED,
        help_by=Answerer.HEED,
        by=owner,
        now=now,
    )


def add_tags(campaign: Campaign, owner: User, *, leave_out: set[str], now: datetime) -> None:
    """The sample tags, but for those whose names are there."""
    for name, description in demo_script.TAGS:
        if name not in leave_out:
            tags.create(campaign, name, description=description, by=owner, now=now)


def owner_of(campaign: Campaign) -> User:
    """The campaign's owner."""
    return people(campaign, Role.OWNER)[0]


def has_actions(campaign: Campaign) -> bool:
    """Whether there is any action."""
    some = select(Action.id).where(Action.campaign_id == campaign.id).limit(1)
    return db.session.scalar(some) is not None


def people(campaign: Campaign, role: Role) -> Sequence[User]:
    """Those with a role in the campaign, in the order in which they made their accounts."""
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.campaign_id == campaign.id,
            Membership.role == role,
            Membership.removed_at.is_(None),
        )
        .order_by(User.id)
    )
    return db.session.scalars(query).all()


def import_list(
    campaign: Campaign,
    name: str,
    rows: Sequence[tuple[str, str, str, str, str]],
    at: datetime,
    unit: UnitOfWork,
    *,
    subscribed: str = "",
) -> None:
    """Bring people in as an admin would: a file, its columns, check, import; once.

    `subscribed` says where they signed up for broadcasts.
    """
    there = select(ContactList.id).where(
        ContactList.campaign_id == campaign.id, ContactList.name == name, ContactList.is_ready
    )
    if db.session.scalar(there.limit(1)) is not None:
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / f"{name.lower().replace(' ', '-')}.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("First name", "Last name", "Phone", "City", "State"))
            writer.writerows(rows)
        _import(campaign, name, file, at, unit, subscribed=subscribed)


def _import(
    campaign: Campaign,
    name: str,
    file: Path,
    at: datetime,
    unit: UnitOfWork,
    *,
    subscribed: str,
) -> None:
    table, folder = imports.open_table(file), file.parent
    told: dict[str, Any] = {"file_name": file.name, "folder": folder, "subscribed": subscribed}
    with unit():
        owner = owner_of(campaign)
        row = imports.begin(campaign, name, table, **told, by=owner, now=at)
        imports.match(row, dict(row.mapping), folder)
        number = row.id
    import_running.run_to_end(number, unit, lambda: at, folder=folder, foreground=True)
    with unit():
        row = db.session.get_one(ContactImport, number)
        imports.start(row, updates_existing=False, folder=folder, by=owner_of(campaign), now=at)
    import_running.run_to_end(number, unit, lambda: at, folder=folder, foreground=True)


def _afternoon(campaign: Campaign, *, began: datetime, now: datetime) -> None:
    """Two actions, one of them launched and texted for, and what people answered."""
    running = _action(campaign, demo_script.ACTION, demo_script.FIRST_TEXT, now=began)
    _action(campaign, demo_script.DRAFT, demo_script.DRAFT_TEXT, now=began)
    launches.launch(running, by=owner_of(campaign), now=began)
    while launches.sort_chunk(running, now=began):
        pass
    # Where nobody has joined yet, the owner is the texter.
    first, *others = [*people(campaign, Role.TEXTER), owner_of(campaign)]
    story = Story(campaign, running, first, now)
    story.send_first_texts(first, demo_script.FIRST_TEXTS, demo_script.BEGAN_AGO)
    for line in sorted(demo_script.SCRIPT, key=lambda line: -line.ago):
        story.tell(line)
    story.send_first_texts([*others, first][0], demo_script.SECOND_TEXTS, 3)


def _action(campaign: Campaign, name: str, text: str, *, now: datetime) -> Action:
    owner = owner_of(campaign)
    action = actions.draft(campaign, ActionKind.P2P, name, by=owner, now=now)
    actions.set_details(
        action, name=name, instruction=demo_script.INSTRUCTION, batch_size=demo_script.BATCH
    )
    lists = select(ContactList).where(ContactList.campaign_id == campaign.id)
    audience.choose(action, list(db.session.scalars(lists)))
    scripts.set_scripts(action, [text])
    opt_out = report_settings.opt_out_tag(action)
    scripts.set_saved_replies(
        action,
        [
            Reply(title, body, opt_out if marks else None)
            for title, body, marks in demo_script.REPLIES
        ],
    )
    named = {tag.name: tag for tag in tags.all_of(campaign.id)}
    for tag_name, _description in demo_script.TAGS:
        report_settings.show_tag(action, named[tag_name], by=owner, now=now)
    label, choices = demo_script.QUESTION
    report_settings.add_question(
        action, label, QuestionKind.CHOICE, choices=choices, by=owner, now=now
    )
    report_settings.set_options(action, note_asked=True, goodbye=True, by=owner, now=now)
    return action
