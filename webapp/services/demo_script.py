"""Who and what the practice campaign is made of: invented people, fictional numbers."""

from dataclasses import dataclass

SLUG = "rivera"
NAME = "Rivera for Council"
NUMBER = "+13125550100"
OWNER = ("maya@example.org", "Maya Okafor")
TEXTERS = (("jordan@example.org", "Jordan Lee"), ("ana@example.org", "Ana Ruiz"))
LIST = "Ward 25 early voters"
ACTION = "Doorstep to Ballot"
INSTRUCTION = "Ask whether they will vote early. If they need a ride, mark it in the report."
FIRST_TEXT = (
    "Hi {first_name}, it's {texter_name} with {organization}. Early voting starts Monday in "
    "Ward 25. Can we count on your vote? Reply STOP to opt out."
)
DRAFT = "Election day reminder"
DRAFT_TEXT = (
    "Hi {first_name}, {texter_name} with {organization}. Polls close at 7 pm today. "
    "Do you need a ride? Reply STOP to opt out."
)
TAGS = (
    ("Will vote", "They say they will vote, early or on the day."),
    ("Undecided", "They have not made up their mind."),
    ("Needs a ride", "They cannot get to the polls by themselves."),
    ("Wrong number", "Somebody else has this number."),
    ("Spanish speaker", "They would rather be texted in Spanish."),
)
QUESTION = ("Support level", ("Strong", "Leaning", "Against"))
# Title, text, and whether it marks Opt Out (P2P) in the report.
REPLIES = (
    ("Goodbye", "Understood, {first_name}. We won't text you again. Take care!", True),
    ("Polling place", "You can vote at the library at 1805 S Loomis St, any day.", False),
    ("Early voting hours", "Early voting is open 9 am to 7 pm, Monday to Saturday.", False),
    (
        "Where we got your number",
        "Fair question! We text registered voters using the public voter file.",
        False,
    ),
    ("Ride to the polls", "We can drive you. What day and time suit you?", False),
)
BATCH = 20

# How many people have which area code, ascending: an import works in the order of phones, and
# batches are handed out in the order of the import.
_AREAS = (
    ("312", 20, "IL", ("Pilsen", "Chinatown", "Bridgeport", "Heart of Chicago")),
    ("630", 7, "IL", ("Elmhurst", "Lombard")),
    ("708", 8, "IL", ("Cicero", "Berwyn")),
    ("773", 12, "IL", ("Little Village", "McKinley Park", "Brighton Park")),
    ("847", 7, "IL", ("Evanston", "Skokie")),
    ("917", 3, "NY", ("New York",)),
    ("970", 3, "CO", ("Fort Collins",)),
)
# Those in front are texted first, in this order.
_NAMES = (
    "Dana Whitfield, Luis Ortega, Priya Raman, Tom Breckner, Alicia Fontaine, Marcus Bell, "
    "Ji-won Park, Sam Delgado, Grace Liu, Hector Ramos, Nora Quinn, Omar Haddad, Bea Kowalski, "
    "Elena Petrova, Walter Boone, Yusuf Demir, Renee Mackey, Ana Castillo, Deshawn Price, "
    "Ingrid Solberg, Carlos Mena, Fatima Noor, George Papas, Hana Kim, Ivan Novak, Joyce Baker, "
    "Kofi Mensah, Lucia Vega, Maria del Carmen Fernandez de Cordoba y Alvarez de Toledo, "
    "ليلى حداد, Nadia Rahman, Oscar Lind, Paula Souza, Quincy Adair, Rosa Jimenez, Stefan Wolf, "
    "Tamika Jones, Uma Patel, Victor Chang, Wendy Frost, Xavier Roy, Yolanda Cruz, Zoe Martin, "
    "Aaron Feld, Bianca Rossi, Cedric Dubois, Dolores Haze, Emeka Obi, Farah Aziz, Gina Moretti, "
    "Henry Stone, Isabel Torres, Jamal Carter, Karen Lindqvist, Leon Fischer, Mei Tan, "
    "Noel Byrne, Olga Sidorova, Pablo Reyes, Ruth Abrams"
)


@dataclass(frozen=True)
class Line:
    """One thing that happened, so many minutes ago."""

    ago: float
    who: str
    does: str  # texts (the contact), says (the texter), reports
    text: str = ""
    tags: tuple[str, ...] = ()
    support: str = ""
    opts_out: bool = False


# Jordan's first texts begin so long ago, and follow each other this quickly.
BEGAN_AGO = 240.0
BETWEEN = 0.6
FIRST_TEXTS = 16
SECOND_TEXTS = 3  # by the other texter, later

SCRIPT = (
    Line(205, "Grace Liu", "texts", "STOP"),
    Line(198, "Nora Quinn", "texts", "Will do, thanks! 🗳️"),
    Line(195, "Nora Quinn", "says", "Wonderful, thank you!"),
    Line(194, "Nora Quinn", "reports", tags=("Will vote",), support="Strong"),
    Line(180, "Omar Haddad", "texts", "Wrong person, sorry"),
    Line(176, "Omar Haddad", "reports", tags=("Wrong number",)),
    Line(170, "Marcus Bell", "texts", "Yes. What are the hours?"),
    Line(165, "Marcus Bell", "says", "Thank you! Polls are open 7 am to 7 pm."),
    Line(150, "Ji-won Park", "texts", "I'll vote on the day"),
    Line(146, "Ji-won Park", "says", "Great, see you there!"),
    Line(140, "Hector Ramos", "texts", "Take me off your list please"),
    Line(133, "Hector Ramos", "reports", opts_out=True),
    Line(120, "Ji-won Park", "texts", "ok thx"),
    Line(116, "Ji-won Park", "says", "Have a good day!"),
    Line(75, "Sam Delgado", "texts", "Who is this?"),
    Line(60, "Dana Whitfield", "texts", "Who gave you my number?"),
    Line(
        55,
        "Dana Whitfield",
        "says",
        "Fair question! We text registered voters using the public voter file. "
        "Do you have a plan to vote early?",
    ),
    Line(
        39,
        "Alicia Fontaine",
        "texts",
        "I can drive people on Saturday morning. What time should I be there?",
    ),
    Line(34, "Tom Breckner", "texts", "wrong number, this is not Tom"),
    Line(11, "Priya Raman", "texts", "Maybe. What is Rivera’s plan for the bus lines on 18th?"),
    Line(8, "Luis Ortega", "texts", "Yes! Where do I vote? I just moved to Ashland Ave"),
    Line(5, "Dana Whitfield", "texts", "Please do not text me anymore, thanks"),
)


def rows() -> list[tuple[str, str, str, str, str]]:
    """The people of the campaign: first name, last name, phone, city, state."""
    names = iter(_NAMES.split(", "))
    found = []
    for area, people, state, cities in _AREAS:
        for place in range(people):
            first, _, last = next(names).partition(" ")
            city = cities[place % len(cities)]
            found.append((first, last, f"+1{area}5550{101 + place}", city, state))
    return found


def phone_of(name: str) -> str:
    """The number of one of them."""
    return next(row[2] for row in rows() if f"{row[0]} {row[1]}" == name)
