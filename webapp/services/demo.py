"""The practice campaign of `./heed demo`, built by the same services that a real one uses."""

import csv
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    Answerer,
    Campaign,
    ContactImport,
    ContactList,
    NumberKind,
    QuestionKind,
    Role,
    User,
)
from webapp.services import (
    accounts,
    actions,
    audience,
    campaigns,
    demo_keywords,
    demo_script,
    import_running,
    imports,
    launches,
    numbers,
    passwords,
    report_settings,
    scripts,
    tags,
    team,
)
from webapp.services.demo_story import Story
from webapp.services.import_running import UnitOfWork
from webapp.services.scripts import Reply


def build(
    *, owner_password: str, texter_password: str, now: datetime, unit: UnitOfWork
) -> Campaign:
    """Make “Rivera for Council” with people, a running action and a few hours of replies.

    Everything that happened before `now` goes through the services, at its own time, so that
    trail, counts and audit are as after a real afternoon. A second time nothing is made again;
    what an interrupted build left out is made, and the passwords given hold. `unit` is the
    edge's transaction: this takes several, because an import does.
    """
    began = now - timedelta(minutes=demo_script.BEGAN_AGO + 60)
    hashes = [
        accounts.new_password_hash(password) for password in (owner_password, texter_password)
    ]
    with unit():
        campaign = campaigns.find(demo_script.SLUG)
        if campaign is None:
            campaign = _ground(now=began)
        _let_in(owner_password, hashes[0], [demo_script.OWNER[0]], now=now)
        _let_in(texter_password, hashes[1], [email for email, _ in demo_script.TEXTERS], now=now)
    _import_people(campaign, began, unit)
    with unit():
        if not _has_actions(campaign):
            _afternoon(campaign, began=began, now=now)
        demo_keywords.add_join(campaign, by=_owner(), now=began)
    return campaign


def _let_in(password: str, password_hash: str, emails: list[str], *, now: datetime) -> None:
    """Make a password hold for these people; one that holds already ends no session."""
    for user in filter(None, map(accounts.find, emails)):
        if not passwords.matches(user.password_hash, password):
            accounts.set_password(user, password_hash=password_hash, by=None, now=now)


def _ground(*, now: datetime) -> Campaign:
    """Campaign, people, number and tags."""
    owner = _person(*demo_script.OWNER, now=now)
    campaign = campaigns.create(
        demo_script.NAME,
        slug=demo_script.SLUG,
        time_zone="America/Chicago",
        hours="00:00-24:00",
        by=owner,
        now=now,
    )
    team.add(campaign, owner, Role.OWNER, by=owner, now=now)
    for email, name in demo_script.TEXTERS:
        team.add(campaign, _person(email, name, now=now), Role.TEXTER, by=owner, now=now)
    numbers.add(
        campaign,
        demo_script.NUMBER,
        NumberKind.BOTH,
        confirmation_by=Answerer.HEED,
        help_by=Answerer.HEED,
        by=owner,
        now=now,
    )
    for name, description in demo_script.TAGS:
        tags.create(campaign, name, description=description, by=owner, now=now)
    return campaign


def _person(email: str, name: str, *, now: datetime) -> User:
    return accounts.find(email) or accounts.create(email, name, password_hash="", now=now)


def _import_people(campaign: Campaign, at: datetime, unit: UnitOfWork) -> None:
    """Bring the people in as an admin would: a file, its columns, check, import."""
    there = select(ContactList.id).where(
        ContactList.campaign_id == campaign.id, ContactList.is_ready
    )
    if db.session.scalar(there.limit(1)) is not None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "ward-25.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("First name", "Last name", "Phone", "City", "State"))
            writer.writerows(demo_script.rows())
        _import(campaign, file, folder, at, unit)


def _import(campaign: Campaign, file: Path, folder: Path, at: datetime, unit: UnitOfWork) -> None:
    table = imports.open_table(file)
    with unit():
        owner = _owner()
        row = imports.begin(
            campaign, demo_script.LIST, table, file_name=file.name, folder=folder, by=owner, now=at
        )
        imports.match(row, dict(row.mapping), folder)
        number = row.id
    import_running.run_to_end(number, unit, lambda: at, folder=folder, foreground=True)
    with unit():
        row = db.session.get_one(ContactImport, number)
        imports.start(row, updates_existing=False, folder=folder, by=_owner(), now=at)
    import_running.run_to_end(number, unit, lambda: at, folder=folder, foreground=True)


def _owner() -> User:
    found = accounts.find(demo_script.OWNER[0])
    assert found is not None
    return found


def _has_actions(campaign: Campaign) -> bool:
    some = select(Action.id).where(Action.campaign_id == campaign.id).limit(1)
    return db.session.scalar(some) is not None


def _afternoon(campaign: Campaign, *, began: datetime, now: datetime) -> None:
    """Two actions, one of them launched and texted for, and what people answered."""
    running = _action(campaign, demo_script.ACTION, demo_script.FIRST_TEXT, now=began)
    _action(campaign, demo_script.DRAFT, demo_script.DRAFT_TEXT, now=began)
    launches.launch(running, by=_owner(), now=began)
    while launches.sort_chunk(running, now=began):
        pass
    jordan, ana = (accounts.find(email) for email, _name in demo_script.TEXTERS)
    assert jordan is not None
    assert ana is not None
    story = Story(campaign, running, jordan, now)
    story.send_first_texts(jordan, demo_script.FIRST_TEXTS, demo_script.BEGAN_AGO)
    for line in sorted(demo_script.SCRIPT, key=lambda line: -line.ago):
        story.tell(line)
    story.send_first_texts(ana, demo_script.SECOND_TEXTS, 3)


def _action(campaign: Campaign, name: str, text: str, *, now: datetime) -> Action:
    owner = _owner()
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
