"""A name that would be taken for a built-in opt-out tag is refused."""

import pytest

from webapp.texting.names import Verdict, fold, judge, risky_word

REFUSED = """
Opt Out|opt-out|OptOut|Opted Out|Opted-out|Do Not Text|DO NOT CONTACT|DNC|D.N.C.|Unsubscribe
Unsubscribed|Stop|STOP!|Stop List|Stoplist|Remove Me|Opt Out (P2P)|P2P Opt Out|Opt Out P2P
Broadcast Opt Out|Opt Out (Broadcast)|SMS Opt Out|Text opt-outs|Opt-outs|Opt-0ut|0pt Out|Ορt Out
Oрt Оut|ＯＰＴ ＯＵＴ|Öpt Öut|O p t O u t|Opt\u200bOut|Optout.|Opt Oút|Opt Ou|Opt Outt|Otp Out
Opt Our|Opt Iut|Don't Text|Dont contact|Unsubscibe|Unsubscribers|$top|St0p|5top|5T0P|Stop SMS
Stop text|Text stop|Stop P2P|P2P Stop|DNC P2P|DNC (SMS)|Do not text (broadcast)|ᴏᴘᴛ ᴏᴜᴛ|𝐎𝐩𝐭 𝐎𝐮𝐭
🅾pt 🅾ut|Ⓞⓟⓣ Ⓞⓤⓣ|Opt—Out|opt_out|OPT/OUT|\u202eOpt Out|Removed me|Remove  me!|Stop-list
Stop L1st|Unsubscr1bed|Opt Out ✋|sтop|ЅТОР|Opt Out 2|opt out's|Stоp|Opt·Out|Opt\u00adOut|0PT-0UT
unsubscr|be|Rem0ve me|Do_Not_Text|D0 N0T TEXT|Do n0t c0ntact|Opt Out – Texts|Broadcast unsubscribe
"""
FINE = """
Opted In|Option A|Output|P2P|Broadcast|Spot|Step|Shop|Top|Opt in|Optimist|Volunteer|Yard sign
Wrong number|Moved|Strong supporter|Top list|Shop list|Text|SMS|Top donors|Next step|Out of state
Out of town|Dropout|Remote|Removed|Do not call|Contacted|Do not visit|Text me|Subscribed|Subscribe
Resubscribed|Top P2P texter|Best op-ed|Optical|Workshop|Option B|Outdoor|Opt|Out|Coop to Utah
Do not knock|Donor|Contact|Post|Pots|Tops|Opposed|Not home|Sign me up|Move me|List|Step list
Shop text|Remove sign|Opting|Stamp|Doc texts|Undecided|Ward 25|DACA|Deceased|Spanish|🎉|2026
"""
RISKY = """
Stop sign petition|Bus stop|Nonstop volunteer|Stop the pipeline|My opt out requests|DNC delegate
Do not text before 9|Unsubscribe link broken|Wants to opt out|Opt outs from 2020|Stopped by
One-stop shop|Remove me later|S t o p sign|St0p Line 5|Stop 1|Opted out of mail|Non stop|Pit stop
"""


def _names(table: str) -> list[str]:
    return [name for line in table.strip().splitlines() for name in line.split("|")]


@pytest.mark.parametrize("name", [n for n in _names(REFUSED) if n not in ("unsubscr", "be")])
def test_a_name_that_looks_like_a_built_in_tag_is_refused(name):
    assert judge(name) is Verdict.REFUSED
    assert risky_word(name)


def test_a_stroke_for_a_letter_does_not_help():
    assert judge("Unsubscr|be") is Verdict.REFUSED


@pytest.mark.parametrize("name", _names(FINE))
def test_an_ordinary_name_is_fine(name):
    assert judge(name) is Verdict.FINE
    assert risky_word(name) is None


@pytest.mark.parametrize("name", _names(RISKY))
def test_a_name_that_contains_an_opt_out_word_needs_an_acknowledgement(name):
    assert judge(name) is Verdict.RISKY
    assert risky_word(name)


def test_the_risky_word_is_the_one_for_the_sentence():
    assert risky_word("Stop sign petition") == "stop"
    assert risky_word("Wants to 0pt-0ut") == "opt out"


BASES = ["Opt Out", "Opted Out", "Do Not Text", "Do Not Contact", "Unsubscribe", "Unsubscribed"]
BASES += ["Stop List", "Remove Me"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("form", ["{}", "{} P2P", "P2P {}", "{} (Broadcast)", "SMS {}", "Text: {}"])
def test_one_edit_does_not_help_a_name_of_six_letters_or_more(base, form):
    name = form.format(base)
    letters = name.replace(" ", "")
    edited = [letters[:place] + letters[place + 1 :] for place in range(len(letters))]
    edited += [letters[:place] + "q" + letters[place:] for place in range(len(letters) + 1)]
    edited += [letters[:place] + "q" + letters[place + 1 :] for place in range(len(letters))]

    assert {judge(each) for each in [name, *edited]} == {Verdict.REFUSED}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Opt-0ut", "opt out"),
        ("Ορt Оut", "opt out"),
        ("ＳＴＯＰ", "stop"),
        ("5T0P", "stop"),
        ("Lílly 1", "liiiyi"),
        ("Ⓓⓝⓒ", "d.n.c."),
    ],
)
def test_names_that_look_alike_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_a_long_name_is_judged_quickly_and_by_its_beginning():
    assert judge("Stop " + "x" * 100_000) is Verdict.RISKY
