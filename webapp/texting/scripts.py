"""Merge fields of a script, and whether it says how to opt out."""

import difflib
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from webapp.texting.hinting.phrases import Phrasebook
from webapp.texting.hinting.reading import plain

VARIABLES = ("first_name", "last_name", "texter_name", "city", "organization")
# Characters that a first text has to say by itself to be known again in what left.
TELLING = 20
ADD_WORDING = "Reply STOP to opt out."

# {first_name} as we write it, {{first_name}} as people know it from elsewhere.
_FIELD = re.compile(r"\{\{([^{}]{0,80})\}\}|\{([^{}]{0,80})\}")
# Where a field had nothing to say: with what would stand there alone, at the beginning, before
# the end of a sentence, and elsewhere.
_NOTHING = "\0"
_GAPS = (
    re.compile(r"\A(?:\0[\s,;:]*)+"),
    re.compile(r"(?:[,;:]?[ \t]*\0)+(?=[ \t]*(?:[.!?;:]|\n|\Z))"),
    re.compile(r"[ \t]*\0"),
)
_UNFILLED = re.compile(r"\{\{?\s*[^\W\d][\w .-]{0,79}\}")


def render(template: str, values: Mapping[str, str], fallbacks: Mapping[str, str]) -> str:
    """The text for one contact: each merge field becomes its value, else its fallback.

    A value of white space counts as missing; a fallback may be empty. What has neither stays
    as it was written, so that `unfilled` finds it. Values are inserted as they are: a name
    that contains "{city}" is not filled in again.
    """

    text: list[str] = []
    for before, name, written in _pieces(template):
        value = str(values.get(name, ""))
        text += before, value if value.strip() else fallbacks.get(name, written)
    return "".join(text)


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[tuple[str, str, str], ...]:
    """A template cut at its merge fields: what stands before each, its name, the field as written.

    Remembered, because a broadcast fills in the same few templates for its whole audience.
    """
    cuts = []
    end = 0
    for found in _FIELD.finditer(template):
        cuts.append((template[end : found.start()], _name(found), found[0]))
        end = found.end()
    return (*cuts, (template[end:], "", ""))


def could_read(template: str, text: str) -> bool:
    """Whether a text may be this template, whatever its merge fields were filled in with.

    A template that says next to nothing beside its fields is not known again in any text.
    """
    first, *rest = (before for before, _, _ in _pieces(template.strip()))
    if sum(map(len, (first, *rest))) < TELLING:
        return False
    text = text.strip()
    if not rest:
        return text == first
    *middle, last = rest
    # What stood beside an empty field at either end was cut off with the white space.
    text = ("" if first else " ") + text + ("" if last else " ")
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return text.endswith(last) and len(text) - len(last) >= at


def render_what_is_known(
    template: str, values: Mapping[str, str], fallbacks: Mapping[str, str]
) -> str:
    """The same for a text that has to go out at once: what is not known is left out.

    "Hi {first_name}, thanks!" becomes "Hi, thanks!".
    """
    gaps = dict.fromkeys(fields(template), _NOTHING)
    said = {name: words for name, words in fallbacks.items() if words.strip()}
    text = render(template, values, gaps | said)
    for gap in _GAPS:
        text = gap.sub("", text)
    return text.strip()


def _name(found: re.Match[str]) -> str:
    """The field's name as it is stored: "{ First Name }" means first_name."""
    inner = found[1] if found[1] is not None else found[2]
    return re.sub(r"[\s-]+", "_", inner.strip()).lower()


def fields(template: str) -> list[str]:
    """The names of the merge fields of a template, each once, in order."""
    return list(
        dict.fromkeys(name for found in _FIELD.finditer(template) if (name := _name(found)))
    )


def check(template: str, known: Collection[str]) -> list[str]:
    """What is wrong with a template, as sentences; nothing when it can be sent.

    `known` are the names of the campaign's own merge fields; VARIABLES are always known.
    """
    if not template.strip():
        return ["The script is empty."]
    names = list(dict.fromkeys((*VARIABLES, *known)))
    problems = [_unknown(name, names) for name in fields(template) if name not in names]
    rest = _FIELD.sub(" ", template)
    if any(not _name(found) for found in _FIELD.finditer(template)):
        problems.append("There is no field name between { and }.")
    if "{" in rest:
        problems.append("A { has no closing }.")
    if "}" in rest:
        problems.append("A } has no opening {.")
    return problems


def _unknown(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    hint = f" Did you mean {{{near[0]}}}?" if near else ""
    return f"There is no merge field {{{name}}}.{hint}"


def unfilled(text: str) -> bool:
    """Whether a merge field is left in a rendered text: such a text must not be sent."""
    return bool(_UNFILLED.search(text))


_WORDS = """
word: stop/stop_all/end/quit/cancel/unsub/unsubscribe/remove/revoke/opt_out/optout/alto/parar/arret
ask: reply/replying/respond/responding/text/texting/txt/send/sending/answer/type/write/message/msg
    /rply/responde/responda/responder/contesta/conteste/envia/envie/enviar/manda/mande/escribe
    /escriba/textea/repondez/reponds/repondre/envoyez/envoyer/envoie/textez/ecrivez
the: the/with/back/us/word/keyword/a/la/el/con/palabra/le/mot
to: to/2/4/for/if/and/para/por/p/pour/si/y/et/at_any_time_to/anytime_to/now_to/any_time_to/back_to
outcome: opt_out/opt-out/optout/opting_out/quit/end/stop/cancel/unsub/unsubscribe/be_removed/remove
    /leave/exit/opt_off/no_more/no_longer/not_receive/not_get/turn_off/discontinue/get_off/be_taken
    /stop_receiving/cancelar/salir/parar/terminar/detener/dejar/darse_de_baja/darte_de_baja/anular
    /desuscribir*/no_recibir/no_quiere*/optar_por_no/eliminar/finalizar/arreter/vous_desabonner
    /desabonner/vous_desinscrire/se_desinscrire/annuler/ne_plus
"""
_WORDING = Phrasebook(_WORDS).phrases("""
# Reply STOP to opt out, text END if you no longer want these, responda ALTO para cancelar
<ask> (<the>)* <word> (or/<word>/o/ou)* <to> ..6 <outcome>
<ask> (<the>)* <word> (anytime/any_time/at_any_time/now) <outcome>
# STOP to quit, STOP=end, STOP2QUIT
<word> to/2/para/pour <outcome>
stop2*
# To opt out, reply STOP
<outcome> ..6 <ask> (<the>)* <word>
<outcome> ? <ask> (<the>)* <word>
""")


def has_opt_out_wording(text: str) -> bool:
    """Whether a script says how to opt out: a word to send and what it does, in one sentence.

    "Reply STOP to opt out", "STOP=end", "To opt out, text STOP", and in Spanish and French
    ("Responda ALTO para cancelar"). A bill that must be stopped is no such wording.
    """
    said, _ = plain(text)
    return any(phrase.find(said) for phrase in _WORDING)
