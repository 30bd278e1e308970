"""The team pages."""

from collections.abc import Callable

import pytest

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import Conversation, Membership, Role, User
from webapp.services import accounts, joining

SignIn = Callable[[User], Browser]


@pytest.fixture
def owner() -> User:
    return factories.owner(name="Maya Okafor")


@pytest.fixture
def team(owner: User) -> str:
    return f"/c/{factories.the_campaign().slug}/team"


def role_of(person: User) -> Role | None:
    place = db.session.get(Membership, (factories.the_campaign().id, person.id))
    return place.role if place and place.removed_at is None else None


def test_the_team_shows_people_the_code_and_the_link(
    client_for: SignIn, owner: User, team: str
) -> None:
    factories.texter(name="Ana Ruiz")
    code = factories.the_campaign().join_code

    page = client_for(owner).get(team).text

    assert "Maya Okafor" in page and "Ana Ruiz" in page and "2 people" in page
    assert f"http://127.0.0.1:8000/join/{code}" in page
    assert 'aria-label="QR code of the join link"' in page
    assert f"enter the code {code}." in page


def test_alone_in_a_campaign(client_for: SignIn, owner: User, team: str) -> None:
    assert "just you so far" in client_for(owner).get(team).text


def test_a_new_code_is_asked_about_first(client_for: SignIn, owner: User, team: str) -> None:
    browser, code = client_for(owner), factories.the_campaign().join_code

    assert "The old link stops working." in browser.get(f"{team}/join-code").text
    assert factories.the_campaign().join_code == code
    assert browser.post(f"{team}/join-code").location == team
    assert factories.the_campaign().join_code != code


def test_the_campaign_stops_taking_texters(
    client_for: SignIn, client: Browser, owner: User, team: str
) -> None:
    code = factories.the_campaign().join_code
    assert 'name="open" value="on" data-autosubmit checked' in client_for(owner).get(team).text
    client_for(owner).post(f"{team}/taking-texters", {})
    assert client.get(f"/join/{code}").status_code == 409
    assert "Nobody can join right now." in client_for(owner).get(team).text
    client_for(owner).post(f"{team}/taking-texters", {"open": "on"})
    assert client.get(f"/join/{code}").status_code == 200


def test_a_stranger_is_invited_with_a_link_that_is_shown_once(
    client_for: SignIn, client: Browser, owner: User, team: str
) -> None:
    page = client_for(owner).post(
        f"{team}/invite", {"email": "noa@example.org", "name": "Noa", "role": "admin"}
    )

    link = page.text.partition('value="http://127.0.0.1:8000')[2].partition('"')[0]
    assert link.startswith("/reset/")
    assert client.post(link, {"password": "wandering ducks at noon"}).location == "/login"
    noa = accounts.who("noa@example.org", "wandering ducks at noon")
    assert role_of(noa) is Role.ADMIN


def test_inviting_somebody_twice_says_so(client_for: SignIn, owner: User, team: str) -> None:
    texter = factories.texter(name="Ana Ruiz")
    typed = {"email": texter.email, "name": "Ana", "role": "admin"}

    page = client_for(owner).post(f"{team}/invite", typed)

    assert page.status_code == 422 and "Ana Ruiz is in this campaign already." in page.text


@pytest.mark.parametrize("role", ["owner", "root", ""])
def test_no_form_makes_an_owner(client_for: SignIn, owner: User, team: str, role: str) -> None:
    texter, browser = factories.texter(), client_for(owner)

    assert browser.post(f"{team}/{texter.id}", {"role": role}).status_code == 422
    typed = {"email": "eve@example.org", "name": "Eve", "role": role}
    assert browser.post(f"{team}/invite", typed).status_code == 422
    assert role_of(texter) is Role.TEXTER and accounts.find("eve@example.org") is None


def test_a_role_is_changed(client_for: SignIn, owner: User, team: str) -> None:
    texter = factories.texter(name="Ana Ruiz")
    browser = client_for(owner)

    browser.post(f"{team}/{texter.id}", {"role": "admin"})

    assert role_of(texter) is Role.ADMIN
    assert "Ana Ruiz is an admin now." in browser.get(team).text


def test_removing_somebody_is_asked_about_and_takes_hold_at_once(
    client_for: SignIn, owner: User, team: str
) -> None:
    texter = factories.texter(name="Ana Ruiz")
    browser, theirs = client_for(owner), client_for(texter)

    assert "Remove Ana Ruiz?" in browser.get(f"{team}/{texter.id}/remove").text
    assert role_of(texter) is Role.TEXTER
    assert browser.post(f"{team}/{texter.id}/remove").location == team

    assert theirs.get(team).status_code == 404
    assert theirs.get("/me").status_code == 200
    assert browser.get(f"{team}/{texter.id}").status_code == 404


def test_the_owner_is_not_removed_by_an_admin(client_for: SignIn, owner: User, team: str) -> None:
    page = client_for(factories.admin()).post(f"{team}/{owner.id}/remove")

    assert page.status_code == 409 and "Hand over ownership first." in page.text
    assert role_of(owner) is Role.OWNER


def test_an_admin_makes_no_reset_link_for_the_owner(
    client_for: SignIn, owner: User, team: str
) -> None:
    assert client_for(factories.admin()).post(f"{team}/{owner.id}/reset-link").status_code == 403


def test_a_reset_link_leads_to_a_new_password(
    client_for: SignIn, client: Browser, owner: User, team: str
) -> None:
    texter = factories.texter()
    page = client_for(owner).post(f"{team}/{texter.id}/reset-link").text

    link = page.partition('value="http://127.0.0.1:8000')[2].partition('"')[0]
    assert texter.email in client.get(link).text


def test_the_owner_hands_over(client_for: SignIn, owner: User, team: str) -> None:
    admin, browser = factories.admin(name="Cy Tan"), client_for(owner)

    assert "Hand over to Cy Tan?" in browser.get(f"{team}/{admin.id}/hand-over").text
    browser.post(f"{team}/{admin.id}/hand-over")

    assert (role_of(owner), role_of(admin)) == (Role.ADMIN, Role.OWNER)
    assert browser.post(f"{team}/{admin.id}/hand-over").status_code == 403


def test_conversations_of_a_texter_are_moved_some_or_all(
    client_for: SignIn, owner: User, team: str
) -> None:
    jordan, ana = factories.texter(name="Jordan Lee"), factories.texter(name="Ana Ruiz")
    browser, page = client_for(owner), f"{team}/{jordan.id}/conversations"
    assert "No open conversations." in browser.get(page).text
    people = [factories.contact() for _ in range(3)]
    action = factories.action(*people)
    ids = [factories.first_text(action, one, jordan).conversation_id for one in people]
    assert page in browser.get(f"{team}/{jordan.id}").text
    assert "3 open conversations of Jordan Lee" in browser.get(page).text

    answer = browser.post(page, {"ids": [ids[0], 10**20], "to": ana.id})
    assert "1 conversation moved to Ana Ruiz." in browser.get(answer.location).text
    browser.post(page, {"ids": [ids[0]], "to": "0"})  # It is not Jordan's any more.
    owners = [db.session.get_one(Conversation, one).assignee_id for one in ids]
    assert owners == [ana.id, jordan.id, jordan.id]

    answer = browser.post(page, {"all": "all", "to": "0"})
    assert "2 conversations moved to nobody." in browser.get(answer.location).text
    assert browser.get(f"{page}?after=99").status_code == 200
    stranger = factories.texter(factories.campaign())
    assert browser.post(page, {"all": "all", "to": stranger.id}).status_code == 422
    assert browser.post(page, {"all": "all", "to": "x"}).status_code == 422


def joined_by_code(email: str) -> User:
    """Somebody who signed up with the code of another campaign, with whatever address."""
    elsewhere = factories.campaign()
    stranger = factories.user(email=email, name="Stranger")
    with transaction():
        joining.join(elsewhere.join_code, stranger, now=utc_now())
    return stranger


def test_an_account_that_is_there_is_added_only_after_its_owner_was_asked(
    client_for: SignIn, owner: User, team: str
) -> None:
    stranger = joined_by_code("ana@example.org")
    browser = client_for(owner)
    typed = {"email": "Ana@example.org", "name": "Ana Ruiz", "role": "admin"}

    refused = browser.post(f"{team}/invite", typed)
    assert refused.status_code == 422
    assert "There is an account with this address already" in refused.text
    assert "nobody has checked that the address is theirs" in refused.text
    assert 'value="Ana Ruiz"' in refused.text
    assert role_of(stranger) is None

    assert browser.post(f"{team}/invite", typed | {"asked": "y"}).status_code == 303
    assert role_of(stranger) is Role.ADMIN
    again = browser.post(f"{team}/invite", typed)
    assert again.status_code == 422 and "is in this campaign already" in again.text


def test_a_person_who_joined_by_code_is_shown_as_unchecked(
    client_for: SignIn, owner: User, team: str
) -> None:
    home = factories.the_campaign()
    with transaction():
        stranger = factories.user()
        db.session.flush()
        joining.join(home.join_code, stranger, now=utc_now())
    page = client_for(owner).get(f"{team}/{stranger.id}").text
    assert "Nobody has checked that the address is theirs" in page
    invited = client_for(owner).post(
        f"{team}/invite", {"email": "ben@example.org", "name": "Ben", "role": "texter"}
    )
    assert invited.status_code == 200
    ben = accounts.find("ben@example.org")
    assert ben is not None
    shown = client_for(owner).get(f"{team}/{ben.id}").text
    assert "was made by somebody who runs a campaign" in shown


def newcomer(team: str, name: str = "Noa Quist") -> User:
    """Somebody who joins by the code while the campaign asks for approval."""
    with transaction():
        home = factories.the_campaign()
        home.asks_approval = True
    person = factories.user(name=name)
    with transaction():
        joining.join(home.join_code, person, now=utc_now())
    return person


def test_approval_is_off_until_it_is_turned_on(client_for: SignIn, owner: User, team: str) -> None:
    browser = client_for(owner)
    assert 'id="approvals"' not in browser.get(team).text
    browser.post(f"{team}/approving", {"asks": "on"})
    page = browser.get(team).text
    assert "Whoever joins waits until an admin approves them." in page and "Nobody waits." in page
    assert 'name="asks" value="on" data-autosubmit checked' in page


def test_those_who_wait_stand_on_the_team_page_and_in_the_navigation(
    client_for: SignIn, owner: User, team: str
) -> None:
    person, browser = newcomer(team), client_for(owner)
    page = browser.get(team).text
    assert 'Approve<span class="vh"> Noa Quist' in page and "Waits for approval" in page
    assert "wait for approval" in browser.get(f"/c/{factories.the_campaign().slug}/").text

    url = f"{team}/{person.id}/approve"
    said = browser.post(url, follow_redirects=True).text

    assert "Noa Quist can text now." in said and "Nobody waits." in said
    assert "was approved already" in browser.post(url, follow_redirects=True).text


def test_a_person_is_approved_from_their_own_page_too(
    client_for: SignIn, owner: User, team: str
) -> None:
    person, browser = newcomer(team), client_for(owner)
    assert "waits for approval" in browser.get(f"{team}/{person.id}").text
    browser.post(f"{team}/{person.id}/approve")
    assert "waits for approval" not in browser.get(f"{team}/{person.id}").text


def test_turning_approval_off_says_who_still_waits(
    client_for: SignIn, owner: User, team: str
) -> None:
    newcomer(team)
    newcomer(team, "Ana Ruiz")
    page = client_for(owner).post(f"{team}/approving", {}, follow_redirects=True).text
    assert "Whoever joins can text at once. 2 people still wait." in page
    assert "these people joined while it was on" in page and "Ana Ruiz" in page


def test_whoever_waits_can_be_removed_instead(client_for: SignIn, owner: User, team: str) -> None:
    person, browser = newcomer(team), client_for(owner)
    browser.post(f"{team}/{person.id}/remove")
    assert browser.post(f"{team}/{person.id}/approve").status_code == 404
    assert "Nobody waits." in browser.get(team).text


@pytest.mark.parametrize("has_account", [True, False])
def test_whoever_joins_is_told_that_they_wait(
    client_for: SignIn, client: Browser, owner: User, team: str, has_account: bool
) -> None:
    with transaction():
        factories.the_campaign().asks_approval = True
    browser = client_for(factories.user()) if has_account else client
    typed = {"name": "Noa", "email": "noa@example.org", "password": "five odd words in row"}
    page = browser.post(f"/join/{factories.the_campaign().join_code}", typed)
    assert page.status_code == 303
    text = browser.get(team.replace("/team", "/text")).text
    assert "An admin has to approve you before you can text" in text
