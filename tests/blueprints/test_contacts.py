"""Data > Contacts."""

import csv
import io
from collections.abc import Callable

import pytest
from markupsafe import escape
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Contact,
    ContactList,
    ContactTag,
    Conversation,
    Direction,
    Event,
    Message,
    MessageKind,
    MessageState,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import erasure, optouts, tags
from webapp.services.contact_search import PAGE

SignIn = Callable[[User], Browser]
DANA, ANA = "+13125550142", "+17735550101"


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/contacts"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


def dana(**values: object) -> Contact:
    return factories.contact(phone=DANA, first_name="Dana", last_name="Whitfield", **values)  # type: ignore[arg-type]


def test_without_contacts_the_page_says_how_to_start(browser: Browser, page: str) -> None:
    text = browser.get(page).text
    assert "No contacts yet." in text and f"{page}/import" in text


def test_contacts_are_listed_searched_and_narrowed(browser: Browser, page: str) -> None:
    tag = factories.tag("Wants a sign")
    one = dana(opted_out_of=Texting.P2P)
    factories.contact(phone=ANA, first_name="Ana", last_name="Ruiz", city="Pilsen")
    with transaction():
        tags.apply(tag, one.id, by=None, now=utc_now())
    chosen = factories.contact_list(one, name="Ward 25")

    everybody = browser.get(page).text
    assert "Dana Whitfield" in everybody and "Pilsen, IL" in everybody
    assert "Opt Out (P2P)" in everybody and "Wants a sign" in everybody
    for asked in (
        "q=whitf",
        "q=0142",
        f"tag={tag.id}",
        f"list={chosen.id}",
        "can=broadcast&q=dana",
    ):
        text = browser.get(f"{page}?{asked}").text
        assert "Dana Whitfield" in text and "Ana Ruiz" not in text, asked
    assert "Dana Whitfield" not in browser.get(f"{page}?can=p2p").text
    assert "No contacts match" in browser.get(f"{page}?q=zzz").text
    for nonsense in ("tag=x", "list=-1", "can=both", "after=0", "q=%00", f"tag={10**25}"):
        assert browser.get(f"{page}?{nonsense}").status_code == 200


def test_the_list_goes_on_by_pages(browser: Browser, page: str) -> None:
    with transaction():
        for n in range(PAGE + 1):
            factories.contact(phone=f"+1312555{100 + n:04}", first_name=f"N{n}", last_name="X")

    first = browser.get(page).text
    assert "N50 X" in first and "N0 X<" not in first
    after = first.split("after=")[1].split('"')[0]
    assert "N0 X<" in browser.get(f"{page}?after={after}").text


def test_a_contact_is_added_changed_and_never_twice(browser: Browser, page: str) -> None:
    form = {"phone": "(312) 555-0142", "first_name": "Dana", "state": "il"}
    answer = browser.post(f"{page}/new", form)
    one = db.session.scalars(select(Contact)).one()
    assert (answer.status_code, answer.location) == (303, f"{page}/{one.id}")
    assert (one.phone, one.state) == (DANA, "IL")

    answer = browser.post(f"{page}/new", form)
    assert answer.status_code == 422 and "Dana has this number already." in answer.text
    answer = browser.post(f"{page}/new", {"phone": "555"})
    assert answer.status_code == 422 and "is too short" in answer.text

    answer = browser.post(f"{page}/{one.id}/edit", {"first_name": "Diana", "phone": ANA})
    assert answer.status_code == 303
    changed = db.session.get_one(Contact, one.id, populate_existing=True)
    assert (changed.first_name, changed.phone) == ("Diana", DANA)
    answer = browser.post(f"{page}/{one.id}/edit", {"state": "Nowhere"})
    assert answer.status_code == 422 and "two letters" in answer.text


def test_the_contacts_page_says_whether_we_may_text_them(browser: Browser, page: str) -> None:
    one = dana(subscribed="Rally, May 3", fields={"ward": "25"})
    factories.contact_list(one, name="Ward 25 early voters")

    text = browser.get(f"{page}/{one.id}").text

    assert text.count("Can be texted") == 2
    assert "Signed up: Rally, May 3" in text and "Ward 25 early voters" in text
    assert "Add Opt Out (P2P)…" in text and "No texts yet." in text
    quiet = factories.contact(phone=ANA, subscribed="", subscribed_at=None, country="GB")
    text = browser.get(f"{page}/{quiet.id}").text
    assert "No consent on record" in text and "Other country" in text


@pytest.mark.parametrize("texting", Texting)
def test_an_opt_out_is_added_by_hand_with_its_source(
    browser: Browser, page: str, texting: Texting
) -> None:
    one = dana()
    address = f"{page}/{one.id}/opt-outs/{texting.value}"

    assert browser.post(address, {"source": " "}).status_code == 422
    assert optouts.standing(one)[texting].may_be_texted
    answer = browser.post(address, {"source": "Called the office"})

    assert (answer.status_code, answer.location) == (303, f"{page}/{one.id}")
    standing = optouts.standing(one)
    assert [kind for kind in Texting if not standing[kind].may_be_texted] == [texting]
    text = browser.get(f"{page}/{one.id}").text
    assert "Opted out" in text and "Logged by Maya Okafor: “Called the office”." in text
    assert "Remove opt-out…" in text
    assert "had Opt Out" in browser.post(address, {"source": "Again"}, follow_redirects=True).text


def test_an_opt_out_is_removed_with_a_reason_alone(browser: Browser, page: str) -> None:
    one = dana(opted_out_of=Texting.P2P)
    address = f"{page}/{one.id}/opt-outs/p2p/remove"
    whole = {"reason": "Dana called and asked", "agreed": "called", "confirm": "y"}

    text = browser.get(address).text
    assert "Remove Opt Out (P2P) for Dana Whitfield?" in text
    assert "After this, texters can text Dana from peer-to-peer actions again." in text
    for missing in ({"reason": ""}, {"reason": "too short"}, {"agreed": ""}, {"agreed": "x"}):
        assert browser.post(address, whole | missing).status_code == 422
    assert (
        browser.post(address, {k: v for k, v in whole.items() if k != "confirm"}).status_code == 422
    )
    assert not optouts.standing(one)[Texting.P2P].may_be_texted

    assert browser.post(address, whole).status_code == 303

    assert optouts.standing(one)[Texting.P2P].may_be_texted
    text = browser.get(f"{page}/{one.id}").text
    assert "Opt Out (P2P) removed" in text and "Dana called and asked" in text
    assert "There is no opt-out to remove" in browser.get(address).text
    assert "doesn’t have" in browser.post(address, whole, follow_redirects=True).text


@pytest.mark.parametrize("kind", ["sms", "both", "P2P", "automated"])
def test_there_is_no_other_kind_of_opt_out(browser: Browser, page: str, kind: str) -> None:
    one = dana()
    assert browser.get(f"{page}/{one.id}/opt-outs/{kind}").status_code == 404
    assert browser.get(f"{page}/{one.id}/opt-outs/{kind}/remove").status_code == 404


def thread(one: Contact, *, hidden: bool) -> Conversation:
    """A conversation that ended with a stop word."""
    number = factories.number()
    with transaction():
        row = Conversation(
            campaign_id=one.campaign_id,
            contact_id=one.id,
            number_id=number.id,
            texting=Texting.P2P,
            is_hidden=hidden,
        )
        db.session.add(row)
        db.session.flush()
        for body, direction in (
            ("Can you vote?", Direction.OUT),
            ("STOP <b>now</b>", Direction.IN),
        ):
            ours = direction is Direction.OUT
            db.session.add(
                Message(
                    campaign_id=one.campaign_id,
                    contact_id=one.id,
                    conversation_id=row.id,
                    number_id=number.id,
                    texting=Texting.P2P,
                    direction=Direction.OUT if ours else Direction.IN,
                    kind=MessageKind.FIRST if ours else MessageKind.INBOUND,
                    state=MessageState.DELIVERED if ours else MessageState.RECEIVED,
                    body=body,
                    media=[] if ours else ["https://example.org/1.jpg"],
                )
            )
    return row


def test_admins_read_a_thread_that_is_hidden_from_texters_on_the_contact(
    browser: Browser, page: str, client_for: SignIn
) -> None:
    one = dana()
    row = thread(one, hidden=True)
    address = f"{page}/{one.id}/conversations/{row.id}"

    assert address in browser.get(f"{page}/{one.id}").text
    text = browser.get(address).text
    assert "Can you vote?" in text and "STOP &lt;b&gt;now&lt;/b&gt;" in text
    assert "Texters can’t see this conversation" in text
    assert client_for(factories.texter()).get(address).status_code == 403
    stranger = factories.contact(phone=ANA)
    assert browser.get(f"{page}/{stranger.id}/conversations/{row.id}").status_code == 404


def test_a_person_is_deleted_and_the_number_stays(browser: Browser, page: str) -> None:
    one = dana(opted_out_of=Texting.BROADCAST)
    assert "The number stays" in browser.get(f"{page}/{one.id}/delete").text

    assert browser.post(f"{page}/{one.id}/delete", {"bodies": "y"}).status_code == 303

    gone = db.session.get_one(Contact, one.id, populate_existing=True)
    assert (gone.phone, gone.name) == (DANA, "")
    assert not optouts.standing(gone)[Texting.BROADCAST].may_be_texted


def test_the_export_is_safe_in_a_spreadsheet_and_noted(browser: Browser, page: str) -> None:
    dana(opted_out_of=Texting.P2P)
    factories.contact(phone=ANA, first_name="=1+1", last_name="Ruiz")

    answer = browser.post(f"{page}/export")

    rows = [*csv.DictReader(io.StringIO(answer.text))]
    assert answer.mimetype == "text/csv"
    assert [row["First name"] for row in rows] == ["Dana", "'=1+1"]
    assert [row["Phone"] for row in rows] == [DANA, ANA]
    assert [row["Opt Out (P2P)"] for row in rows] == ["true", ""]
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.EXPORTED)).one()
    assert entry.details == {"what": "contacts"}
    assert len([*csv.reader(io.StringIO(browser.post(f"{page}/export?q=dana").text))]) == 2


def test_lists_are_shown_and_archived(browser: Browser, page: str) -> None:
    lists_page = page.replace("contacts", "lists")
    assert "No lists yet." in browser.get(lists_page).text
    chosen = factories.contact_list(dana(), name="Ward 25")
    busy = factories.contact_list(name="Busy", is_ready=False)
    assert "Being imported" in browser.get(lists_page).text

    assert browser.post(f"{lists_page}/{busy.id}/archive").status_code == 409
    assert browser.post(f"{lists_page}/{chosen.id}/archive").status_code == 303

    assert "Actions that have it keep it." in browser.get(lists_page).text
    assert "Ward 25" not in browser.get(page).text
    assert db.session.get_one(ContactList, chosen.id, populate_existing=True).archived_at


def test_things_of_other_campaigns_are_not_here(browser: Browser, page: str) -> None:
    stranger = factories.contact(of=factories.campaign(), opted_out_of=Texting.P2P)
    for rest in ("", "/edit", "/delete", "/opt-outs/p2p", "/opt-outs/p2p/remove"):
        assert browser.get(f"{page}/{stranger.id}{rest}").status_code == 404
    whole = {"reason": "Because I would like to", "agreed": "called", "confirm": "y"}
    answer = browser.post(f"{page}/{stranger.id}/opt-outs/p2p/remove", whole)
    assert answer.status_code == 404
    assert db.session.scalars(select(ContactTag)).one()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", "hx-get=/x\nLine"])
def test_hostile_names_are_shown_literally(browser: Browser, page: str, name: str) -> None:
    one = factories.contact(phone=DANA, first_name=name, last_name="", fields={name: name})

    for address in (page, f"{page}/{one.id}", f"{page}/{one.id}/edit", f"{page}/{one.id}/delete"):
        text = browser.get(address).text
        assert str(escape(name)) in text
        assert escape(name) == name or name not in text


def test_an_admin_erases_a_person_on_request(browser: Browser, page: str) -> None:
    one = dana(opted_out_of=Texting.P2P)
    here = f"{page}/{one.id}"
    assert f"{here}/erase" in browser.get(here).text
    asked = browser.get(f"{here}/erase").text
    assert "can’t be undone" in asked and "opt-outs still hold" in asked

    assert browser.post(f"{here}/erase").status_code == 422
    assert browser.post(f"{here}/erase", data={"confirm": "y"}).status_code == 303

    shown = browser.get(here).text
    assert "This person was erased" in shown and "Erased number" in shown
    assert "Opt Out (P2P)" in shown
    assert "Dana" not in shown and "5550142" not in shown and "erased:" not in shown
    assert f"{here}/edit" not in shown
    assert browser.get(f"{here}/erase").status_code == 303
    found = browser.get(f"{page}?q=312-555-0142").text
    assert f'{here}"' in found and "Dana" not in found


def test_nothing_can_be_written_about_an_erased_person(browser: Browser, page: str) -> None:
    one = dana()
    browser.post(f"{page}/{one.id}/erase", data={"confirm": "y"})
    refused = browser.post(f"{page}/{one.id}/edit", data={"first_name": "Dana"})
    assert refused.status_code == 422 and "was erased" in refused.text


def test_the_timeline_is_narrowed_to_one_kind_of_texting(browser: Browser, page: str) -> None:
    one = dana()
    browser.post(f"{page}/{one.id}/opt-outs/p2p", {"source": "Called"})
    url = f"{page}/{one.id}"
    assert "Opt Out (P2P) added" in browser.get(url).text
    assert "Opt Out (P2P) added" in browser.get(f"{url}?about=p2p").text
    assert "Opt Out (P2P) added" not in browser.get(f"{url}?about=broadcast").text
    assert "Opt Out (P2P) added" in browser.get(f"{url}?about=nonsense").text


def test_the_timeline_is_downloaded_and_the_download_is_kept(browser: Browser, page: str) -> None:
    one = dana()
    browser.post(f"{page}/{one.id}/opt-outs/p2p", {"source": "Called"})
    answer = browser.post(f"{page}/{one.id}/timeline")
    assert answer.mimetype == "text/csv"
    heading, first, *_ = csv.reader(io.StringIO(answer.text))
    assert heading == ["at", "what", "by", "text"]
    assert first[1] == "Opt Out (P2P) added"
    kept = select(TrailEntry).where(TrailEntry.event == Event.EXPORTED)
    entry = db.session.scalars(kept).one()
    assert (entry.about, entry.about_id) == ("contact", one.id)


def test_a_contact_of_one_zone_has_its_time_beside_the_number(browser: Browser, page: str) -> None:
    here = dana(zones="America/Chicago")
    assert "Chicago time" in browser.get(f"{page}/{here.id}").text
    there = factories.contact(phone=ANA, zones="America/Chicago,America/Denver")
    assert "Chicago time" not in browser.get(f"{page}/{there.id}").text


# Tags by hand


def test_a_tag_is_added_and_removed_by_hand(browser: Browser, page: str) -> None:
    dana, tag = factories.contact(first_name="Dana"), factories.tag("Volunteer")
    here = f"{page}/{dana.id}"
    assert ">Volunteer</option>" in browser.get(here).text

    for said in ("“Volunteer” is added.", "“Volunteer” was there already."):
        answer = browser.post(f"{here}/tags", {"tag": tag.id})
        assert (answer.status_code, answer.location) == (303, here)
        assert said in browser.get(here).text
    text = browser.get(here).text
    assert "Remove<span" in text and "Tag “Volunteer” added" in text
    assert ">Volunteer</option>" not in text and "Every tag of yours is here." in text

    for said in ("“Volunteer” is removed.", "“Volunteer” was gone already."):
        assert browser.post(f"{here}/tags/{tag.id}/remove").location == here
        assert said in browser.get(here).text


def test_an_opt_out_tag_is_locked_and_the_way_is_shown(browser: Browser, page: str) -> None:
    dana = factories.contact(first_name="Dana", opted_out_of=Texting.P2P)
    here, tag = f"{page}/{dana.id}", tags.built_in(dana.campaign_id, Texting.P2P)
    text = browser.get(here).text
    assert "Locked. <a" in text and f"/tags/{tag.id}/remove" not in text
    assert f'<option value="{tag.id}"' not in text
    assert browser.post(f"{here}/tags/{tag.id}/remove").status_code == 409
    refused = browser.post(f"{here}/tags", {"tag": tag.id})
    assert refused.status_code == 422 and "an opt-out needs its source" in refused.text
    assert not optouts.standing(dana)[Texting.P2P].may_be_texted


@pytest.mark.parametrize("chosen", ["0", "", "99999999999999999999", "no"])
def test_no_tag_is_an_error_at_the_field(browser: Browser, page: str, chosen: str) -> None:
    factories.tag("Volunteer")
    answer = browser.post(f"{page}/{factories.contact().id}/tags", {"tag": chosen})
    assert answer.status_code == 422 and 'href="#tag"' in answer.text


def test_tags_of_another_campaign_are_not_there(browser: Browser, page: str) -> None:
    dana, theirs = factories.contact(), factories.tag(of=factories.campaign())
    assert browser.post(f"{page}/{dana.id}/tags", {"tag": theirs.id}).status_code == 422
    assert browser.post(f"{page}/{dana.id}/tags/{theirs.id}/remove").status_code == 404


def test_an_erased_person_gets_no_tag(browser: Browser, page: str) -> None:
    dana, tag = factories.contact(), factories.tag("Volunteer")
    with transaction():
        erasure.erase(dana, by=factories.admin(), now=utc_now())
    assert "Add tag" not in browser.get(f"{page}/{dana.id}").text
    assert browser.post(f"{page}/{dana.id}/tags", {"tag": tag.id}).status_code == 409
