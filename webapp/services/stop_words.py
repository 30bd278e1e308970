"""The campaign's own stop words, besides the locked ones: added, removed, tried out.

Adding one opts nobody out who wrote it before (stop_word_replay shows who that would have been).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.errors import InvalidError
from webapp.models import Actor, Campaign, Event, User
from webapp.services import keyword_checks, trail
from webapp.texting import hints, keywords, lines
from webapp.texting.keywords import Meaning

MOST_WORDS = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text would be read: its letters, and what they say to Heed or to people."""

    letters: str
    meaning: Meaning
    is_reaction: bool
    hint: hints.Hint | None
    automation: str  # the name of the automated action whose keyword it is


def checked(campaign: Campaign, word: str) -> str:
    """A word as it is kept: capitals, single spaces.

    Raises InvalidError (field "word") for one that has another meaning in this campaign (opting
    in, help, a keyword of an automated action), for an answer people give every day, and for one
    that stops texts already.
    """
    word = lines.one_line(word).upper()
    try:
        keywords.check_own_word(word, Meaning.OPT_OUT, opt_in_words=campaign.opt_in_words)
    except ValueError as error:
        raise InvalidError(str(error), field="word") from error
    if keywords.read(word, stop_words=campaign.stop_words) is Meaning.OPT_OUT:
        raise InvalidError(f"“{word}” stops texts already.", field="word")
    said = keyword_checks.conflict(campaign, word)
    if said:
        raise InvalidError(said, field="word")
    return word


def add(campaign: Campaign, word: str, *, by: User | None, now: datetime) -> str:
    """Add a stop word; returns it as it is kept. From here on it opts people out.

    Raises InvalidError as `checked` does, also when somebody else has just added it.
    """
    keyword_checks.take_turns(campaign)
    word = checked(campaign, word)
    if len(campaign.stop_words) >= MOST_WORDS:
        raise InvalidError(f"A campaign can add {MOST_WORDS} stop words.", field="word")
    _set(campaign, [*campaign.stop_words, word], by=by, now=now)
    return word


def remove(campaign: Campaign, word: str, *, by: User | None, now: datetime) -> bool:
    """Take a word of the campaign's own off again; False when it is none.

    The locked ones stay, and so does everybody whom the word has opted out.
    """
    keyword_checks.take_turns(campaign)
    letters = keywords.normalise(word)
    left = [one for one in campaign.stop_words if keywords.normalise(one) != letters]
    if len(left) == len(campaign.stop_words):
        return False
    _set(campaign, left, by=by, now=now)
    return True


def replace(campaign: Campaign, words: Sequence[str], *, by: User | None, now: datetime) -> bool:
    """Set the campaign's own stop words; False when they are those already.

    Locked words and repetitions are left out. Raises InvalidError as `checked` does.
    """
    keyword_checks.take_turns(campaign)
    before = {keywords.normalise(word): word for word in campaign.stop_words}
    wanted: dict[str, str] = {}
    for word in words:
        letters = keywords.normalise(word)
        if letters in wanted or keywords.read(word) is Meaning.OPT_OUT:
            continue
        wanted[letters] = before.get(letters) or checked(campaign, word)
    if len(wanted) > MOST_WORDS:
        raise InvalidError(f"A campaign can add {MOST_WORDS} stop words.", field="word")
    if list(wanted.values()) == list(campaign.stop_words):
        return False
    _set(campaign, list(wanted.values()), by=by, now=now)
    return True


def read_as(campaign: Campaign, body: str) -> Reading:
    """How a text would be read, in the order in which Heed reads: stop, help, opt-in, keyword."""
    words = campaign.own_words
    letters = keywords.normalise(body)
    meaning = keywords.read(body, **words)
    reaction = keywords.is_reaction(body)
    automation = ""
    if meaning is Meaning.NONE and letters and not reaction:
        automation = keyword_checks.action_named(campaign, letters)
    hint = None if automation or meaning is not Meaning.NONE else hints.find(body, **words)
    return Reading(letters, meaning, reaction, hint, automation)


def _set(campaign: Campaign, words: Sequence[str], *, by: User | None, now: datetime) -> None:
    before = campaign.stop_words
    campaign.own_stop_words = "\n".join(words)
    trail.record(
        Event.STOP_WORDS_CHANGED,
        campaign_id=campaign.id,
        by=by,
        actor=None if by else Actor.HOST,
        about=campaign,
        details={
            "added": [word for word in words if word not in before],
            "removed": [word for word in before if word not in words],
        },
        now=now,
    )
