"""Signing in and out, joining, one's own account."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import LoginSession, Membership, Role, User
from webapp.services import accounts, joining

SignIn = Callable[[User], Browser]
NEW = "wandering ducks at noon"


def sign_in(browser: Browser, person: User, password: str = factories.PASSWORD, **more: str):
    return browser.post("/login", {"email": person.email, "password": password, **more})


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/me").status_code == 200


def test_somebody_signs_in_and_lands_where_their_role_works(client: Browser) -> None:
    admin = factories.admin()
    slug = factories.the_campaign().slug

    response = sign_in(client, admin)

    assert (response.status_code, response.location) == (303, "/")
    assert client.get("/").location == f"/c/{slug}/"


def test_a_texter_lands_on_text(client_for: SignIn) -> None:
    texter = factories.texter()
    assert client_for(texter).get("/").location == f"/c/{factories.the_campaign().slug}/text"


def test_somebody_in_several_campaigns_chooses(client_for: SignIn) -> None:
    person = factories.texter(factories.campaign(name="Rivera for Council"))
    other = factories.campaign(name="Ward 25")
    with transaction():
        joining.join(other.join_code, person, now=utc_now())

    page = client_for(person).get("/").text

    assert "Rivera for Council" in page and f'href="/c/{other.slug}/text"' in page


def test_somebody_in_no_campaign_is_asked_for_the_code(client_for: SignIn) -> None:
    assert "Enter the code" in client_for(factories.user()).get("/").text


def test_wrong_email_and_wrong_password_get_the_same_answer(client: Browser) -> None:
    person = factories.texter()
    said = []
    for email, password in [(person.email, "wrong"), ("nobody@example.org", "wrong")]:
        page = client.post("/login", {"email": email, "password": password})
        assert page.status_code == 422
        said.append(page.text.replace(email, "").partition("<main")[2].partition("csrf_token")[0])
    assert "That email and password don’t match." in said[0] or (
        "That email and password don&#39;t match." in said[0]
    )
    assert said[0] == said[1]
    assert not is_signed_in(client)


def test_what_was_typed_stays_but_the_password_does_not(client: Browser) -> None:
    page = client.post("/login", {"email": "ana@example.org", "password": "s3cret-s3cret"})

    assert 'value="ana@example.org"' in page.text
    assert "s3cret" not in page.text


@pytest.mark.parametrize(
    ("given", "lands"),
    [
        ("/c/rivera/inbox?view=all", "/c/rivera/inbox?view=all"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_nobody_is_led_to_another_site(
    client: Browser, given: str, lands: str
) -> None:
    assert sign_in(client, factories.texter(), next=given).location == lands


def test_the_way_back_survives_a_wrong_password(client: Browser) -> None:
    factories.the_campaign()
    assert 'name="next" value="/c/rivera/team"' in client.get("/login?next=/c/rivera/team").text
    page = sign_in(client, factories.texter(), "wrong", next="/c/rivera/team")
    assert 'name="next" value="/c/rivera/team"' in page.text


def test_signing_in_begins_a_fresh_session(client: Browser) -> None:
    """A cookie that somebody else planted before the sign-in is worth nothing after it."""
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = client.csrf_token()

    sign_in(client, factories.texter())

    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/me", {"csrf_token": before}, csrf=False).status_code == 400


def test_signing_in_once_more_ends_the_session_before(client_for: SignIn) -> None:
    person = factories.texter()
    browser = client_for(person)
    before = browser.get_cookie("heed_session")

    assert sign_in(browser, person).status_code == 303

    assert is_signed_in(browser)
    assert before is not None
    browser.set_cookie("heed_session", before.value)
    assert not is_signed_in(browser)


def test_signing_out_ends_the_session_on_the_server(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    cookie = browser.get_cookie("heed_session")

    response = browser.post("/logout")
    assert response.location == "/login"
    assert "You are signed out." in browser.get("/login").text

    assert cookie is not None
    browser.set_cookie("heed_session", cookie.value)
    assert not is_signed_in(browser)


def test_signing_out_everywhere_ends_every_session(client_for: SignIn) -> None:
    person = factories.texter()
    phone, laptop, other = client_for(person), client_for(person), client_for(factories.texter())

    phone.post("/me/sign-out-everywhere")

    assert [is_signed_in(browser) for browser in (phone, laptop, other)] == [False, False, True]


def test_ten_wrong_passwords_close_an_account_for_five_minutes(client: Browser) -> None:
    victim, other = factories.texter(), factories.texter()
    statuses = [sign_in(client, victim, "wrong").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]

    page = sign_in(client, victim)
    assert page.status_code == 429 and page.headers["Retry-After"] == "300"
    assert "Too many tries" in page.text and "5 minutes" in page.text
    assert sign_in(client, other).status_code == 303


def test_spaces_around_an_email_make_no_other_account_of_it(client: Browser) -> None:
    victim = factories.texter()
    for spaces in range(240, 250):
        client.post("/login", {"email": " " * spaces + victim.email, "password": "wrong"})
    assert sign_in(client, victim).status_code == 429


def test_many_accounts_tried_from_one_address_are_too_many(client: Browser) -> None:
    for n in range(30):
        client.post("/login", {"email": f"p{n}@example.org", "password": "wrong"})
    assert sign_in(client, factories.texter()).status_code == 429


def test_signing_in_often_is_no_attack(client: Browser) -> None:
    person = factories.texter()
    assert {sign_in(client, person).status_code for _ in range(12)} == {303}


def test_join_codes_cannot_be_guessed_by_the_thousand(client: Browser) -> None:
    statuses = [client.get(f"/join/ZZZ{n:03}").status_code for n in range(21)]
    assert statuses == [404] * 20 + [429]


def test_a_stranger_joins_with_the_code_and_is_signed_in(client: Browser) -> None:
    campaign = factories.campaign(name="Rivera for Council", join_code="ABCDEF")

    assert client.post("/join", {"code": " abcdef "}).location == "/join/ABCDEF"
    assert "Rivera for Council" in client.get("/join/ABCDEF").text
    response = client.post(
        "/join/ABCDEF", {"name": "Ana Ruiz", "email": "Ana@Example.org", "password": NEW}
    )

    assert response.location == "/training"
    assert is_signed_in(client)
    person = accounts.find("ana@example.org")
    assert person is not None
    assert db.session.get_one(Membership, (campaign.id, person.id)).role is Role.TEXTER


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "short"}, "Use at least 12 characters."),
        ({"password": "password1234"}, "too easy to guess"),
        ({"password": "rivera-2026!!"}, "too easy to guess"),
        ({"email": "no email"}, "Enter an email address"),
        ({"name": ""}, "Enter your name."),
        ({"name": "A\x00"}, "Take out the character"),
    ],
)
def test_joining_says_what_is_wrong_and_makes_nothing(
    client: Browser, changes: dict[str, str], said: str
) -> None:
    factories.campaign(name="Rivera", join_code="ABCDEF")
    typed = {"name": "Ana Ruiz", "email": "ana@example.org", "password": NEW}

    page = client.post("/join/ABCDEF", typed | changes)

    assert page.status_code == 422 and said in page.text
    assert db.session.scalars(select(User)).all() == []


def test_joining_with_a_known_email_does_not_take_over_the_account(client: Browser) -> None:
    person = factories.user(name="Ana Ruiz")
    factories.campaign(join_code="ABCDEF")

    page = client.post("/join/ABCDEF", {"name": "Eve", "email": person.email, "password": NEW})

    assert page.status_code == 422 and "already an account" in page.text
    assert not is_signed_in(client)
    assert accounts.who(person.email, factories.PASSWORD).name == "Ana Ruiz"


def test_a_member_joins_another_campaign_with_one_button(client_for: SignIn) -> None:
    person = factories.texter()
    other = factories.campaign(join_code="ABCDEF")
    browser = client_for(person)

    assert f"Join {other.name}" in browser.get("/join/ABCDEF").text
    assert browser.post("/join/ABCDEF").location == "/training"
    with transaction():
        accounts.complete_training(person, now=utc_now())
    assert browser.post("/join/ABCDEF").location == f"/c/{other.slug}/text"
    assert db.session.get(Membership, (other.id, person.id)) is not None


def test_a_closed_campaign_says_so(client: Browser) -> None:
    factories.campaign(join_code="ABCDEF", join_open=False)

    assert client.get("/join/ABCDEF").status_code == 409
    page = client.post("/join", {"code": "ABCDEF"})
    assert page.status_code == 422 and "taking new texters right now" in page.text


def test_a_reset_link_sets_a_password_once(client: Browser) -> None:
    person = factories.texter()
    old = factories.session_token(person)
    with transaction():
        token = accounts.make_reset_link(person, by=None, now=utc_now())

    assert person.email in client.get(f"/reset/{token}").text
    assert client.post(f"/reset/{token}", {"password": "password1234"}).status_code == 422
    assert client.post(f"/reset/{token}", {"password": NEW}).location == "/login"

    assert client.get(f"/reset/{token}").status_code == 404
    client.sign_in_as(old)
    assert not is_signed_in(client)
    assert sign_in(client, person, NEW).status_code == 303


def test_an_unknown_reset_link_says_that_it_has_expired(client: Browser) -> None:
    page = client.get("/reset/none")
    assert page.status_code == 404 and "This link has expired" in page.text


def test_a_password_is_changed_with_the_present_one(client_for: SignIn) -> None:
    person = factories.texter()
    here, there = client_for(person), client_for(person)

    wrong = here.post("/me/password", {"present": "wrong", "password": NEW})
    assert wrong.status_code == 422 and "present password" in wrong.text
    right = here.post("/me/password", {"present": factories.PASSWORD, "password": NEW})

    assert right.location == "/me"
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert accounts.who(person.email, NEW) == person


def test_guessing_the_present_password_is_throttled_too(client_for: SignIn) -> None:
    browser = client_for(factories.texter())
    typed = {"present": "wrong", "password": NEW}
    statuses = [browser.post("/me/password", typed).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]


def test_an_account_is_changed_on_its_page(client_for: SignIn) -> None:
    person = factories.texter()
    browser = client_for(person)

    assert browser.post("/me", {"name": "Ana Ruiz", "theme": "dark"}).location == "/me"

    for page in ("/me", "/me/password", "/help", "/help/opt-outs", "/join", "/training/1"):
        assert '<html lang="en" data-theme="dark">' in browser.get(page).text, page
    db.session.refresh(person)
    assert (person.name, person.shortcuts, person.archives_on_report) == ("Ana Ruiz", False, False)


def test_a_name_is_shown_as_text(client_for: SignIn) -> None:
    name = '<b onmouseover="x">{{ 7 * 7 }}</b>'
    page = client_for(factories.user(name=name)).get("/me").text
    assert "&lt;b onmouseover" in page and "{{ 7 * 7 }}" in page


def test_no_session_row_is_left_open_by_a_refused_sign_in(client: Browser) -> None:
    sign_in(client, factories.texter(), "wrong")
    assert db.session.scalars(select(LoginSession)).all() == []
