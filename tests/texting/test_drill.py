"""The drill teaches what Heed does."""

import pytest

from webapp.texting import drill, hints, keywords
from webapp.texting.drill import Choice
from webapp.texting.keywords import Meaning


@pytest.mark.parametrize("question", drill.QUESTIONS, ids=lambda one: one.message)
def test_nothing_is_to_be_done_exactly_where_heed_acts_by_itself(question: drill.Question) -> None:
    acts = keywords.read(question.message) is Meaning.OPT_OUT
    assert (question.right is Choice.NOTHING) is acts


@pytest.mark.parametrize("question", drill.QUESTIONS, ids=lambda one: one.message)
def test_an_answer_raises_no_hint(question: drill.Question) -> None:
    if question.right is Choice.ANSWER:
        assert hints.find(question.message) is None


def test_the_drill_has_five_messages_and_every_choice_is_right_somewhere() -> None:
    assert len(drill.QUESTIONS) == 5
    assert {question.right for question in drill.QUESTIONS} == set(Choice)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("", ""), ("nm", "nm"), ("nmaamm", "nmaam"), ("nxm", "n"), ("<b>", ""), ("NM", "")],
)
def test_answers_are_read_as_far_as_they_make_sense(typed: str, read: str) -> None:
    assert "".join(drill.read(typed)) == read
