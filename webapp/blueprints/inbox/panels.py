"""What stands beside a conversation: its report, the contact, a question, saved replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flask import g, request

from webapp.blueprints.inbox import shown
from webapp.blueprints.inbox.forms import ReportForm
from webapp.blueprints.inbox.places import url_of, whose
from webapp.blueprints.inbox.shown import Row
from webapp.models import Conversation, Question, Report, Tag, User
from webapp.services import (
    inbox,
    members,
    optouts,
    report_settings,
    reports,
    scripts,
    tags,
    threads,
)
from webapp.services.reports import Filled
from webapp.web import opening
from webapp.web.access import me
from webapp.web.forms import new_key


class Side(StrEnum):
    """What the panel shows."""

    REPORT = "report"
    DONE = "done"  # the report that was sent
    CONTACT = "contact"
    ASK = "ask"
    REPLIES = "replies"


@dataclass(frozen=True)
class Choice:
    """A tag that can be ticked."""

    tag: Tag
    is_ticked: bool
    is_recorded: bool = False  # the contact carries it; a report cannot take it away


@dataclass(frozen=True)
class ReportPanel:
    """The report as it stands to be filled in."""

    conversation: Conversation
    who: str
    opt_outs: list[Choice]
    tags: list[Choice]
    questions: list[tuple[Question, str]]
    asks_note: bool
    note: str
    goodbye: str  # the text that may be sent; "" when the action offers none
    goodbye_seen: str  # which words these are, for the report that is sent
    says_goodbye: bool
    archive: bool
    key: str
    earlier: Report | None
    by_reply: bool = False  # a saved reply that was sent has marked something
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class DonePanel:
    """What a report recorded."""

    conversation: Conversation
    who: str
    report: Report
    opt_outs: list[Tag]
    tags: list[Tag]
    answers: list[tuple[str, str]]
    warning: str


@dataclass(frozen=True)
class ContactPanel:
    """What a texter may know about a contact."""

    place: str
    tags: list[Tag]
    conversations: list[Row]
    assignee: User | None
    people: list[User]


def fill_in(
    conversation: Conversation,
    earlier: Report | None,
    marked: set[int],
    form: ReportForm | None = None,
) -> ReportPanel:
    """The report to fill in: as it came back, else from the last one that was sent.

    `marked` are the tags that saved replies have marked (services.report_marks).
    """
    contact, action = threads.contact_of(conversation), threads.action_of(conversation)
    filled = form.filled() if form else _filled(earlier)
    wanted = set(filled.tag_ids)
    if form is None:
        wanted |= marked | _marked(conversation)
    offered = (
        report_settings.tags_of(action)
        if action
        else [tags.built_in(conversation.campaign_id, conversation.texting)]
    )
    standing = optouts.standing(contact)
    choices = [
        Choice(
            tag,
            tag.id in wanted,
            tag.opts_out_of is not None and not standing[tag.opts_out_of].may_be_texted,
        )
        for tag in offered
    ]
    asked = report_settings.questions_of(action) if action else []
    return ReportPanel(
        conversation=conversation,
        who=contact.called,
        opt_outs=[choice for choice in choices if choice.tag.is_built_in],
        tags=[choice for choice in choices if not choice.tag.is_built_in],
        questions=[(question, filled.answers.get(question.id, "")) for question in asked],
        asks_note=action is None or action.note_asked,
        note=filled.note,
        goodbye="" if conversation.closed else report_settings.goodbye_of(action),
        goodbye_seen=report_settings.goodbye_seen(action),
        says_goodbye=filled.goodbye if form else True,
        archive=filled.archive if form else me().archives_on_report,
        key=(form.key.data if form else None) or new_key(),
        earlier=earlier,
        by_reply=any(choice.is_ticked and choice.tag.id in marked for choice in choices),
        errors=[str(error) for errors in form.errors.values() for error in errors] if form else [],
    )


def done(conversation: Conversation, report: Report, *, warning: str = "") -> DonePanel:
    """What the report recorded that holds now, and what could not be done, just after it."""
    action = threads.action_of(conversation)
    labels = {q.id: q.label for q in report_settings.questions_of(action)} if action else {}
    marked = reports.tags_of(report)
    return DonePanel(
        conversation=conversation,
        who=threads.contact_of(conversation).called,
        report=report,
        opt_outs=[tag for tag in marked if tag.is_built_in],
        tags=[tag for tag in marked if not tag.is_built_in],
        answers=[
            (labels.get(number, "An earlier question"), answer)
            for number, answer in reports.answers_of(report).items()
        ],
        warning=warning,
    )


def contact(conversation: Conversation, *, now: datetime) -> ContactPanel:
    """The contact of a conversation, with the other conversations that may be seen."""
    person = threads.contact_of(conversation)
    texter = whose()
    lines = inbox.of_contact(person, texter=texter)
    people = [one.user for one in members.people(g.campaign)] if texter is None else []
    return ContactPanel(
        place=" · ".join(filter(None, (person.city, opening.there(person, now=now)))),
        tags=inbox.tags_of(person),
        conversations=[
            shown.row(line, me(), url=url_of(line), opened=True, now=now)
            for line in lines
            if line.id != conversation.id
        ],
        assignee=next((one for one in people if one.id == conversation.assignee_id), None),
        people=people,
    )


def is_done(conversation: Conversation, marked: set[int]) -> bool:
    """Whether the panel shows the report that was sent, if one was, rather than a form."""
    asked_for = any(name in request.args for name in ("edit", "mark", "saved"))
    return not (asked_for or conversation.report_due or marked)


def _filled(earlier: Report | None) -> Filled:
    if earlier is None:
        return Filled()
    ids = [tag.id for tag in reports.tags_of(earlier)]
    answers: Mapping[int, str] = reports.answers_of(earlier)
    return Filled(tag_ids=ids, answers=answers, note=earlier.note)


def _marked(conversation: Conversation) -> set[int]:
    """The tags a link marks: the hint's (?mark=p2p), others by id, a saved reply's (?saved=3)."""
    marks = request.args.getlist("mark")
    found = {int(mark) for mark in marks if mark.isdecimal() and mark.isascii()}
    if conversation.texting.value in marks:
        found.add(tags.built_in(conversation.campaign_id, conversation.texting).id)
    action = threads.action_of(conversation)
    if action is not None and "saved" in request.args:
        chosen = (one for one in scripts.saved_replies(action))
        found |= {
            one.tag_id
            for one in chosen
            if str(one.id) == request.args["saved"] and one.tag_id is not None
        }
    return found
