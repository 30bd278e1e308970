"""Whether a word can be a keyword: one word has one meaning in a campaign."""

from sqlalchemy import select

from webapp.db import db
from webapp.errors import InvalidError
from webapp.models import Action, ActionState, Automation, AutomationKeyword, Campaign
from webapp.texting import keywords, lines
from webapp.texting.keywords import Meaning

LONGEST_WORD = 40


def take_turns(campaign: Campaign) -> None:
    """Whoever gives words a meaning does so one after the other, and sees what the others did."""
    db.session.refresh(campaign, with_for_update={"key_share": True})


def conflict(campaign: Campaign, word: str) -> str | None:
    """Why a word can't become a stop word of the campaign's own; None: nothing speaks against it.

    Asked before a stop word is added, because opting out is read first: a keyword that also
    were a stop word would opt people out who answer what the campaign asked them.
    """
    return in_own_list(campaign, word) or in_use(campaign, word)


def in_own_list(campaign: Campaign, word: str) -> str | None:
    """The sentence that a word is one of the campaign's own opt-in keywords; None: it is not."""
    letters = keywords.normalise(word)
    own = {keywords.normalise(one) for one in campaign.opt_in_words}
    if letters not in own:
        return None
    return f"“{word}” is an opt-in keyword of your campaign. It stands in Settings > Broadcast."


def in_use(campaign: Campaign, word: str, *, except_id: int = 0) -> str | None:
    """The sentence that an automated action uses a word as its keyword; None: none does.

    Drafts count, finished actions don't: their keywords are free again. `except_id` is an
    action that may use it.
    """
    name = action_named(campaign, keywords.normalise(word), except_id=except_id)
    return f"“{word}” is a keyword of the automated action “{name}”." if name else None


def action_named(campaign: Campaign, letters: str, *, except_id: int = 0) -> str:
    """The name of the automated action whose keyword these letters are, or ""."""
    query = (
        select(Action.name)
        .join(AutomationKeyword, AutomationKeyword.action_id == Action.id)
        .where(
            AutomationKeyword.campaign_id == campaign.id,
            AutomationKeyword.folded == letters,
            Action.id != except_id,
        )
    )
    return db.session.scalar(query.limit(1)) or ""


def check_automated(campaign: Campaign, word: str, *, opts_in: bool, action_id: int = 0) -> str:
    """A keyword as an automated action keeps it: capitals, single spaces.

    Raises InvalidError (field "keywords") for a stop word, a call for help, an answer that
    people give, a word that is used already, and one of more than 40 letters. A locked opt-in
    keyword such as JOIN can be used only by an action that opts people in: wherever it is
    texted it opts people in, so an action that says it does not would say the wrong thing.
    """
    word = _plain(campaign, word, field="keywords")
    means = keywords.read(word)
    if means is Meaning.OPT_IN and not opts_in:
        raise InvalidError(
            f"“{word}” opts people in wherever it is texted. Mark “These keywords opt people in”, "
            "or choose another word.",
            field="keywords",
        )
    said = in_own_list(campaign, word) or in_use(campaign, word, except_id=action_id)
    if said:
        raise InvalidError(said, field="keywords")
    return word


def check_opt_in_word(campaign: Campaign, word: str) -> str:
    """An opt-in keyword of the campaign's own, as it is kept.

    Raises InvalidError (field "word") as above, and for a word that opts people in already.
    """
    word = _plain(campaign, word, field="word")
    if keywords.read(word) is Meaning.OPT_IN:
        raise InvalidError(f"“{word}” opts people in already.", field="word")
    said = in_own_list(campaign, word) or in_use(campaign, word)
    if said:
        raise InvalidError(said, field="word")
    return word


def opting_in(campaign: Campaign) -> list[str]:
    """Every word that opts people in now: the locked ones, the campaign's, those of actions."""
    of_actions = db.session.scalars(
        select(AutomationKeyword.word)
        .join(Action, Action.id == AutomationKeyword.action_id)
        .join(Automation, Automation.action_id == Action.id)
        .where(
            AutomationKeyword.campaign_id == campaign.id,
            Automation.opts_in,
            Action.state == ActionState.LIVE,
        )
        .order_by(AutomationKeyword.word)
    )
    every = (*keywords.OPT_IN_KEYWORDS, *campaign.opt_in_words, *of_actions)
    by_letters: dict[str, str] = {}
    for word in every:
        by_letters.setdefault(keywords.normalise(word), word)
    return list(by_letters.values())


def opts_in(campaign: Campaign, word: str) -> bool:
    """Whether somebody who texts this word now is opted in."""
    return keywords.normalise(word) in map(keywords.normalise, opting_in(campaign))


def _plain(campaign: Campaign, word: str, *, field: str) -> str:
    word = lines.one_line(word).upper()
    if len(word) > LONGEST_WORD:
        raise InvalidError(
            f"“{word[:LONGEST_WORD]}…” is too long. Use {LONGEST_WORD} letters at most.",
            field=field,
        )
    try:
        keywords.check_own_word(word, Meaning.OPT_IN, stop_words=campaign.stop_words)
    except ValueError as error:
        raise InvalidError(str(error), field=field) from error
    return word
