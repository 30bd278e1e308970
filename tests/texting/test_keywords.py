"""Stop words, opt-in keywords and calls for help are read from the whole text."""

import time

import pytest

from tests.texting.reading import rows
from webapp.texting import hints, keywords
from webapp.texting.keywords import Meaning, check_own_word, is_taken, normalise, read

CASES = rows("keywords")


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case["text"])[:60])
def test_a_text_means_what_the_table_says(case):
    text = case["text"]

    assert {
        "text": text,
        "class": read(text),
        "hint": hints.find(text) is not None,
        "normalised": normalise(text),
    } == case


def test_the_table_is_large_and_has_every_meaning():
    assert len(CASES) >= 300
    assert {case["class"] for case in CASES} == set(Meaning)


@pytest.mark.parametrize("word", keywords.STOP_WORDS)
def test_every_stop_word_opts_out_in_every_case(word):
    assert {read(form) for form in (word, word.lower(), word.title())} == {Meaning.OPT_OUT}


@pytest.mark.parametrize("word", keywords.OPT_IN_KEYWORDS)
def test_every_opt_in_keyword_opts_in(word):
    assert read(word.lower()) is Meaning.OPT_IN


@pytest.mark.parametrize("word", keywords.HELP_WORDS)
def test_help_is_help(word):
    assert read(word.title()) is Meaning.HELP


@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\xad", "\0"]
)
def test_invisible_characters_anywhere_do_not_hide_a_stop(invisible):
    assert read(invisible.join(["", *"STOP", ""])) is Meaning.OPT_OUT


@pytest.mark.parametrize("gap", [" ", "\n", "\t", ".", "-", "_", "…", "🛑", " ❤️ ", "\u3000"])
def test_whatever_parts_the_letters_of_a_stop_is_taken_away(gap):
    assert read(gap.join("STOP")) is Meaning.OPT_OUT


@pytest.mark.parametrize(
    "effect",
    "Slam Effect,Loud Effect,Gentle Effect,Invisible Ink,Echo,Spotlight,Balloons,Confetti,Love,"
    "Lasers,Fireworks,Celebration,Shooting Star,Echo Effect,Spotlight Effect,Any New Effect".split(
        ","
    ),
)
def test_an_iphone_effect_below_a_stop_is_taken_away(effect):
    assert read(f"Stop\n(Sent with {effect})") is Meaning.OPT_OUT


def test_words_that_are_not_repeated_stay_and_make_another_text():
    assert [read(text) for text in ("stop end", "stop the", "all stop", "stop start")] == [
        Meaning.NONE
    ] * 4


def test_repetition_counts_once_also_without_spaces_but_doubled_letters_stay():
    assert [
        normalise(text) for text in ("stop Stop STOP", "stopstop", "haha", "S T O P A L L")
    ] == [
        "stop",
        "stop",
        "haha",
        "stopall",
    ]


def test_flags_are_pictures_unless_they_spell_a_stop_word():
    assert read("STOP 🇺🇸") is Meaning.OPT_OUT
    assert read("🇸🇹🇴🇵") is Meaning.OPT_OUT
    assert normalise("🇺🇸") == ""
    assert read("🇺🇸", opt_in_words=["US"]) is Meaning.NONE


def test_a_campaigns_own_words_are_added_to_the_locked_ones():
    own = {"stop_words": ["Basta ya", "🛑"], "opt_in_words": ["Rivera"]}

    assert read("¡basta, YA!", **own) is Meaning.OPT_OUT
    assert read("RIVERA!!", **own) is Meaning.OPT_IN
    assert read("STOP", **own) is Meaning.OPT_OUT
    assert read("Rivera is great", **own) is Meaning.NONE
    assert read("🛑", **own) is Meaning.NONE  # It has no letters, so it can be no word.


def test_opting_out_goes_first_when_a_word_was_given_two_meanings():
    assert read("BYE", stop_words=["bye"], opt_in_words=["bye"]) is Meaning.OPT_OUT
    assert read("STOP", opt_in_words=["stop"]) is Meaning.OPT_OUT
    assert read("INFO", opt_in_words=["info"]) is Meaning.HELP


def test_a_reaction_is_no_keyword_even_to_a_campaigns_own_word():
    assert read("Loved “BASTA”", stop_words=["Loved BASTA"]) is Meaning.NONE


@pytest.mark.parametrize("word", ["stop", "Opt-Out", "JOIN", "help", "ＳＴＯＰ"])
def test_locked_words_are_taken(word):
    assert is_taken(word)


def test_other_words_are_free():
    assert not is_taken("Rivera")


@pytest.mark.parametrize(
    ("word", "meaning", "sentence"),
    [
        ("JOIN", Meaning.OPT_OUT, "“JOIN” is already an opt-in keyword."),
        ("s.t.o.p", Meaning.OPT_IN, "“s.t.o.p” is already a stop word."),
        ("info", Meaning.OPT_OUT, "“info” is already a word people text for help."),
        ("Rivera", Meaning.OPT_OUT, "“Rivera” is already an opt-in keyword."),
        ("basta", Meaning.OPT_IN, "“basta” is already a stop word."),
        ("🛑", Meaning.OPT_OUT, "A word needs letters or digits."),
        (" ", Meaning.OPT_IN, "A word needs letters or digits."),
        ("Yes", Meaning.OPT_IN, "“Yes” is an answer people give, so it can't be a keyword."),
        ("no", Meaning.OPT_OUT, "“no” is an answer people give, so it can't be a keyword."),
        ("2", Meaning.OPT_OUT, "“2” is an answer people give, so it can't be a keyword."),
    ],
)
def test_an_own_word_that_could_not_work_is_refused(word, meaning, sentence):
    with pytest.raises(ValueError, match=r".") as refusal:
        check_own_word(word, meaning, stop_words=["Basta"], opt_in_words=["RIVERA"])

    assert str(refusal.value) == sentence


def test_an_own_word_that_has_this_meaning_already_passes():
    check_own_word("stop", Meaning.OPT_OUT)
    check_own_word("Rivera", Meaning.OPT_IN, opt_in_words=["rivera"])


def test_an_own_word_is_forty_letters_at_most():
    with pytest.raises(ValueError, match="too long"):
        check_own_word("xy" * 30 + "z", Meaning.OPT_OUT)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("STOP" + "\u200b" * 330_000, Meaning.OPT_OUT),
        ("STOP " * 200_000, Meaning.OPT_OUT),
        ("stop" * 250_000, Meaning.OPT_OUT),
        (" " * 999_995 + "stop", Meaning.OPT_OUT),
        ("stop" * 250_000 + "x", Meaning.NONE),
        ("a" * 1_000_000, Meaning.NONE),
        ("Liked “" + "x" * 999_000, Meaning.NONE),
        ("(Sent with " * 90_000, Meaning.NONE),
        ("".join(map(chr, range(0x100, 0x50000))), Meaning.NONE),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_text_of_a_megabyte_is_read_quickly(text, meaning):
    read("warm", stop_words=["x"])
    began = time.process_time()

    assert read(text, stop_words=["x"]) is meaning
    # 50 ms on a quiet machine; the allowance is for a busy one, and far below a quadratic read.
    assert time.process_time() - began < 0.5
