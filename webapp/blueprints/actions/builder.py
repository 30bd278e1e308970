"""Between the builder's forms and the services: filling a form in, and reading it."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, g, request, url_for

from webapp.blueprints.actions.forms import (
    CHOSEN,
    EVERYONE,
    AudienceForm,
    BroadcastForm,
    DetailsForm,
    ScriptForm,
    script_form,
)
from webapp.db import utc_now
from webapp.errors import InvalidError
from webapp.models import Action, ActionState, ContactList, Number, Tag, Texting, User
from webapp.services import action_days, actions, audience, members, scripts, tags
from webapp.services.numbers import NO_NUMBER
from webapp.services.scripts import Reply
from webapp.texting import scripts as wording
from webapp.texting.spans import Span
from webapp.web.access import picked
from webapp.web.forms import choices
from webapp.web.htmx import see_other

NO_LIST = "Choose among the campaign’s lists."
NO_TAG = "Choose among the campaign’s tags."


def next_step(action: Action, step: str) -> Response:
    """After a step is saved: the next one of a draft; of a launched action the same page."""
    if action.state is ActionState.DRAFT:
        return see_other(url_for(step, action_id=action.id))
    flash("Saved.")
    return see_other(request.path)


def after_script(action: Action) -> str:
    """Where saving the script leads: a draft's Report Settings, or the same page again."""
    draft = action.state is ActionState.DRAFT
    return url_for("report_settings.edit" if draft else ".script", action_id=action.id)


def details_form(action: Action | None) -> DetailsForm:
    """The details as they stand, with the numbers and people that can be chosen."""
    form = DetailsForm(data=_details_of(action) if action else {})
    offer(form, Texting.P2P)
    return form


def save_details(form: DetailsForm, action: Action) -> None:
    """Save what was typed."""
    actions.set_details(
        action,
        name=form.name.data,
        instruction=form.instruction.data or "",
        batch_size=form.batch_size.data,
        own_replies=form.own_replies.data,
        number=chosen_number(form, action),
        texters=chosen_texters(form),
        days=Span(form.first_day.data, form.last_day.data),
    )
    actions.note_saved(action, now=utc_now())


def chosen_texters(form: DetailsForm | BroadcastForm) -> list[User] | None:
    """The people that were marked; None for everyone. Nobody is refused."""
    if form.who.data != CHOSEN:
        return None
    people = [person.user for person in members.people(g.campaign)]
    texters = [user for user in people if user.id in form.texters.data]
    if not texters:
        raise InvalidError("Choose at least one person.", field="texters")
    return texters


def chosen_number(form: DetailsForm | BroadcastForm, action: Action) -> Number | None:
    """Another number than the one it has; None when it stays as it is."""
    if not form.number.data or form.number.data == action.number_id:
        return None
    return picked(Number, form.number.data, field="number", otherwise=NO_NUMBER)


def offer(form: DetailsForm | BroadcastForm, texting: Texting) -> None:
    """The numbers and people that can be chosen."""
    numbers = actions.numbers_for(g.campaign.id, texting)
    people = members.people(g.campaign)
    form.number.choices = choices(*((number.id, number.phone) for number in numbers))
    form.texters.choices = choices(*((one.user.id, one.user.name) for one in people))


def audience_form(action: Action) -> AudienceForm:
    """The lists and tags as they are chosen, with those that can be."""
    form = AudienceForm(
        data={
            "lists": [one.id for one in audience.lists_of(action)],
            "with_tags": [tag.id for tag in audience.tags_of(action, excludes=False)],
            "without_tags": [tag.id for tag in audience.tags_of(action, excludes=True)],
        }
    )
    own = [tag for tag in tags.all_of(g.campaign.id) if not tag.is_built_in]
    form.lists.choices = choices(*((one.id, one.name) for one in audience.choices(g.campaign.id)))
    own_tags = choices(*((tag.id, tag.name) for tag in own))
    form.with_tags.choices = form.without_tags.choices = own_tags
    return form


def choose_audience(action: Action, form: AudienceForm) -> None:
    """Save what was ticked."""
    audience.choose(
        action,
        [picked(ContactList, one, field="lists", otherwise=NO_LIST) for one in form.lists.data],
        with_tags=_tags("with_tags", form.with_tags.data),
        without_tags=_tags("without_tags", form.without_tags.data),
    )
    actions.note_saved(action, now=utc_now())


def _tags(field: str, ids: Sequence[int]) -> list[Tag]:
    return [picked(Tag, tag_id, field=field, otherwise=NO_TAG) for tag_id in ids]


def _mark(tag_id: int) -> Tag | None:
    return _tags("replies", [tag_id])[0] if tag_id else None


def script_form_of(action: Action) -> ScriptForm:
    """The first texts and saved replies as they stand, each with an empty place more."""
    texts, replies = scripts.of(action), scripts.saved_replies(action)
    values: dict[str, Any] = {f"text-{n}": text.body for n, text in enumerate(texts)}
    for n, reply in enumerate(replies):
        values |= {
            f"title-{n}": reply.title,
            f"reply-{n}": reply.body,
            f"tag-{n}": reply.tag_id or 0,
        }
    form = script_form(len(texts), len(replies), values)
    every = tags.all_of(g.campaign.id)
    marks = choices((0, "Nothing"), *((tag.id, tag.name) for tag in every))
    for _title, _reply, tag in form.replies:
        tag.choices = marks
    return form


def save_script(action: Action, form: ScriptForm, *, add_wording: bool) -> str:
    """Save the step; returns the sentence that tells it. A reply without words is dropped.

    RefusedError when the first texts were changed while somebody else launched the action.
    """
    typed = [field.data or "" for field in form.texts]
    if add_wording:
        typed = [_with_wording(text) for text in typed]
    if action.state is ActionState.DRAFT or _rewrites(action, typed):
        scripts.set_scripts(action, typed)
    replies = [
        Reply(title.data or "", body.data or "", _mark(tag.data))
        for title, body, tag in form.replies
        if title.data or body.data
    ]
    scripts.set_saved_replies(action, replies)
    actions.note_saved(action, now=utc_now())
    written = [*typed, *(reply.body for reply in replies)]
    if any(scripts.wording_plain(text) != text.strip() for text in written):
        return (
            "Saved. Curly quotes and long dashes were changed to plain ones: "
            "one of them cuts a text from 160 to 70 characters."
        )
    return "Saved."


def _rewrites(action: Action, typed: Sequence[str]) -> bool:
    """Whether other first texts were typed; the page of a launched action sends none."""
    texts = [text for one in typed if (text := scripts.wording_plain(one))]
    return bool(texts) and texts != [text.body for text in scripts.of(action)]


def refuse_script(form: ScriptForm, action: Action, refusal: InvalidError) -> None:
    """Show a refusal at the text it is about, as far as that can be told."""
    known = scripts.known_variables(action)
    fields, about_first = form.texts, refusal.field != "replies"
    if not about_first:
        fields = [body if title.data else title for title, body, _tag in form.replies]
    about = [
        field
        for field in fields
        if str(refusal) in _problems(action, field.data or " ", known, is_first=about_first)
    ]
    field = (about or fields)[0]
    field.errors = [*field.errors, str(refusal)]


def _problems(action: Action, text: str, known: Sequence[str], *, is_first: bool) -> list[str]:
    plain = scripts.wording_plain(text)
    found = wording.check(plain, known)
    return [*found, *scripts.without_texter(action, plain)] if is_first else found


def _with_wording(text: str) -> str:
    if not text.strip() or wording.has_opt_out_wording(text):
        return text
    return f"{text.rstrip()} {wording.ADD_WORDING}"


def _details_of(action: Action) -> dict[str, Any]:
    chosen = [] if action.all_texters else [user.id for user in actions.texters_of(action)]
    return {
        "name": action.name,
        "instruction": action.instruction,
        "number": action.number_id,
        "batch_size": action.batch_size,
        "first_day": action_days.of(action).first,
        "last_day": action_days.of(action).last,
        "own_replies": action.own_replies,
        "who": EVERYONE if action.all_texters else CHOSEN,
        "texters": chosen,
    }
