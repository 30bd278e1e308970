"""An incoming text in one campaign, and what was decided about it."""

from dataclasses import dataclass
from datetime import datetime

from webapp.carriers.base import Inbound
from webapp.models import Hinted, Texting
from webapp.services import tally
from webapp.services.keyword_texts import Keyword
from webapp.services.places import Place
from webapp.texting.keywords import Meaning


@dataclass(slots=True)
class Heard:
    """A text in one campaign, and what was decided about it."""

    place: Place
    text: Inbound
    receipt_id: int
    meaning: Meaning
    kinds: tuple[Texting, ...]  # of texting that it answers
    is_reaction: bool = False
    # The person had opted out, or the thread had ended with a stop word.
    is_shut_out: bool = False
    hint: Hinted | None = None
    keyword: Keyword | None = None  # It opts in, or an automated action answers it.
    thread_id: int | None = None  # The conversation it stands in.
    action_id: int | None = None  # The action of that one.
    assignee_id: int | None = None  # Whose inbox it is in.
    message_id: int = 0  # Known when it is kept.


def answered(heard: Heard) -> int | None:
    """The action that a text answers."""
    return heard.action_id or heard.place.last_action_id


def count(heard: Heard, *, now: datetime, **amounts: int) -> None:
    """Count how people answer the action that they answer; its charts do, too."""
    action_id = answered(heard)
    tally.add(action_id, **amounts)
    tally.chart(action_id, now=now, **amounts)
