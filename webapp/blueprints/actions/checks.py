"""What to look at before a launch, line by line."""

import re
from dataclasses import dataclass

from flask import g, url_for

from webapp.db import utc_now
from webapp.models import Action, ActionKind, Campaign, Number, Reason
from webapp.services import action_days, launches, recipients, report_settings, scripts
from webapp.services.launches import Preview
from webapp.texting import phones
from webapp.texting import scripts as wording
from webapp.web import filters

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
QUOTED = 80  # characters
WORDS = {"first_name": "first name", "last_name": "last name", "city": "city"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list: `state` is ok, warn or danger; danger keeps from launching."""

    state: str
    title: str
    text: str
    href: str
    link: str = "Change"


def before_launch(
    action: Action, campaign: Campaign, number: Number | None, safeguard: Preview
) -> list[Check]:
    """Every line, what keeps from launching first. The audience is asked, nothing is written."""
    broadcast = action.kind is ActionKind.BROADCAST
    return [
        *_missing(action, number),
        _report(action),
        *_wording(action),
        *(_consent(safeguard) if broadcast else ()),
        *_values(action),
        _hours(campaign, broadcast=broadcast),
        *_days(action),
        *((_threshold(action),) if broadcast else ()),
        *_number(action, number),
    ]


def _missing(action: Action, number: Number | None) -> list[Check]:
    """What keeps from launching, each with the step where it can be put right."""
    of_script = scripts.problems(action)
    numbers = f"/c/{g.campaign.slug}/settings/numbers"
    checks = []
    for problem in launches.problems(action, now=utc_now()):
        step = "script" if problem in of_script else "audience"
        if problem.endswith("in Details.") and not problem.startswith("Add a number"):
            step = "details"
        href = url_for(f"actions.{step}", action_id=action.id)
        about_number = number is None and problem.startswith("Add a number")
        checks.append(Check("danger", problem, "", numbers if about_number else href))
    return checks


def _report(action: Action) -> Check:
    tag = report_settings.opt_out_tag(action)
    href = url_for("report_settings.edit", action_id=action.id)
    if report_settings.has_opt_out_tag(action):
        return Check(
            "ok",
            f"The report includes {tag.name}",
            "Texters can record “please don’t text me” and other plain-language requests.",
            href,
        )
    return Check(
        "warn",
        "Texters can’t record opt-outs in this action",
        f"{tag.name} isn’t in the report. STOP still works by itself.",
        href,
    )


def _consent(safeguard: Preview) -> list[Check]:
    """Broadcasts go to subscribers alone; where the others' consent can come from."""
    without = safeguard.suppressed.get(Reason.NO_CONSENT, 0)
    if not without:
        said = "They signed up at an import that says where and when, or by an opt-in keyword."
        if not safeguard.ready:
            return []
        return [Check("ok", "Everybody who will be texted has opted in", said, "", "")]
    people = "1 person has" if without == 1 else f"{without:,} people have"
    return [
        Check(
            "warn",
            f"{people} no broadcast consent on record",
            "Safeguard leaves them out. If they signed up to get your texts, import them again "
            "and say where and when; anybody can also text an opt-in keyword such as JOIN to "
            "your broadcast number.",
            url_for("contacts.upload"),
            "Record consent",
        )
    ]


def _threshold(action: Action) -> Check:
    href = url_for("actions.details", action_id=action.id)
    if not action.pause_per_mille:
        said = "Nobody is told when many people opt out."
        return Check("warn", "It never pauses itself", said, href)
    when = f"at {action.pause_per_mille / 10:g}% opt-outs, once {action.pause_after:,} are sent"
    if action.pause_only_warns:
        return Check("warn", f"It only warns {when}", "It goes on by itself.", href)
    return Check("ok", f"It pauses itself {when}", "The admins are told.", href)


def _wording(action: Action) -> list[Check]:
    if not scripts.of(action):
        return []
    href = url_for("actions.script", action_id=action.id)
    if scripts.lacks_opt_out_wording(action):
        said = "Carriers ask for it. Add “Reply STOP to opt out.”"
        return [Check("warn", "The first text doesn’t say how to opt out", said, href)]
    return [Check("ok", "The first text says how to opt out", _opt_out_words(action), href)]


def _opt_out_words(action: Action) -> str:
    """The sentence of the first version that says it; a long one, or none, is not quoted."""
    sentences = SENTENCE_ENDS.split(scripts.of(action)[0].body.strip())
    said = [one for one in sentences if wording.has_opt_out_wording(one)]
    return f"“{said[-1]}”" if said and len(said[-1]) <= QUOTED else "Carriers ask for it."


def _values(action: Action) -> list[Check]:
    href = url_for("actions.script", action_id=action.id)
    checks = []
    for lack in recipients.missing_values(action):
        people = "1 contact has" if lack.people == 1 else f"{lack.people:,} contacts have"
        title = f"{people} no {WORDS.get(lack.variable, lack.variable)}"
        if lack.fallback is None:
            said = f"{{{lack.variable}}} has no fallback, so they can’t be texted."
        elif lack.fallback:
            said = f"Their text says “{lack.fallback}” instead."
        else:
            said = "Their text leaves it out."
        checks.append(Check("warn", title, said, href))
    return checks


def _hours(campaign: Campaign, *, broadcast: bool) -> Check:
    href = f"/c/{campaign.slug}/settings/texting"
    if campaign.hours.always:
        return Check("ok", "Texting is open at any time", "The campaign’s hours are off.", href)
    opens, closes = _clock(campaign.opens_minute), _clock(campaign.closes_minute)
    said = f"Outside these hours texters see “Texting is closed until {opens}”."
    if broadcast:
        said = "Outside these hours a text waits until they begin where the contact lives."
    title = f"Texting hours are {opens} to {closes}, in each contact’s time zone"
    return Check("ok", title, said, href)


def _days(action: Action) -> list[Check]:
    """The days on which texters text; a last day that is past stands with what is missing."""
    said, now = filters.days(action), utc_now()
    if not said or action_days.is_over(action, now=now):
        return []
    href = url_for("actions.details", action_id=action.id)
    text = action_days.why_closed(action, now=now) or "Texters get contacts from the launch on."
    return [Check("ok", f"First texts go out on these days: {said}", text, href)]


def _number(action: Action, number: Number | None) -> list[Check]:
    if number is None:
        return []
    href = url_for("actions.details", action_id=action.id)
    said = "Replies to this number land in your texters’ inboxes."
    return [Check("ok", f"Texts come from {phones.pretty(number.phone)}", said, href)]


def _clock(minute: int) -> str:
    hour, past = divmod(minute, 60)
    tail = f":{past:02}" if past else ""
    return f"{hour % 12 or 12}{tail} {'am' if hour % 24 < 12 else 'pm'}"
