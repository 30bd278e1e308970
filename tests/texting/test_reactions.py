"""A reaction is no text of the contact's own."""

import pytest

from webapp.texting.hints import find
from webapp.texting.keywords import Meaning, is_reaction, read

REACTIONS = """
Liked “STOP”
Loved “he said “hi” to me”
Laughed at “Reply STOP to quit”
Emphasized "Hi, it’s Sam. Reply STOP to quit"
Emphasised “STOP”
Questioned “Are you in?”
Disliked “Reply STOP to end
Liked “It’s Sam. Reply STOP”
Loved 'STOP'
Liked an image
Loved 2 photos
Loved an audio message
Liked an attachment
Reacted 👍 to “STOP”
Reacted 👨‍👩‍👧 to “STOP”
Reacted 👍🏽 to “ok”
Reacted with a sticker to “hi”
Removed a like from “STOP”
Removed a heart from “x”
Removed an exclamation from “x”
Removed a question mark from “x”
Removed 😂 from “x”
👍 to “ Reply STOP to opt out ”
‼️ to “x”
❤️ to “STOP”
Le gustó “STOP”
No le gustó “STOP”
Le encantó “Responda ALTO”
Se rió de “x”
Reaccionó con 👍 a “hola”
👍 a “hola”
Quitó un me gusta de “hola”
A aimé « ARRET »
A adoré « superbe »
N’a pas aimé « STOP »
A ri de « trop drôle »
A mis en évidence « RDV »
S’est interrogé(e) sur « ok »
A réagi avec 😂 à « lol »
A retiré la réaction 😂 à « ok »
a attribué la mention « J’aime » à « ok »
""".strip().splitlines()

TEXTS = """
Liked “your page” but stop texting me
I Loved “that” movie
Loved it
Liked a lot
Questioned
Reacted badly to “x”
stop to "quit"
Removed me from “list” please
“STOP”
Liked it. 'stop'
""".strip().splitlines()


@pytest.mark.parametrize("text", [*REACTIONS, "\u200a👍\u200a to \u200b“\u200aSTOP\u200a”\u200a"])
def test_a_reaction_is_neither_a_keyword_nor_a_hint(text):
    assert is_reaction(text)
    assert read(text) is Meaning.NONE
    assert find(text) is None


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_with_a_quotation_in_it_is_no_reaction(text):
    assert not is_reaction(text)
