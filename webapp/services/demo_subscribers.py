"""The practice broadcast's people: invented subscribers with fictional numbers, and their words."""

LIST = "Text list subscribers"
SUBSCRIBED = "Signed up at the Pilsen street fair, July 2026"
NUMBER = "+17735550190"
# Texts a second: slow enough to be watched for a good quarter of an hour.
RATE = 0.8
ACTION = "Saturday canvass kickoff"
TEXT = (
    "Hi {first_name}, {organization} here. Join us this Saturday at 10 am in Dvorak Park to knock "
    "on doors for Ward 25. Coffee is on us! Reply STOP to opt out."
)
# What JOIN to this number is answered with; the automated action is at the other one.
WELCOME = "Rivera for Council: You're back on the text list. Reply STOP to opt out."
EVERYBODY = 936

# There are 100 fictional numbers in an area code; these are the upper ones, beside the others.
_FIRST_LINE = 130
_AREAS = (
    ("224", "IL", "Arlington Heights"),
    ("262", "WI", "Kenosha"),
    ("309", "IL", "Peoria"),
    ("312", "IL", "Pilsen"),
    ("319", "IA", "Cedar Rapids"),
    ("331", "IL", "Aurora"),
    ("414", "WI", "Milwaukee"),
    ("563", "IA", "Davenport"),
    ("574", "IN", "South Bend"),
    ("608", "WI", "Madison"),
    ("630", "IL", "Naperville"),
    ("708", "IL", "Cicero"),
    ("773", "IL", "Little Village"),
    ("779", "IL", "Rockford"),
    ("815", "IL", "Joliet"),
    ("847", "IL", "Evanston"),
    ("872", "IL", "Bridgeport"),
    ("920", "WI", "Green Bay"),
)
_FIRST_NAMES = (
    "Adela Amir Anita Arturo Asha Beatriz Ben Camila Chidi Clara Dario Deborah Diego Dylan Edith "
    "Elif Ernesto Esther Felix Freya Gabriel Gloria Hassan Helen Ignacio Iris Jerome Jia Joaquin "
    "Julia Kamal Kayla Lamar Leila Lorenzo Mabel Malik Marisol Minh Nadine Nasir Odessa Pedro "
    "Rashida Rosario Simone Tariq Teresa Vikram Ximena Zainab Zeke"
).split()
_LAST_NAMES = (
    "Aguilar Banks Bauer Chavez Cho Dominguez Ellis Flores Gomez Green Huang Iyer Jackson "
    "Kowalczyk Lopez Morales Nguyen Ochoa Pham Quintero Rios Sanders Tran Underwood Vargas Walsh "
    "Young"
).split()

ANSWERS = (
    "Count me in!",
    "I'll be there with my sister",
    "What time does it end?",
    "Sorry, I work Saturdays",
    "Can I bring my kids?",
    "Yes! Do you need drivers?",
    "Ahí estaré",
    "Is there parking?",
)
STOPS = ("STOP", "Unsubscribe", "Stop.")
REQUEST = "Please take me off this list"


def rows(people: int = EVERYBODY) -> list[tuple[str, str, str, str, str]]:
    """The first so many subscribers: first name, last name, phone, city, state."""
    found = []
    for place in range(people):
        code, state, city = _AREAS[place % len(_AREAS)]
        line = place // len(_AREAS)
        first = _FIRST_NAMES[place % len(_FIRST_NAMES)]
        last = _LAST_NAMES[place % len(_LAST_NAMES)]
        found.append((first, last, f"+1{code}5550{_FIRST_LINE + line}", city, state))
    return found
