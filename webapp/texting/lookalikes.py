"""Letters, digits and signs that look like a Latin letter, for comparing names."""

# i, l and 1 cannot be told apart in many typefaces; all of them become "i".
_ONE_OF = {
    "a": "4аαɑᴀａ",
    "b": "8вьβВΒ",
    "c": "сϲᴄСϹ",
    "d": "ԁժᗞ",
    "e": "3еёεєҽЕΕЁ℮",
    "h": "һհНΗ",
    "i": "1lіїıιɩӏאןІΙӀ׀ǀ",
    "k": "кκКΚ",
    "m": "мМΜϻ",
    "n": "пηոռΝ",
    "o": "0оοσօסه०০੦૦௦౦೦൦๐໐၀ОΟՕΘθѲѳ◯○●⭕⚪⚫",
    "p": "рρРΡϱ",
    "r": "гᴦ",
    "s": "5ѕꜱЅՏ",
    "t": "7тτТΤ",
    "u": "υսцμνՍ∪",
    "v": "ѵѴ",
    "x": "хχХΧ×",
    "y": "уүγУΥ",
}
LETTERS = {seen: letter for letter, alike in _ONE_OF.items() for seen in alike}

# Signs that stand for a letter inside a word; elsewhere they are punctuation.
SYMBOLS = {
    "@": "a",
    "$": "s",
    "§": "s",
    "+": "t",
    "†": "t",
    "|": "i",
    "!": "i",
    "¡": "i",
    "€": "e",
    "£": "i",
    "¢": "c",
    "(": "c",
    "*": "o",
}
