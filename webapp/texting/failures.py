"""Why a text did not arrive, in words: the codes of carriers' delivery reports and refusals.

The codes are from the carriers' public lists (Twilio: 2xxxx and 30xxx; Telnyx: 4xxxx). Several
codes have the same words: to a campaign they are the same reason.
"""

NEVER_SENT = "never-sent"  # our own: the text had an empty variable and was not sent

_SAYS = {
    "Heed did not send it: a variable was empty and had no fallback": (NEVER_SENT,),
    "The carrier gave no reason": ("",),
    "Not a number that can be texted": ("21211", "21217", "21614", "40012", "40310", "10002"),
    "A landline, or a carrier that can't be reached": ("30006", "40001"),
    "The number is unknown or no longer in service": ("30005",),
    "The phone was off or out of reach": ("30003", "40006", "40008"),
    "The carrier filtered it as spam": ("30007", "40002", "40003", "40015"),
    "The recipient or the carrier blocks texts from this number": ("30004", "40004"),
    "The recipient has opted out at the carrier": ("21610", "40300"),
    "The sending number is not registered for this kind of texting": ("30034", "30032", "40010"),
    "The carrier's limit for this campaign was reached": ("30023", "40016", "40018"),
    "It waited too long and expired": ("30036", "40005", "40014"),
    "Too many texts waited at the carrier": ("30001", "21611", "20429", "40011", "40318"),
    "The carrier account is suspended or may not send": ("30002", "20003", "20005", "10009"),
    "The carrier account may not text this country": ("21408",),
    "The carrier does not know why": ("30008",),
}
_WORDS = {code: words for words, codes in _SAYS.items() for code in codes}


def words(code: str) -> str:
    """The reason behind a code: "Code 12345 of the carrier" when it is not known here."""
    return _WORDS.get(code, f"Code {code} of the carrier")
