"""Between the form of an automated action and the services: filling it in, reading it, trying."""

from dataclasses import dataclass
from typing import Any

from flask import g

from webapp.blueprints.automations.forms import CHOSEN, EVERYONE, AutomationForm
from webapp.errors import InvalidError
from webapp.models import Action, Contact, Number, Tag, Texting
from webapp.services import actions, automated, automations, keyword_checks, members, scripts, tags
from webapp.services.automations import Wanted
from webapp.services.numbers import NO_NUMBER
from webapp.texting import scripts as wording
from webapp.web.access import picked
from webapp.web.forms import choices

SAMPLE = "Renee"
NO_TAG = "Choose among the campaign’s own tags."


@dataclass(frozen=True)
class Tried:
    """What is typed, tried out: each keyword with what speaks against it, and the answer."""

    words: list[tuple[str, str]]
    known: str  # the answer to somebody whose name we know
    unknown: str  # and to a phone that nobody knows
    problem: str
    says_stop: bool


def form_of(action: Action | None) -> AutomationForm:
    """The form as the action stands, with the numbers, tags and people that can be chosen."""
    form = AutomationForm(data=_written(action) if action else {})
    numbers = actions.numbers_for(g.campaign.id, Texting.BROADCAST)
    own = [tag for tag in tags.all_of(g.campaign.id) if not tag.is_built_in]
    people = members.people(g.campaign)
    form.number.choices = choices(*((number.id, number.phone) for number in numbers))
    form.tags.choices = choices(*((tag.id, tag.name) for tag in own))
    form.texters.choices = choices(*((one.user.id, one.user.name) for one in people))
    return form


def wanted(form: AutomationForm, action: Action | None) -> Wanted:
    """What was typed, as services.automations takes it."""
    texters = None
    if form.who.data == CHOSEN:
        people = [person.user for person in members.people(g.campaign)]
        texters = [user for user in people if user.id in form.texters.data]
        if not texters:
            raise InvalidError("Choose at least one person.", field="texters")
    number_id = form.number.data
    if action is not None and number_id == action.number_id:
        number_id = None  # It stays as it is.
    return Wanted(
        name=form.name.data or "",
        words=form.words,
        answer=form.answer.data or "",
        opts_in=form.opts_in.data,
        tags=[picked(Tag, one, field="tags", otherwise=NO_TAG) for one in form.tags.data or ()],
        number=picked(Number, number_id, field="number", otherwise=NO_NUMBER)
        if number_id
        else None,
        texters=texters,
    )


def tried(form: AutomationForm, action: Action | None) -> Tried:
    """What would be said of what is typed; nothing is saved."""
    text = scripts.wording_plain(form.answer.data or "")
    known = Contact(first_name=SAMPLE, last_name="Mackey", city="Pilsen", fields={})
    unknown = Contact(first_name="", last_name="", city="", fields={})
    return Tried(
        words=[(word, _against(word, form, action)) for word in form.words],
        known=scripts.render_answer(text, known, g.campaign),
        unknown=scripts.render_answer(text, unknown, g.campaign),
        problem=_problem(text),
        says_stop=wording.has_opt_out_wording(text),
    )


def _against(word: str, form: AutomationForm, action: Action | None) -> str:
    try:
        keyword_checks.check_automated(
            g.campaign, word, opts_in=bool(form.opts_in.data), action_id=action.id if action else 0
        )
    except InvalidError as refusal:
        return str(refusal)
    return ""


def _problem(text: str) -> str:
    try:
        automations.check_answer(g.campaign.id, text)
    except InvalidError as refusal:
        return str(refusal)
    return ""


def _written(action: Action) -> dict[str, Any]:
    shown = automated.of(action)
    chosen = [] if action.all_texters else [user.id for user in actions.texters_of(action)]
    return {
        "name": action.name,
        "keywords": ", ".join(shown.words),
        "opts_in": shown.opts_in,
        "answer": shown.answer.body if shown.answer else "",
        "tags": [tag.id for tag in shown.tags],
        "number": action.number_id,
        "who": EVERYONE if action.all_texters else CHOSEN,
        "texters": chosen,
    }
