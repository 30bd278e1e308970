"""Merge fields of a script, and whether it says how to opt out."""

import difflib
import re
from collections.abc import Collection, Mapping

VARIABLES = ("first_name", "last_name", "texter_name", "city", "organization")
ADD_WORDING = "Reply STOP to opt out."

# {first_name} as we write it, {{first_name}} as people know it from elsewhere.
_FIELD = re.compile(r"\{\{([^{}]{0,80})\}\}|\{([^{}]{0,80})\}")
_UNFILLED = re.compile(r"\{\{?\s*[^\W\d][\w .-]{0,79}\}")


def render(template: str, values: Mapping[str, str], fallbacks: Mapping[str, str]) -> str:
    """The text for one contact: each merge field becomes its value, else its fallback.

    A value of white space counts as missing; a fallback may be empty. What has neither stays
    as it was written, so that `unfilled` finds it. Values are inserted as they are: a name
    that contains "{city}" is not filled in again.
    """

    def fill(found: re.Match[str]) -> str:
        name = _name(found)
        value = values.get(name, "")
        return value if value.strip() else fallbacks.get(name, found[0])

    return _FIELD.sub(fill, template)


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


_WORD = (
    r"[\"'“”‘’«»*(<\[]*\b(?:stop|stop ?all|end|quit|cancel|unsub(?:scribe)?|remove|revoke|opt[- ]?out"
    r"|alto|parar|arr[eê]t)\b[\"'“”‘’«»*)>\].!]*"
)
_ASK = (
    r"(?:reply|replying|respond|responding|text|texting|txt|send|sending|answer|type|write|msg|message"
    r"|rply|resp(?:onde|onda|ondan|onder)?|env[ií](?:a|e|ar|en)|mand[ae]r?|escrib[aeo]|conteste|contesta"
    r"|text[ée]a|r[eé]pond(?:ez|s|re)|envoy(?:ez|er)|envoie|textez|[eé]crivez)"
)
_TO = r"(?:2|to|4|for|=|:|->|→|-|–|—|/|and|if|para|p/|pour|y|et)"
_OUTCOME = (
    r"(?:opt(?:ing)?[- ]?out|quit|end|stop|cancel|unsub(?:scribe)?|be removed|remove|leave|exit|opt[- ]?off"
    r"|no (?:more|longer)|not (?:receive|get)|never|turn off|discontinue|get off"
    r"|cancelar|salir|parar|terminar|detener|dejar|darse de baja|anular|desuscribir(?:se)?|no recibir"
    r"|optar por no|eliminar|finalizar"
    r"|arr[eê]ter|vous d[eé]sabonner|d[eé]sabonner|vous d[eé]sinscrire|se d[eé]sinscrire|annuler|ne plus)"
)
_GAP = r"[^.!?\n]{0,60}"
_SOON = r"(?:\s+(?:any ?time|at any time|now|back|at anytime))?"
_OPT_OUT_WORDING = re.compile(
    # "Reply STOP to opt out", "Text STOP if you no longer want these", "Reply STOP. …"
    rf"\b{_ASK}\s+(?:\w+\s+){{0,2}}{_WORD}{_SOON}\s*{_TO}{_GAP}?\b{_OUTCOME}\b"
    # "STOP=end", "STOP2QUIT", "STOP to opt out"
    rf"|\bstop\s*(?:2|=|to|para|pour)\s*{_OUTCOME}\b"
    # "To opt out, reply STOP", "Para cancelar, responda ALTO"
    rf"|\b{_OUTCOME}\b\??{_GAP}?\b{_ASK}\s+(?:\w+\s+){{0,2}}{_WORD}",
    re.IGNORECASE,
)


def has_opt_out_wording(text: str) -> bool:
    """Whether a script says how to opt out: a word to send and what it does, in one sentence.

    "Reply STOP to opt out", "STOP=end", "To opt out, text STOP", and in Spanish and French
    ("Responda ALTO para cancelar"). A bill that must be stopped is no such wording.
    """
    return bool(_OPT_OUT_WORDING.search(text))
