"""Merge fields are filled once, and a script says how to opt out."""

import pytest

from webapp.texting.scripts import (
    ADD_WORDING,
    check,
    could_read,
    fields,
    has_opt_out_wording,
    render,
    render_what_is_known,
    unfilled,
)

VALUES = {"first_name": "Ana", "last_name": " ", "city": "Joliet", "ward": "25"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {first_name}!", "Hi Ana!"),
        ("Hi {{first_name}}!", "Hi Ana!"),
        ("Hi {{ First Name }}!", "Hi Ana!"),
        ("{first-name} of ward {ward}", "Ana of ward 25"),
        ("Dear {last_name}", "Dear friend"),
        ("Dear {organization}", "Dear "),
        ("Hi {nickname}", "Hi {nickname}"),
        ("Hi {{nickname}}", "Hi {{nickname}}"),
        ("no fields { here", "no fields { here"),
        ("{}", "{}"),
    ],
)
def test_a_template_is_filled_with_values_and_fallbacks(template, text):
    assert render(template, VALUES, {"last_name": "friend", "organization": ""}) == text


def test_a_value_that_looks_like_a_field_is_not_filled_in_again():
    values = {"first_name": "{city}", "city": "Joliet"}

    assert render("{first_name} {city}", values, {}) == "{city} Joliet"
    assert render("{first_name}", {"first_name": r"\1 \g<0>"}, {}) == r"\1 \g<0>"


@pytest.mark.parametrize(
    ("template", "problems"),
    [
        ("Hi {first_name} of {ward}", []),
        ("", ["The script is empty."]),
        (" \n", ["The script is empty."]),
        ("{fist_name}", ["There is no merge field {fist_name}. Did you mean {first_name}?"]),
        ("{zzz}", ["There is no merge field {zzz}."]),
        ("{zzz} {ZZZ}", ["There is no merge field {zzz}."]),
        ("Hi {first_name", ["A { has no closing }."]),
        ("Hi first_name}", ["A } has no opening {."]),
        ("Hi { }", ["There is no field name between { and }."]),
    ],
)
def test_a_template_is_checked_in_sentences(template, problems):
    assert check(template, ["ward"]) == problems


def test_the_fields_of_a_template_are_named_once():
    assert fields("{city} {{first_name}} {City}") == ["city", "first_name"]


@pytest.mark.parametrize("text", ["Hi {first_name}", "Hi {{ city }}", "{Ward 25}"])
def test_a_field_that_is_left_is_noticed(text):
    assert unfilled(text)


@pytest.mark.parametrize("text", ["Hi Ana", ":-}", "{1}", "a { b } c?"[:4], ""])
def test_a_brace_alone_is_no_field(text):
    assert not unfilled(text)


@pytest.mark.parametrize(
    "text",
    [
        ADD_WORDING,
        "Text STOP to quit",
        "STOP=end",
        "STOP2QUIT",
        "Stop2End",
        "Reply “STOP” to opt-out.",
        "reply stop to unsubscribe",
        "Txt STOP 2 quit",
        "Respond with STOP to opt out",
        "Reply with the word STOP to unsubscribe",
        "Reply STOP if you no longer want texts",
        "Reply STOP anytime to opt out",
        "Reply STOP or END to opt out",
        "Reply HELP for help, STOP to cancel.",
        "To opt out, reply STOP",
        "Opt out? Reply STOP",
        "If you want to opt out, just text STOP",
        "Hi Ana, it's Sam with Rivera. Can we count on you? Stop to end",
        "Responde ALTO para cancelar",
        "Responda STOP para no recibir más mensajes",
        "Para cancelar, responda ALTO.",
        "Envía PARAR para salir",
        "Répondez ARRET pour vous désabonner",
        "Envoyez STOP pour arrêter",
    ],
)
def test_opt_out_wording_is_found(text):
    assert has_opt_out_wording(f"Hi {{first_name}}, it's Sam. {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi Ana, can you help us stop the bill and end corruption?",
        "We must stop this to end it",
        "Reply YES to join us",
        "Text us to stop the bill",
        "Stop by our office to vote",
        "Let's stop cancel culture",
        "Will you reply to end the debate?",
        "Opt out of fossil fuels",
        "Reply with your bus stop and end time",
        "Stop! Vote today.",
    ],
)
def test_talk_of_stopping_is_no_opt_out_wording(text):
    assert not has_opt_out_wording(text)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {first_name}, thanks!", "Hi, thanks!"),
        ("Thanks, {first_name}!", "Thanks!"),
        ("Thanks {first_name}. See you.", "Thanks. See you."),
        ("{first_name}, welcome to {organization}.", "welcome to Rivera."),
        ("Hello {first_name} {last_name}.", "Hello."),
        ("Hello {first_name} {last_name}, hi", "Hello, hi"),
        ("Welcome, {first_name}", "Welcome"),
        ("Hi {first_name}\nVote!", "Hi\nVote!"),
        ("Two  spaces , and {organization}", "Two  spaces , and Rivera"),
        ("Polls near {city} are open", "Polls near you are open"),
    ],
)
def test_an_answer_leaves_out_what_is_not_known(template: str, text: str) -> None:
    known = {"organization": "Rivera", "first_name": "", "city": " "}
    assert render_what_is_known(template, known, {"city": "you", "last_name": ""}) == text


@pytest.mark.parametrize(
    ("template", "text", "may_be"),
    [
        ("Vote on Tuesday. Reply STOP to end.", "Vote on Tuesday. Reply STOP to end.", True),
        ("Vote on Tuesday. Reply STOP to end.", "Vote on Tuesday. Reply STOP to end. ", True),
        ("Vote on Tuesday. Reply STOP to end.", "Vote on Tuesday. Reply STOP to end, too", False),
        ("Hi {first_name}, vote on Tuesday, please!", "Hi Ana, vote on Tuesday, please!", True),
        ("Hi {first_name}, vote on Tuesday, please!", "Hi , vote on Tuesday, please!", True),
        ("Hi {{ First Name }}, vote on Tuesday, please!", "Hi Ana, vote on Tuesday, please!", True),
        ("Hi {first_name}, vote on Tuesday, please!", "Hi Ana, vote on Monday, please!", False),
        ("Hi {first_name}, vote on Tuesday at {city}", "Hi Ana, vote on Tuesday at Elgin", True),
        ("{first_name}: vote on Tuesday at {city}", "Ana: vote on Tuesday at ", True),
        ("{a} vote on Tuesday at six", "vote on Tuesday at six", True),
        ("{a}vote on Tuesday at six{b}", "vote on Tuesday at six", True),
        # The end must not be found in what stands before it.
        ("Vote vote vote vote{a}vote vote", "Vote vote vote vote vote", False),
        # It says too little by itself.
        ("{first_name}: {news}", "Ana: vote on Tuesday", False),
        ("", "", False),
    ],
)
def test_a_text_is_known_again_by_the_words_between_the_fields(
    template: str, text: str, may_be: bool
) -> None:
    assert could_read(template, text) is may_be
