"""Pictures that people send: a link in the thread, fetched by the server (decision 28)."""

import pytest

from tests import factories
from tests.carrier import ACCOUNT_SID
from tests.journeys.scene import Scene
from webapp.models import Contact, Message

PNG = b"\x89PNG\r\n\x1a\n picture"


def sent_picture(scene: Scene, contact: Contact, content_type: str = "image/png") -> Message:
    sid = scene.carrier.picture(PNG, content_type)
    base = f"{scene.carrier.url}/2010-04-01/Accounts/{ACCOUNT_SID}"
    address = f"{base}/Messages/MM{'1' * 32}/Media/{sid}"
    scene.hears(contact, "Look", NumMedia="1", MediaUrl0=address, MediaContentType0=content_type)
    return scene.messages(contact, direction="in")[-1]


@pytest.fixture
def dana(scene: Scene) -> Contact:
    contact = scene.contact()
    scene.texted(contact)
    return contact


def test_a_texter_opens_a_picture_from_the_thread(scene: Scene, dana: Contact) -> None:
    text = sent_picture(scene, dana)
    page = scene.texter.thread(scene.conversation(dana))
    path = f"/texts/{text.id}/pictures/1"
    assert f'href="{scene.texter.base}{path}"' in page.response.text
    assert scene.carrier.url not in page.response.text

    answer = scene.texter.browser.get(scene.texter.base + path)

    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.content_type == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("inline")


def test_only_those_who_may_read_the_text_see_its_picture(scene: Scene, dana: Contact) -> None:
    text = sent_picture(scene, dana)
    path = f"/texts/{text.id}/pictures/1"
    other = scene.person(factories.texter(scene.campaign))
    elsewhere = factories.campaign()
    stranger = scene.person(factories.owner(elsewhere), elsewhere)

    assert other.browser.get(other.base + path).status_code == 404
    assert stranger.browser.get(stranger.base + path).status_code == 404
    assert scene.admin.browser.get(scene.admin.base + path).status_code == 200
    assert scene.browser().get(scene.admin.base + path).status_code == 303


def test_after_a_stop_word_a_texter_sees_no_picture_of_the_thread(
    scene: Scene, dana: Contact
) -> None:
    text = sent_picture(scene, dana)
    path = f"/texts/{text.id}/pictures/1"
    scene.hears(dana, "STOP")

    assert scene.texter.browser.get(scene.texter.base + path).status_code == 404
    assert scene.admin.browser.get(scene.admin.base + path).status_code == 200


def test_what_a_browser_could_run_is_not_handed_out(scene: Scene, dana: Contact) -> None:
    text = sent_picture(scene, dana, "image/svg+xml")
    answer = scene.texter.open(f"/texts/{text.id}/pictures/1")
    assert answer.status == 409
    assert PNG.decode("latin-1") not in answer.response.text


def test_a_picture_that_cannot_be_fetched_now_can_be_asked_for_again(
    scene: Scene, dana: Contact
) -> None:
    text = sent_picture(scene, dana)
    path = f"/texts/{text.id}/pictures/1"
    scene.carrier.refuse()
    later = scene.texter.open(path)
    assert later.status == 503
    assert "The picture could not be fetched" in later.response.text
    assert "Heed is busy" not in later.response.text
    scene.carrier.listen()
    assert scene.texter.browser.get(scene.texter.base + path).status_code == 200


def test_a_text_without_so_many_pictures_has_no_such_address(scene: Scene, dana: Contact) -> None:
    text = sent_picture(scene, dana)
    for place in (0, 2, 99):
        path = f"{scene.texter.base}/texts/{text.id}/pictures/{place}"
        assert scene.texter.browser.get(path).status_code == 404
