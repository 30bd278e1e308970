"""The language of the hints' rules says what its documentation promises."""

import pytest

from webapp.texting.hinting.phrases import Phrasebook, Phrases
from webapp.texting.hinting.reading import plain
from webapp.texting.hinting.slips import corrected, edits

BOOK = Phrasebook(
    """
texts: texts/messages
    /sms
them: the_<texts>/these
"""
)


@pytest.mark.parametrize(
    ("line", "found", "not_found"),
    [
        ("stop <texts>", ["stop texts", "ok stop sms now"], ["stop texting", "unstop texts"]),
        ("stop <them>", ["stop the messages", "stop these"], ["stop the"]),
        ("do_not/dont text*", ["do not texting", "dont text"], ["do text", "dont"]),
        (
            "died ~3 stop",
            ["died stop", "died . ok . stop"],
            ["died a b c d stop"],
        ),
        ("stop (all/the)* texts", ["stop texts", "stop all the texts"], ["stop my texts"]),
        ("no (more) texts", ["no texts", "no more texts"], ["no more more texts"]),
        ("remove ..2 list", ["remove list", "remove my old list"], ["remove a b c list"]),
        ("| stop |", ["stop", "ok . stop . bye", "stop ?"], ["ok stop", "stop by"]),
        ("stop |/now/or", ["please stop", "stop now"], ["stop by"]),
        ("stop ; not after bus", ["stop"], ["bus stop"]),
        ("stop ; not before by/at", ["stop now"], ["stop by", "stop at 5"]),
        ("you text ; not after did", ["you text"], ["did you text"]),
        ("dont text ; not after you", ["know you, dont text"], ["you dont text"]),
        (
            "remove me ; not about ballot*",
            [
                "remove me",
                "remove me, ballot sent",
                "remove me . ballots",
                "remove me a b c d ballot",
            ],
            ["remove me from your ballot", "remove me ballots", "remove me from a b ballot"],
        ),
        ("stop ; not in fun", ["stop"], ["lol stop", "stop hahaha"]),
        ("said # times", ["said 5 times"], ["said five times"]),
        ("unsub*", ["unsubscribe", "unsub"], ["sub"]),
    ],
)
def test_a_phrase_stands_where_it_should_and_nowhere_else(line, found, not_found):
    (phrase,) = BOOK.phrases(line)

    assert all(phrase.find(text) for text in found)
    assert not any(phrase.find(text) for text in not_found)
    assert all(Phrases([phrase]).find(text) for text in found)


def test_comments_and_empty_lines_are_left_out_and_indented_lines_continue():
    phrases = BOOK.phrases("\n# what follows\nstop\n    /quit\n    ; not after bus\n\nend\n")

    assert [phrase.source for phrase in phrases] == ["stop/quit ; not after bus", "end"]


def test_an_alternative_without_words_is_a_slip_in_the_rules_and_is_refused():
    with pytest.raises(ValueError, match="empty"):
        BOOK.phrases("stop/ texts")


def test_the_rules_read_words_sentences_and_questions():
    assert plain("Don’t,  Ana! OK? ¡Más! 😂")[0] == "dont, ana . ok ? mas . haha"


def test_the_rules_know_where_each_letter_came_from():
    written = "Ça  va? \u200bSTOP"
    read, places = plain(written)

    assert read == "ca va ? stop"
    assert written[places[read.index("stop")] :] == "STOP"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("texing", "texting"),
        ("messges", "messages"),
        ("unsubscibe", "unsubscribe"),
        ("f***", "fuck"),
        ("stoptextingme", "stop texting me"),
        ("leavemealone", "leave me alone"),
        ("pls", "please"),
        ("txting", "texting"),
        ("takeme", "take me"),
        ("along", "along"),
        ("testing", "testing"),
        ("mother", "mother"),
        ("stopover", "stopover"),
        ("pending", "pending"),
    ],
)
def test_slips_of_the_thumb_are_corrected_and_other_words_left(written, meant):
    assert corrected(written) == meant


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("stop", "stop", 0),
        ("stpo", "stop", 1),
        ("sto", "stop", 1),
        ("stoop", "stop", 1),
        ("atop", "stop", 1),
        ("spot", "stop", 2),
        ("a", "stop", 3),
    ],
)
def test_edits_are_counted(one, other, count):
    assert edits(one, other) == count
