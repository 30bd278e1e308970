"""Sign-up forms: they write a wish down, text nobody and change no opt-out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Campaign,
    Contact,
    Message,
    Number,
    NumberKind,
    Signup,
    SignupForm,
    Texting,
)
from webapp.services import (
    actions,
    contacts,
    erasure,
    numbers,
    opt_in_words,
    signup_entries,
    signups,
)

NOW = utc_now()


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(slug="rivera")


@pytest.fixture
def number(home: Campaign) -> Number:
    return factories.number(home, kind=NumberKind.BROADCAST)


def make(home: Campaign, number: Number, title: str = "Rally list", **values: Any) -> SignupForm:
    with transaction():
        more = {"keyword": "join", **values}
        return signups.make(home, title, number=number, by=None, now=NOW, **more)


def sign_up(form: SignupForm, phone: str, **names: str) -> bool:
    with transaction():
        return signups.sign_up(form, phone, **names, now=NOW)


def test_a_form_has_an_address_of_its_own(home: Campaign, number: Number) -> None:
    first, second = make(home, number), make(home, number)
    assert (first.slug, second.slug) == ("rivera-rally-list", "rivera-rally-list-2")
    assert signups.find(first.slug) == first and signups.find("nothing") is None
    assert make(home, number, "Für Ärzte & Co. " + "x" * 60).slug.startswith(
        "rivera-fur-arzte-co-x"
    )


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", {"title": " "}),
        ("keyword", {"keyword": "VOLUNTEER"}),
        ("keyword", {"keyword": "STOP"}),
        ("intro", {"intro": "x" * 501}),
    ],
)
def test_a_form_that_could_not_work_is_refused(
    home: Campaign, number: Number, field: str, values: dict[str, str]
) -> None:
    with pytest.raises(InvalidError) as refused:
        make(home, number, **values)
    assert refused.value.field == field


def test_its_number_has_to_serve_broadcasts(home: Campaign, number: Number) -> None:
    elsewhere = factories.number(factories.campaign())
    refused = {
        factories.number(home, kind=NumberKind.P2P): "for another kind of texting",
        elsewhere: "Choose one of the campaign’s numbers",
    }
    for other, says in refused.items():
        with pytest.raises(InvalidError, match=says):
            make(home, other)


def test_a_wish_is_written_down_once_for_each_phone_and_texts_nobody(
    home: Campaign, number: Number
) -> None:
    form = make(home, number)
    assert sign_up(form, "(312) 555-0142", first_name="Dana")
    assert not sign_up(form, "+1 312 555 0142", first_name="Somebody else")
    assert sign_up(form, "312.555.0143")
    entries, more = signup_entries.page(form)
    assert [(one.signup.phone, one.signup.first_name) for one in entries] == [
        ("+13125550143", ""),
        ("+13125550142", "Dana"),
    ]
    assert (form.entries, more) == (2, None)
    for model in (Message, Contact):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_a_phone_that_is_none_is_refused(home: Campaign, number: Number) -> None:
    form = make(home, number)
    with pytest.raises(InvalidError) as refused:
        sign_up(form, "555-01")
    assert refused.value.field == "phone"


def test_somebody_opted_out_who_signs_up_changes_nothing(home: Campaign, number: Number) -> None:
    gone = factories.contact(of=home, opted_out_of=Texting.BROADCAST, subscribed_at=None)
    form = make(home, number)
    assert sign_up(form, gone.phone)
    (entry,), _ = signup_entries.page(form)
    assert (entry.contact, entry.opted_out) == (gone, True)
    assert gone.subscribed_at is None
    assert [row[-1] for row in signup_entries.rows(form)] == ["true"]


def test_a_closed_form_takes_nobody_in_and_can_be_opened_again(
    home: Campaign, number: Number
) -> None:
    form = make(home, number)
    with transaction():
        assert signups.set_open(form, False, by=None, now=NOW)
        assert not signups.set_open(form, False, by=None, now=NOW)
    with pytest.raises(ConflictError):
        sign_up(form, "(312) 555-0142")
    with transaction():
        signups.set_open(form, True, by=None, now=NOW)
    assert sign_up(form, "(312) 555-0142")


def test_a_form_whose_keyword_or_number_serves_no_more_takes_nobody_in(
    home: Campaign, number: Number
) -> None:
    action = factories.automation("RALLY", of=home, opts_in=True)
    form = make(home, number, keyword="RALLY")
    assert signups.is_taking(form)
    with transaction():
        actions.finish(action, by=None, now=NOW)
    assert signups.problem(form) == "RALLY doesn’t opt people in any more."
    with transaction():
        opt_in_words.add(home, "RALLY", by=None, now=NOW)
    assert signups.is_taking(form)
    with transaction():
        numbers.retire(number, by=None, now=NOW)
    assert "doesn’t serve broadcasts any more" in signups.problem(form)
    assert not signups.is_taking(form)


def test_a_change_keeps_the_address(home: Campaign, number: Number) -> None:
    form = make(home, number)
    with transaction():
        values: dict[str, Any] = {"keyword": "START", "number": number, "by": None, "now": NOW}
        assert signups.change(form, "Fall rally", **values)
        assert not signups.change(form, "Fall rally", **values)
    assert (form.slug, form.title, form.keyword) == ("rivera-rally-list", "Fall rally", "START")


def test_whoever_is_forgotten_leaves_no_name_behind(home: Campaign, number: Number) -> None:
    form = make(home, number)
    contact = factories.contact(of=home)
    sign_up(form, contact.phone, first_name="Dana", last_name="Whitfield")
    with transaction():
        contacts.forget(contact, bodies=False, by=None, now=NOW)
    entry = db.session.scalars(select(Signup)).one()
    assert (entry.phone, entry.first_name, entry.last_name) == (contact.phone, "", "")


def test_whoever_is_erased_leaves_no_number_behind_and_can_sign_up_again(
    home: Campaign, number: Number
) -> None:
    forms = [make(home, number), make(home, number)]
    contact = factories.contact(of=home)
    phone = contact.phone
    for form in forms:
        sign_up(form, phone, first_name="Dana")
    with transaction():
        erasure.erase(contact, by=None, now=NOW)
    for form in forms:
        ((kept, *_),) = signup_entries.rows(form)
        assert kept.startswith("erased ") and phone[-4:] not in kept
        assert form.entries == 1
    assert sign_up(forms[0], phone)


def test_many_entries_come_in_pages(home: Campaign, number: Number) -> None:
    form = make(home, number)
    with transaction():
        for n in range(signup_entries.PAGE + 5):
            now = NOW + timedelta(seconds=n)
            signups.sign_up(form, factories.phone_of(n), now=now)
    first, more = signup_entries.page(form)
    rest, last = signup_entries.page(form, before=more)
    assert (len(first), len(rest), last) == (signup_entries.PAGE, 5, None)
    assert len(list(signup_entries.rows(form))) == signup_entries.PAGE + 5
