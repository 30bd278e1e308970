"""The people of a campaign."""

from functools import partial

import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RefusedError
from webapp.models import (
    ActionTexter,
    Conversation,
    Event,
    Membership,
    Recipient,
    Role,
    TrailEntry,
)
from webapp.services import accounts, joining, members, team

NOW = utc_now()


def events() -> list[Event]:
    return list(db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)))


def role_of(user, campaign=None) -> Role | None:
    place = db.session.get(Membership, ((campaign or factories.the_campaign()).id, user.id))
    return place.role if place and place.removed_at is None else None


def test_the_team_lists_the_owner_first_and_what_waits_for_each() -> None:
    texter = factories.texter(name="Bo")
    factories.admin(name="Cy")
    factories.owner(name="Di")
    factories.texter(name="ana")
    factories.texter(factories.campaign())
    contact = factories.contact()
    message = factories.first_text(factories.action(contact), contact, texter)
    with transaction():
        db.session.get_one(Conversation, message.conversation_id).needs_attention = True

    people = members.people(factories.the_campaign())

    assert [(one.user.name, one.waiting) for one in people] == [
        ("Di", 0),
        ("Cy", 0),
        ("ana", 0),
        ("Bo", 1),
    ]


def test_a_code_is_typed_in_any_letter_case_and_makes_a_texter() -> None:
    campaign, person = factories.campaign(join_code="ABCDEF"), factories.user()
    with transaction():
        assert joining.join(" abcdef ", person, now=NOW) == campaign
    assert role_of(person) is Role.TEXTER
    assert events() == [Event.JOINED]


def test_joining_twice_changes_nothing_and_takes_no_role_away() -> None:
    campaign = factories.campaign()
    admin = factories.admin(campaign)
    with transaction():
        joining.join(campaign.join_code, admin, now=NOW)
    assert role_of(admin) is Role.ADMIN
    assert events() == []


def test_a_wrong_code_is_not_found_and_a_closed_campaign_takes_nobody() -> None:
    campaign, owner = factories.campaign(), factories.owner()
    with pytest.raises(NotFoundError, match="We can't find that code"):
        joining.campaign_with_code("ZZZZZZ")
    with transaction():
        assert joining.open_to_texters(campaign, False, by=owner, now=NOW)
        assert not joining.open_to_texters(campaign, False, by=owner, now=NOW)
    with pytest.raises(RefusedError, match="isn't taking new texters"):
        joining.campaign_with_code(campaign.join_code)


def test_a_new_code_ends_the_old_one() -> None:
    campaign, owner = factories.campaign(), factories.owner()
    old = campaign.join_code
    with transaction():
        new = joining.new_join_code(campaign, by=owner, now=NOW)
    assert joining.campaign_with_code(new) == campaign
    with pytest.raises(NotFoundError):
        joining.campaign_with_code(old)


def test_a_code_has_six_characters_that_nobody_confuses() -> None:
    codes = {joining.fresh_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 6 and not set(code) & set("0O1I") for code in codes)


def test_an_invited_stranger_gets_an_account_and_a_link() -> None:
    owner = factories.owner()
    with transaction():
        person, token = team.invite(
            factories.the_campaign(), "New@example.org", "Noa", Role.ADMIN, by=owner, now=NOW
        )
    assert role_of(person) is Role.ADMIN
    assert token and accounts.reset_link(token, now=NOW) == person


def test_somebody_with_an_account_is_just_put_in_and_only_once() -> None:
    owner, person = factories.owner(), factories.user()
    campaign = factories.the_campaign()
    with transaction():
        with pytest.raises(team.ExistingAccountError, match="Ask them first"):
            team.invite(campaign, person.email, "x", Role.TEXTER, by=owner, now=NOW)
        given = {"by": owner, "now": NOW, "asked": True}
        assert team.invite(campaign, person.email, "x", Role.TEXTER, **given) == (
            person,
            None,
        )
    with pytest.raises(ConflictError), transaction():
        team.invite(campaign, person.email, "x", Role.ADMIN, by=owner, now=NOW)
    assert role_of(person) is Role.TEXTER


def test_nobody_is_invited_or_promoted_to_owner() -> None:
    owner, texter, campaign = factories.owner(), factories.texter(), factories.the_campaign()
    with pytest.raises(InvalidError), transaction():
        team.invite(campaign, "eve@example.org", "Eve", Role.OWNER, by=owner, now=NOW)
    with pytest.raises(RefusedError), transaction():
        team.change_role(campaign, texter.id, Role.OWNER, by=owner, now=NOW)


def test_an_admin_promotes_and_demotes_but_not_the_owner_and_not_themselves() -> None:
    owner, admin, texter = factories.owner(), factories.admin(), factories.texter()
    campaign = factories.the_campaign()
    with transaction():
        assert team.change_role(campaign, texter.id, Role.ADMIN, by=admin, now=NOW)
        assert not team.change_role(campaign, texter.id, Role.ADMIN, by=admin, now=NOW)
    assert role_of(texter) is Role.ADMIN
    for person in (owner, admin):
        with pytest.raises(RefusedError), transaction():
            team.change_role(campaign, person.id, Role.TEXTER, by=admin, now=NOW)
    assert events() == [Event.ROLE_CHANGED]


def test_whoever_is_removed_gives_back_conversations_and_batches_here_alone() -> None:
    owner, texter = factories.owner(), factories.texter()
    campaign, elsewhere = factories.the_campaign(), factories.campaign()
    with transaction():
        team.add(elsewhere, texter, Role.TEXTER, by=None, now=NOW)
    mine = [factories.contact() for _ in range(3)]
    theirs = [factories.contact(of=elsewhere) for _ in range(2)]
    here, there = factories.action(*mine), factories.action(*theirs, of=elsewhere)
    factories.first_text(here, mine[0], texter)
    factories.first_text(there, theirs[0], texter)
    token = factories.session_token(texter)
    with transaction():
        db.session.add(ActionTexter(action_id=here.id, user_id=texter.id))
        db.session.add(ActionTexter(action_id=there.id, user_id=texter.id))

    with transaction():
        team.remove(campaign, texter.id, by=owner, now=NOW)

    assert role_of(texter) is None and role_of(texter, elsewhere) is Role.TEXTER

    def left(model, *conditions) -> int:
        return db.session.scalar(select(func.count()).select_from(model).where(*conditions))

    for action, held in ((here, 0), (there, 1)):
        assert (
            left(
                Conversation,
                Conversation.action_id == action.id,
                Conversation.assignee_id == texter.id,
            )
            == held
        )
        assert (
            left(
                Recipient,
                Recipient.action_id == action.id,
                Recipient.state == "ready",
                Recipient.assignee_id == texter.id,
            )
            == held
        )
        assert left(ActionTexter, ActionTexter.action_id == action.id) == held
    assert token
    with pytest.raises(NotFoundError), transaction():
        team.remove(campaign, texter.id, by=owner, now=NOW)


def test_the_owner_and_oneself_are_not_removed() -> None:
    owner, admin, campaign = factories.owner(), factories.admin(), factories.the_campaign()
    for person in (owner, admin):
        with pytest.raises(RefusedError), transaction():
            team.remove(campaign, person.id, by=admin, now=NOW)
    assert role_of(owner) is Role.OWNER and role_of(admin) is Role.ADMIN


def test_somebody_removed_can_come_back_as_a_texter() -> None:
    owner, admin, campaign = factories.owner(), factories.admin(), factories.the_campaign()
    with transaction():
        team.remove(campaign, admin.id, by=owner, now=NOW)
        joining.join(campaign.join_code, admin, now=NOW)
    assert role_of(admin) is Role.TEXTER


def test_a_campaign_is_handed_over_once() -> None:
    owner, admin, texter = factories.owner(), factories.admin(), factories.texter()
    campaign = factories.the_campaign()
    with transaction():
        team.hand_over(campaign, admin.id, by=owner, now=NOW)
    assert (role_of(owner), role_of(admin)) == (Role.ADMIN, Role.OWNER)

    with pytest.raises(ForbiddenError), transaction():
        team.hand_over(campaign, texter.id, by=owner, now=NOW)
    assert role_of(texter) is Role.TEXTER
    assert events() == [Event.OWNERSHIP_HANDED_OVER]


def test_an_admin_makes_reset_links_for_texters_and_admins_of_this_campaign_alone() -> None:
    owner, admin, texter = factories.owner(), factories.admin(), factories.texter()
    campaign = factories.the_campaign()
    with transaction():
        token = team.make_reset_link(campaign, texter.id, by=admin, now=NOW)
    assert accounts.reset_link(token, now=NOW) == texter

    with pytest.raises(ForbiddenError, match="higher role"), transaction():
        team.make_reset_link(campaign, owner.id, by=admin, now=NOW)
    with pytest.raises(NotFoundError), transaction():
        team.make_reset_link(campaign, factories.texter(factories.campaign()).id, by=owner, now=NOW)


def test_a_reset_link_ends_with_the_right_to_make_it() -> None:
    """An admin may not keep a link until its person has joined others or risen (decision 21)."""
    owner, admin, texter = factories.owner(), factories.admin(), factories.texter()
    here, elsewhere = factories.the_campaign(), factories.campaign()
    with transaction():
        token = team.make_reset_link(here, texter.id, by=admin, now=NOW)
    opens = partial(accounts.reset_link, token, now=NOW)
    assert opens() == texter

    with transaction():
        team.add(elsewhere, texter, Role.TEXTER, by=None, now=NOW)
    with pytest.raises(NotFoundError), transaction():
        accounts.use_reset_link(token, password_hash="another", now=NOW)
    with transaction():
        team.remove(elsewhere, texter.id, by=factories.owner(elsewhere), now=NOW)
    assert opens() == texter

    with transaction():
        team.hand_over(here, texter.id, by=owner, now=NOW)
    with pytest.raises(NotFoundError):
        opens()


def test_a_reset_link_ends_when_its_maker_runs_the_campaign_no_more() -> None:
    owner, admin, texter = factories.owner(), factories.admin(), factories.texter()
    with transaction():
        token = team.make_reset_link(factories.the_campaign(), texter.id, by=admin, now=NOW)
        team.change_role(factories.the_campaign(), admin.id, Role.TEXTER, by=owner, now=NOW)
    with pytest.raises(NotFoundError):
        accounts.reset_link(token, now=NOW)


def test_no_reset_link_for_somebody_who_belongs_to_another_campaign_too() -> None:
    """An admin here would come into the other campaign with it (decision 21)."""
    owner, texter = factories.owner(), factories.texter()
    with transaction():
        team.add(factories.campaign(), texter, Role.TEXTER, by=None, now=NOW)

    with pytest.raises(RefusedError, match="another campaign"), transaction():
        team.make_reset_link(factories.the_campaign(), texter.id, by=owner, now=NOW)
    assert events() == [Event.JOINED]
