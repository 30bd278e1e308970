"""A message is counted as carriers bill it."""

import pytest

from webapp.texting.segments import count, odd_characters, plain


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "room", "limit"),
    [
        ("", "GSM-7", 0, 0, 160, 160),
        ("Hi", "GSM-7", 2, 1, 158, 160),
        ("a" * 160, "GSM-7", 160, 1, 0, 160),
        ("a" * 161, "GSM-7", 161, 2, 145, 153),
        ("a" * 306, "GSM-7", 306, 2, 0, 153),
        ("a" * 307, "GSM-7", 307, 3, 152, 153),
        ("é" * 160, "GSM-7", 160, 1, 0, 160),
        ("€", "GSM-7", 2, 1, 158, 160),
        ("€" * 80, "GSM-7", 160, 1, 0, 160),
        ("[x]\\^{}|~\f", "GSM-7", 19, 1, 141, 160),
        ("ÆØÅΔΦΓΛΩΠΨΣΘΞ", "GSM-7", 13, 1, 147, 160),
        ("ê", "UCS-2", 1, 1, 69, 70),
        ("ç", "UCS-2", 1, 1, 69, 70),
        ("’", "UCS-2", 1, 1, 69, 70),
        ("`", "UCS-2", 1, 1, 69, 70),
        ("\t", "UCS-2", 1, 1, 69, 70),
        ("ñ" * 70 + "’", "UCS-2", 71, 2, 63, 67),
        ("😀" * 35, "UCS-2", 70, 1, 0, 70),
        ("😀" * 36, "UCS-2", 72, 2, 61, 67),
        ("ж" * 70, "UCS-2", 70, 1, 0, 70),
        ("ж" * 134, "UCS-2", 134, 2, 0, 67),
        ("ж" * 135, "UCS-2", 135, 3, 66, 67),
    ],
)
def test_a_message_is_counted_in_parts(text, encoding, units, parts, room, limit):
    counted = count(text)

    assert (counted.encoding, counted.units, counted.parts) == (encoding, units, parts)
    assert (counted.room, counted.limit) == (room, limit)


def test_a_character_of_two_units_is_never_split_across_parts():
    # 152 units, then a euro sign of two: it goes to the second part, one unit stays unused.
    assert count("a" * 152 + "€" + "a" * 10).room == 153 - 12
    assert count("ж" * 66 + "😀" + "ж" * 10).room == 67 - 12
    # 33 emoji fill 66 of 67 units; the 67th unit stays empty in every part.
    assert count("😀" * 66).parts == 2
    assert count("😀" * 67).parts == 3


def test_curly_signs_become_plain_ones_and_letters_stay():
    assert plain("“Hi” – it’s José’s…\u00a0ok\u200b?") == "\"Hi\" - it's José's... ok?"
    assert plain("😀 é ñ") == "😀 é ñ"


def test_plain_text_fits_into_gsm_7():
    assert count(plain("“Don’t” — wait…\u2009now")).encoding == "GSM-7"


def test_odd_characters_are_named_once_and_emoji_stay_in_one_piece():
    assert odd_characters("hé’llo ’👨‍👩‍👧🇺🇸1️⃣👍🏽ж €") == ["’", "👨‍👩‍👧", "🇺🇸", "1️⃣", "👍🏽", "ж"]
    assert odd_characters("plain [text] €") == []
