"""What common passwords are made of; a longer one is still made of these."""

# Words that stand in lists of common passwords, in lower case and plain letters.
WORDS = frozenset(
    """
    password passwort passphrase passcode passw0rd pass word letmein letme welcome admin
    administrator root login logon user username guest master changeme change temporary default
    secret private secure security access account demo example sample
    qwerty qwertz azerty asdf zxcv iloveyou ilove loveyou love lover loveme sunshine princess
    monkey dragon football baseball basketball soccer hockey superman batman spiderman pokemon
    starwars shadow michael jennifer jordan jessica ashley charlie daniel andrew thomas robert
    matthew joshua anthony hunter summer winter spring autumn monday friday january february
    march april june july august september october november december whatever trustno trust
    freedom computer internet google facebook twitter instagram linkedin hello goodbye please
    cheese banana orange flower purple yellow silver golden ginger pepper cookie killer ninja
    mustang ferrari porsche mercedes diamond angel angels jesus christ church blessed heaven
    america usa united states liberty patriot democrat republican democracy victory
    president qazwsx qazwsxedc qweasd qweasdzxc onetwothree abc def xyz
    correcthorsebatterystaple
    """.split()
)

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "qsdfghjklm")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "0p")
_STRAIGHT = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "!@#$%^&*()",
    "112233445566778899",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2b3c4d5e6f7g8h9i0j",
    "a1b2c3d4e5f6g7h8i9j0",
    "aabbccddeeffgghh",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq12wsxcde34rfvbgt56yhn",
    "147258369",
    "159357",
    "741852963",
    *_ROWS,
    *_COLUMNS,
    *("".join(_COLUMNS[at] for at in order) for order in ((0, 2, 4), (1, 3, 5))),
)

# Characters that stand side by side on a keyboard or in a row, both ways round.
SEQUENCES = (*_STRAIGHT, *(line[::-1] for line in _STRAIGHT))
