"""Opt-in keywords of a campaign's own, and the text for those whom no automation answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.db import db
from webapp.errors import ConflictError, InvalidError
from webapp.models import Actor, Campaign, Event, SignupForm, User
from webapp.services import keyword_checks, trail
from webapp.texting import keywords, lines, segments

LONGEST_TEXT = 300
MOST_WORDS = 20


def add(campaign: Campaign, word: str, *, by: User | None, now: datetime) -> str:
    """Let a word opt people in to broadcasts; returns it as it is kept.

    Refused (InvalidError, field "word") when it means something already: a stop word, HELP, an
    answer, a keyword of an automated action, a word that opts in.
    """
    keyword_checks.take_turns(campaign)
    _set(campaign, [*campaign.opt_in_words, _checked(campaign, word)], by=by, now=now)
    return campaign.opt_in_words[-1]


def remove(campaign: Campaign, word: str, *, by: User | None, now: datetime) -> bool:
    """A word opts nobody in any more; False when it did not before. The locked ones stay.

    Refused while an open sign-up form asks people to text it.
    """
    keyword_checks.take_turns(campaign)
    letters = keywords.normalise(word)
    left = [one for one in campaign.opt_in_words if keywords.normalise(one) != letters]
    if len(left) == len(campaign.opt_in_words):
        return False
    _refuse_if_shown(campaign, letters)
    _set(campaign, left, by=by, now=now)
    return True


def replace(campaign: Campaign, words: Sequence[str], *, by: User | None, now: datetime) -> bool:
    """Keep exactly these words; False when it were these before. Refusals as above."""
    wanted = {keywords.normalise(word) for word in words}
    changed = False
    for word in campaign.opt_in_words:
        if keywords.normalise(word) not in wanted:
            changed = remove(campaign, word, by=by, now=now) or changed
    have = {keywords.normalise(word) for word in campaign.opt_in_words}
    for word in words:
        if keywords.normalise(word) not in have:
            have.add(keywords.normalise(add(campaign, word, by=by, now=now)))
            changed = True
    return changed


def set_text(campaign: Campaign, text: str, *, by: User | None, now: datetime) -> bool:
    """What people get who opt in by a keyword that no automation answers; "": nothing.

    False when it was this before. InvalidError (field "opt_in_text") when it is too long.
    """
    text = segments.plain(lines.one_line(text))
    if len(text) > LONGEST_TEXT:
        raise InvalidError(f"Use {LONGEST_TEXT} characters at most.", field="opt_in_text")
    if text == campaign.opt_in_text:
        return False
    campaign.opt_in_text = text
    _record(campaign, Event.CAMPAIGN_CHANGED, {"settings": ["opt_in_text"]}, by=by, now=now)
    return True


def _checked(campaign: Campaign, word: str) -> str:
    if len(campaign.opt_in_words) >= MOST_WORDS:
        raise InvalidError(f"A campaign can have {MOST_WORDS} words of its own.", field="word")
    return keyword_checks.check_opt_in_word(campaign, word)


def _refuse_if_shown(campaign: Campaign, letters: str) -> None:
    shown = db.session.execute(
        select(SignupForm.title, SignupForm.keyword).where(
            SignupForm.campaign_id == campaign.id, SignupForm.is_open
        )
    )
    for title, word in shown:
        if keywords.normalise(word) == letters:
            raise ConflictError(
                f"The sign-up form “{title}” asks people to text {word}. "
                "Close the form or give it another keyword first."
            )


def _set(campaign: Campaign, words: Sequence[str], *, by: User | None, now: datetime) -> None:
    campaign.own_opt_in_words = "\n".join(words)
    db.session.flush()
    _record(campaign, Event.OPT_IN_WORDS_CHANGED, {"words": list(words)}, by=by, now=now)


def _record(
    campaign: Campaign, event: Event, details: dict[str, object], *, by: User | None, now: datetime
) -> None:
    trail.record(
        event,
        campaign_id=campaign.id,
        by=by,
        actor=None if by else Actor.HOST,
        about=campaign,
        details=details,
        now=now,
    )
