"""Automated actions: a contact texts a keyword, and Heed answers (spec: Automated Texting)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from webapp.db import changed_rows, db
from webapp.errors import InvalidError, NotFoundError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Actor,
    Automation,
    AutomationKeyword,
    AutomationTag,
    Campaign,
    Event,
    Number,
    Script,
    Tag,
    User,
)
from webapp.services import actions, automated, keyword_checks, report_settings, scripts, trail
from webapp.texting import keywords
from webapp.texting import scripts as wording

MOST_KEYWORDS = 20


@dataclass(frozen=True)
class Wanted:
    """An automated action as an admin writes it down. `texters` None: everyone on the team."""

    name: str
    words: Sequence[str]
    answer: str
    opts_in: bool = False
    tags: Sequence[Tag] = ()
    number: Number | None = None
    texters: Sequence[User] | None = None


def make(campaign: Campaign, wanted: Wanted, *, by: User | None, now: datetime) -> Action:
    """Make a draft that answers nobody yet. Refusals are those of change()."""
    action = actions.draft(campaign, ActionKind.AUTOMATED, wanted.name, by=by, now=now)
    db.session.add(Automation(action_id=action.id))
    db.session.flush()
    change(action, wanted, by=by, now=now)
    return action


def change(action: Action, wanted: Wanted, *, by: User | None, now: datetime) -> bool:
    """Write an automated action down anew; False when it was like this before.

    InvalidError names the field: keywords (see keyword_checks.check_automated), answer, tags,
    name, number. While it is live a change counts from the next text on; texts that are queued
    stay as they were written. Refused once it is finished.
    """
    if action.state is ActionState.FINISHED:
        raise RefusedError("This action is finished and can't be changed.")
    campaign = db.session.get_one(Campaign, action.campaign_id)
    keyword_checks.take_turns(campaign)
    before = automated.of(action)
    was = action.name, automated.facts(before)
    actions.set_details(
        action,
        name=wanted.name,
        batch_size=action.batch_size,
        own_replies=action.own_replies,
        number=wanted.number,
        texters=wanted.texters,
    )
    _set_words(action, campaign, wanted)
    _set_answer(action, before.answer, wanted.answer)
    _set_tags(action, wanted.tags)
    db.session.get_one(Automation, action.id).opts_in = wanted.opts_in
    db.session.flush()
    facts = automated.facts(automated.of(action))
    changed = (action.name, facts) != was
    if changed:
        _record(Event.AUTOMATION_CHANGED, action, by=by, now=now, details=facts)
    return changed


def turn_on(action: Action, *, by: User | None, now: datetime, acknowledged: bool = False) -> bool:
    """Let an automated action answer; False when it does already. A paused one goes on.

    InvalidError when something is missing (see problems()), and when its report cannot record
    opt-outs and that was not acknowledged (spec: "Make sure that the opt-out tag ... is added
    to the Report Settings").
    """
    missing = problems(action)
    if missing:
        raise InvalidError(" ".join(missing))
    if action.state is not ActionState.DRAFT:
        return actions.resume(action, by=by, now=now)
    tagless = not report_settings.has_opt_out_tag(action)
    if tagless and not acknowledged:
        raise InvalidError(
            "Texters can't record opt-outs in this action. Put the tag back in Report Settings, "
            "or acknowledge that you turn it on without it.",
            field="acknowledge",
        )
    claimed = changed_rows(
        update(Action)
        .where(Action.id == action.id, Action.state == ActionState.DRAFT)
        .values(state=ActionState.LIVE, launched_at=now, launched_by=by.id if by else None)
    )
    if not claimed:
        return False
    if tagless:
        action.without_opt_out_tag_by = by.id if by else None
        _record(Event.LAUNCHED_WITHOUT_OPT_OUT_TAG, action, by=by, now=now)
    _record(Event.LAUNCHED, action, by=by, now=now)
    return True


def problems(action: Action) -> list[str]:
    """What keeps an automated action from being turned on, as sentences."""
    shown = automated.of(action)
    found = []
    if not shown.words:
        found.append("Give it at least one keyword.")
    if shown.answer is None:
        found.append("Write the answer.")
    if shown.number is None:
        found.append("Add a number for broadcasts in Settings, then choose it here.")
    elif shown.number.retired_at is not None:
        found.append("The number of this action was retired. Choose another one.")
    elif action.texting not in shown.number.kind.serves:
        found.append("The number of this action is for peer-to-peer texts. Choose another one.")
    return found


def variables(campaign_id: int) -> list[str]:
    """The variables that an answer may use: nobody writes it, so it has no texter."""
    return [name for name in scripts.variables_of(campaign_id) if name != "texter_name"]


def check_answer(campaign_id: int, text: str) -> None:
    """Refuse an answer that can't be sent: InvalidError (field "answer"). "" is none yet."""
    if len(text) > scripts.LONGEST_TEXT:
        raise InvalidError(
            f"A text can have {scripts.LONGEST_TEXT} characters at most.", field="answer"
        )
    if "texter_name" in wording.fields(text):
        raise InvalidError(
            "Heed answers by itself, so there is no {texter_name} in it.", field="answer"
        )
    for problem in wording.check(text, variables(campaign_id)) if text else ():
        raise InvalidError(problem, field="answer")


def keywords_in_use(campaign: Campaign) -> list[str]:
    """The keywords of the campaign's automated actions, drafts too; finished ones aside."""
    return list(
        db.session.scalars(
            select(AutomationKeyword.word)
            .join(Action, Action.id == AutomationKeyword.action_id)
            .where(
                AutomationKeyword.campaign_id == campaign.id,
                Action.state != ActionState.FINISHED,
            )
            .order_by(AutomationKeyword.word)
        )
    )


def _set_words(action: Action, campaign: Campaign, wanted: Wanted) -> None:
    by_letters: dict[str, str] = {}
    for typed in filter(str.strip, wanted.words):
        word = keyword_checks.check_automated(
            campaign, typed, opts_in=wanted.opts_in, action_id=action.id
        )
        by_letters.setdefault(keywords.normalise(word), word)
    if len(by_letters) > MOST_KEYWORDS:
        raise InvalidError(f"An action can have {MOST_KEYWORDS} keywords.", field="keywords")
    if not by_letters and action.state is not ActionState.DRAFT:
        raise InvalidError("Give it at least one keyword.", field="keywords")
    have = AutomationKeyword.action_id == action.id
    left = set(db.session.scalars(select(AutomationKeyword.folded).where(have)))
    if left == by_letters.keys():
        return
    db.session.execute(delete(AutomationKeyword).where(have))
    db.session.add_all(
        AutomationKeyword(campaign_id=campaign.id, action_id=action.id, word=word, folded=letters)
        for letters, word in by_letters.items()
    )


def _set_answer(action: Action, before: Script | None, typed: str) -> None:
    """Keep the answer. Of a live action the earlier one stays: texts that were sent point to it."""
    text = scripts.wording_plain(typed)
    if before is not None and before.body == text:
        return
    if not text and action.state is not ActionState.DRAFT:
        raise InvalidError("Write the answer.", field="answer")
    check_answer(action.campaign_id, text)
    if action.state is ActionState.DRAFT:
        scripts.set_scripts(action, [text])
        return
    position = before.position + 1 if before else 0
    db.session.add(Script(action_id=action.id, position=position, body=text))


def _set_tags(action: Action, chosen: Sequence[Tag]) -> None:
    for tag in chosen:
        if tag.campaign_id != action.campaign_id or tag.archived_at is not None:
            raise NotFoundError("This tag isn't one of the campaign's.")
        if tag.is_built_in:
            raise InvalidError("A keyword can't add an opt-out tag.", field="tags")
    db.session.execute(delete(AutomationTag).where(AutomationTag.action_id == action.id))
    for tag_id in {tag.id for tag in chosen}:
        db.session.add(AutomationTag(action_id=action.id, tag_id=tag_id))


def _record(
    event: Event,
    action: Action,
    *,
    by: User | None,
    now: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    trail.record(
        event,
        campaign_id=action.campaign_id,
        by=by,
        actor=None if by else Actor.HOST,
        now=now,
        about=action,
        details=details,
    )
