"""The texters' drill: five messages, and what is right to do with each."""

from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    """What a texter can do with a message."""

    NOTHING = "n"
    MARK = "m"
    ANSWER = "a"


WORDS = {
    Choice.NOTHING: "Nothing. It is done already.",
    Choice.MARK: "Mark Opt Out and send the report",
    Choice.ANSWER: "Answer, or record what they said",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A message, what is right, and why."""

    message: str
    right: Choice
    why: str


QUESTIONS = (
    Question(
        "STOP",
        Choice.NOTHING,
        "STOP is a stop word. Heed adds the opt-out tag at once and takes the conversation out of "
        "your inbox. You will never see it.",
    ),
    Question(
        "Please do not text me anymore, thanks",
        Choice.MARK,
        "It asks us to stop, but it isn't a stop word, so Heed leaves it to you. Mark the opt-out "
        "tag and send the report. Until you send it, nothing happens.",
    ),
    Question(
        "wrong number, this is not Tom",
        Choice.ANSWER,
        "They tell us something; they don't ask us to stop. Mark Wrong number, if your report has "
        "it, and say sorry if you like.",
    ),
    Question(
        "No",
        Choice.ANSWER,
        "It answers the question you asked. Record it, thank them, and leave it at that.",
    ),
    Question(
        "Leave me alone or you'll hear from my lawyer",
        Choice.MARK,
        "Anybody who wants to be left alone gets no more texts, however they put it. Don't argue. "
        "Mark the opt-out tag and send the report.",
    ),
)


def read(answers: str) -> list[Choice]:
    """The answers so far, one letter each; what makes no sense ends them."""
    known = {choice.value: choice for choice in Choice}
    found = []
    for letter in answers[: len(QUESTIONS)]:
        if letter not in known:
            break
        found.append(known[letter])
    return found
