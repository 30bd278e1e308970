"""What nobody types on purpose stays out of names and texts."""

import pytest

from webapp.texting.lines import one_line, shows, without_controls


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Early  vote\n2026 ", "Early vote 2026"),
        ("Ward\x07 25", "Ward 25"),
        ("\x1b[31mWard", "[31mWard"),
        ("Ward\x7f\x9b", "Ward"),
        ("Wa\udcffrd", "Ward"),
        ("Ward \u202e52", "Ward 52"),
        ("A\x00B", "AB"),
        ("a\u2028b\x85c", "a b c"),
        ("Familia Núñez 👩‍👧 عربي", "Familia Núñez 👩‍👧 عربي"),
        ("\x07\x1b", ""),
        ("\u200b\u2060", ""),
        ("\u3164 \u2800", ""),
    ],
)
def test_a_name_is_kept_on_one_line_without_control_characters(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_a_text_keeps_its_lines() -> None:
    assert without_controls("Hi\x07,\n\tvote\x0b\udc80!") == "Hi,\n\tvote !"


def test_what_only_takes_up_room_shows_nothing() -> None:
    assert not shows(" \u200b\ufeff\x07\n") and not shows("")
    assert shows("🙂") and shows(".") and shows("\u200ba")
