"""After a restore without the old database: what the carrier's list of our texts settles."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests import factories
from tests.carrier.http import Request, Response
from tests.carrier.service import Service
from tests.journeys.scene import Scene, states
from tests.journeys.test_catch_up import catching_up, caught_up
from webapp.carriers import twilio_list
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError
from webapp.jobs import catch_up as job
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Contact,
    Message,
    MessageKind,
    MessageState,
    Recipient,
    RecipientState,
    Texting,
)
from webapp.services import actions, catch_up, launches, optouts, restoring, scripts, settlement

DOORS = "Hi {first_name}, will you vote on Tuesday? Reply STOP to opt out."
RALLY = "{first_name}, our rally is on Saturday at six. Reply STOP to opt out."
NAMED = "Hi {first_name}, {texter_name} here. Will you vote on Tuesday?"


def sending(*people: Contact, words: str = DOORS, launched: bool = True, **values: Any) -> Action:
    """An action with words of its own; launched before the backup unless told otherwise."""
    made = factories.action(*people, launched=False, **values)
    with transaction():
        made = db.session.get_one(Action, made.id)
        scripts.set_scripts(made, [words])
        if launched:
            launches.launch(made, by=None, now=utc_now(), acknowledged=True)
            while launches.sort_chunk(made, now=utc_now()):
                pass
    return made


def restored(scene: Scene, *, sent: bool = True) -> None:
    """As `./heed restore` leaves a database that was made three hours ago; people sign in again."""
    made_at = utc_now() - timedelta(hours=3)
    with transaction():
        restoring.hold(made_at=made_at, now=utc_now())
        catch_up.read_back(since=made_at, sent=sent)
        db.session.merge(scene.number).created_at = made_at - timedelta(days=9)
    scene.texter, scene.admin = scene.person(scene.texter.user), scene.person(scene.admin.user)


def left(scene: Scene, to: Contact, body: str, *, hours: float = 2, **more: Any) -> str:
    """The carrier lists a text that left so many hours ago, of which the database is ignorant."""
    at = utc_now() - timedelta(hours=hours)
    return scene.carrier.left(scene.phone, to.phone, body, sent=at.isoformat(), **more)


def resumed(*running: Action) -> None:
    for action in running:
        with transaction():
            again = db.session.get_one(Action, action.id)
            actions.resume(again, by=None, now=utc_now(), reason="Looked at everybody")


def counts(action: Action) -> dict[str, int]:
    """The kept counts that are not zero, but for the total."""
    db.session.rollback()
    kept = db.session.get_one(ActionTally, action.id, populate_existing=True)
    columns = (
        one.name for one in ActionTally.__table__.c if one.name not in ("action_id", "total")
    )
    return {name: getattr(kept, name) for name in columns if getattr(kept, name)}


def everything() -> list[Any]:
    """All that could change, as rows."""
    db.session.rollback()
    tables = (Message, Recipient, ActionTally, Action)
    return [db.session.execute(select(one.__table__)).all() for one in tables]


def only_asked_for(side: str, answer: Callable[[Service, Request], Response]) -> Any:
    """The carrier answers so when it is asked what left (From) or came (To), else as ever."""
    usual = Service._list
    return lambda self, request: (answer if side in request.query else usual)(self, request)


def test_a_peer_to_peer_text_that_left_is_not_handed_to_a_texter_again(scene: Scene) -> None:
    dana, ben = scene.contact("Dana Whitfield"), scene.contact("Ben Okoro")
    action = sending(dana, ben, words=NAMED)
    restored(scene)
    words = "Hi Dana, Jordan here. Will you vote on Tuesday?"
    sid = left(scene, dana, words, status="delivered")

    caught_up(scene)
    resumed(action)
    assert scene.texter.texts_everyone(action) == 1
    scene.works()

    [text] = scene.messages(dana)
    assert (text.body, text.provider_id, states([text])) == (words, sid, ["delivered"])
    assert "after the backup" in text.error_reason
    assert scene.taken(dana) == [] and len(scene.taken(ben)) == 1
    assert counts(action) == {"delivered": 1, "sent": 1}


def test_a_first_text_that_was_queued_meanwhile_does_not_leave(scene: Scene) -> None:
    """An admin resumes and a texter taps before the list could be read."""
    dana, ben = scene.contact("Dana Whitfield"), scene.contact("Ben Okoro")
    action = sending(dana, ben)
    restored(scene)
    resumed(action)
    scene.texter.texts_everyone(action)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    left(scene, ben, "Thank you!")

    caught_up(scene)
    scene.works()

    assert scene.taken() == []
    assert counts(action) == {"sent": 1, "unknown": 1}
    assert states(scene.messages(ben)) == ["unknown"]


def test_a_text_with_other_words_counts_for_every_action_from_that_number(scene: Scene) -> None:
    dana, ben = scene.contact("Dana Whitfield"), scene.contact("Ben Okoro")
    other = factories.number(scene.campaign)
    doors, rally = sending(dana, ben), sending(dana, ben, words=RALLY)
    elsewhere = sending(dana, kind=ActionKind.BROADCAST, words=RALLY, number_id=other.id)
    finished = sending(dana)
    with transaction():
        actions.finish(db.session.get_one(Action, finished.id), by=None, now=utc_now())
    restored(scene)
    left(scene, dana, "Great, see you there!")

    caught_up(scene)
    resumed(doors, rally)
    scene.works()

    for action in (doors, rally):
        assert counts(action) == {"ready": 1, "unknown": 1}
    assert counts(elsewhere)["ready"] == 1 and counts(finished) == {"ready": 1}
    assert "It may have been this one" in scene.admin.open(f"/actions/{doors.id}").words
    [one] = scene.messages(dana, action_id=rally.id)
    assert one.body == "Dana, our rally is on Saturday at six. Reply STOP to opt out."
    with transaction():
        settlement.release(one, reason="She was not texted", by=scene.admin.user, now=utc_now())
    scene.works()
    assert scene.taken(dana) == [one.body]


def test_a_first_text_that_nobody_had_written_is_not_released(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    sending(dana, words=NAMED)
    restored(scene)
    left(scene, dana, "Great, see you there!")
    caught_up(scene)
    [one] = scene.messages(dana)
    with pytest.raises(ConflictError, match="empty variable"), transaction():
        settlement.release(one, reason="She was not texted", by=scene.admin.user, now=utc_now())


def test_words_that_two_actions_have_make_the_person_unknown_in_both(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    one, other = sending(dana), sending(dana)
    restored(scene)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    caught_up(scene)
    assert counts(one) == counts(other) == {"unknown": 1}
    before = everything()
    with transaction():
        catch_up.read_back(since=utc_now() - timedelta(hours=3))
    caught_up(scene)
    assert everything() == before


def test_what_the_database_knows_of_holds_nobody_back(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    asked = scene.texted(dana)
    scene.hears(dana, "Yes")
    scene.texter.replies(scene.conversation(dana, asked), "See you there!")
    scene.works()
    assert len(scene.taken(dana)) == 2
    action = sending(dana, words=RALLY)
    restored(scene)
    caught_up(scene)
    assert counts(action) == {"ready": 1}


def test_whoever_got_a_reply_as_well_has_the_first_text_that_left_in_either_order(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 1)  # The list is newest first: the reply comes before.
    dana, ben = scene.contact("Dana Whitfield"), scene.contact("Ben Okoro")
    action = sending(dana, ben)
    restored(scene)
    for person, name in ((dana, "Dana"), (ben, "Ben")):
        left(scene, person, "Thanks!", hours=1 if person is dana else 2.5)
        left(scene, person, f"Hi {name}, will you vote on Tuesday? Reply STOP to opt out.")
    caught_up(scene)
    assert counts(action) == {"sent": 2}


def test_what_the_restore_held_is_settled_by_its_words(scene: Scene) -> None:
    dana, ben, cem = (scene.contact(name) for name in ("Dana Lee", "Ben Okoro", "Cem Kaya"))
    asked = scene.texted(cem)
    scene.hears(cem, "Yes")
    scene.texter.replies(scene.conversation(cem, asked), "See you there!")
    action = sending(dana, ben)
    scene.texter.texts_everyone(action)
    restored(scene)
    assert counts(action) == {"unknown": 2}
    left(scene, dana, scene.messages(dana)[0].body, status="failed", error_code=30006)
    left(scene, cem, "See you there!")

    caught_up(scene)

    assert counts(action) == {"unknown": 1, "failed": 1}
    assert states(scene.messages(cem, kind=MessageKind.REPLY)) == ["sent"]
    assert states(scene.messages(ben)) == ["unknown"]


def test_an_answer_to_a_text_that_only_the_list_knows_joins_its_action(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    restored(scene)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    an_hour_ago = (utc_now() - timedelta(hours=1)).isoformat()
    scene.carrier.received(dana.phone, scene.phone, "Yes!", sent=an_hour_ago)
    caught_up(scene)
    assert scene.conversation(dana).action_id == action.id
    assert counts(action) == {"sent": 1, "replies": 1}


def test_a_list_of_many_pages_is_read_to_its_end_and_a_second_time_changes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_list, "PAGE_SIZE", 3)
    monkeypatch.setattr(job, "AT_ONCE", 4)
    people = [scene.contact(f"Person{n} Lee") for n in range(14)]
    action = sending(*people)
    other = sending(*people, words=RALLY)
    restored(scene)
    for n, person in enumerate(people[:10]):
        body = f"Hi Person{n}, will you vote on Tuesday? Reply STOP to opt out."
        left(scene, person, body, hours=2 - n / 100)
    left(scene, people[11], "Thanks!")
    caught_up(scene)
    assert counts(action) == {"sent": 10, "unknown": 1, "ready": 3}
    assert counts(other) == {"unknown": 1, "ready": 13}
    before = everything()
    with transaction():
        catch_up.read_back(since=utc_now() - timedelta(hours=3))
    caught_up(scene)
    assert everything() == before


def test_nothing_leaves_before_the_list_of_our_texts_was_read_and_it_goes_on_where_it_broke_off(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_list, "PAGE_SIZE", 2)
    monkeypatch.setattr(job, "AT_ONCE", 2)
    people = [scene.contact(f"Person{n} Lee") for n in range(5)]
    action = sending(*people)
    restored(scene)
    for n, person in enumerate(people[:4]):
        left(scene, person, f"Hi Person{n}, will you vote on Tuesday? Reply STOP to opt out.")
    scene.carrier.received(people[0].phone, scene.phone, "STOP", sent=utc_now().isoformat())
    usual, broken = Service._list, [True]

    def breaks_off(service: Service, request: Request) -> Response:
        if broken and request.query.get("Page", ["0"])[0] != "0":
            return service.twilio.error(500, None)
        return usual(service, request)

    monkeypatch.setattr(Service, "_list", only_asked_for("From", breaks_off))
    with catching_up(scene.app, again=0.05, patience=0.1) as thread:
        assert not thread.may_send.wait(1.5)
        assert counts(action) == {"sent": 2, "ready": 3}
        assert scene.messages(people[0], direction="in") == []
        broken.clear()
        assert thread.may_send.wait(20)
    assert counts(action) == {"sent": 4, "ready": 1, "opt_outs": 1}
    assert optouts.is_opted_out(people[0].id, scene.campaign.id, Texting.P2P)
    assert not catch_up.is_owed()


def test_a_worker_that_is_started_anew_goes_on_with_the_texts_that_came(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    restored(scene)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    away = lambda service, request: service.twilio.error(503, None)  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(Service, "_list", only_asked_for("To", away))
        with catching_up(scene.app, again=0.05, patience=0.1) as thread:
            assert not thread.may_send.wait(1)
    db.session.rollback()
    assert catch_up.sent_unread() == [] and catch_up.is_owed()
    with monkeypatch.context() as patch:
        patch.setattr(Service, "_list", only_asked_for("From", away))
        caught_up(scene)
    assert counts(action) == {"sent": 1} and not catch_up.is_owed()


def test_two_workers_that_read_the_same_list_mark_everybody_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 3)
    people = [scene.contact(f"Person{n} Lee") for n in range(30)]
    action, other = sending(*people), sending(*people, words=RALLY)
    restored(scene)
    for n, person in enumerate(people[:20]):
        left(scene, person, f"Hi Person{n}, will you vote on Tuesday? Reply STOP to opt out.")
        left(scene, person, "Thanks!")
    with catching_up(scene.app, again=0.05) as one, catching_up(scene.app, again=0.05) as two:
        assert one.may_send.wait(30) and two.may_send.wait(30)
    assert counts(action) == {"sent": 20, "ready": 10}
    assert counts(other) == {"unknown": 20, "ready": 10}


def test_with_the_old_database_the_list_of_our_texts_is_not_asked(scene: Scene) -> None:
    """Every first text was carried over from it; a reply says nothing about other actions."""
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    restored(scene, sent=False)
    left(scene, dana, "Great, see you there!")
    caught_up(scene)
    assert counts(action) == {"ready": 1}


def test_without_a_restore_the_list_of_our_texts_is_not_asked(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    left(scene, dana, "Great, see you there!", hours=0)
    caught_up(scene)
    assert counts(action) == {"ready": 1}


def test_a_draft_whose_words_left_says_so_and_holds_nobody_back(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    running, draft = sending(dana), sending(dana, words=RALLY, launched=False)
    restored(scene)
    left(scene, dana, "Dana, our rally is on Saturday at six. Reply STOP to opt out.")
    caught_up(scene)
    assert counts(running) == {"ready": 1}
    again = db.session.get_one(Action, draft.id, populate_existing=True)
    assert again.state is ActionState.DRAFT and "texts with these words" in again.alarm
    assert "texts with these words" in scene.admin.open(f"/actions/{draft.id}/review").words


def test_a_saved_reply_or_a_goodbye_holds_nobody_back(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    saved = scripts.Reply("Where", "You vote at {polling_place}, open from six to eight.")
    with transaction():
        db.session.merge(dana).fields = {"polling_place": "the library"}
        scripts.set_saved_replies(db.session.get_one(Action, action.id), [saved])
    restored(scene)
    left(scene, dana, "You vote at the library, open from six to eight.")
    left(scene, dana, scene.campaign.confirmation_text)
    caught_up(scene)
    assert counts(action) == {"ready": 1}


def test_the_recontact_lock_knows_of_a_text_that_only_the_list_knows(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    sending(dana)
    with transaction():
        db.session.merge(scene.campaign).recontact_lock_hours = 6
    restored(scene)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    caught_up(scene)
    later = sending(dana, words=RALLY)
    scene.texter.takes_a_batch(later)
    assert scene.texter.card(later).forms("/send") == []
    with scene.later(hours=5):
        scene.texter.card(later).form("/send").send()
        scene.works()
    assert len(scene.taken(dana)) == 1


def test_a_refusal_because_of_an_opt_out_is_learned_from_the_list(scene: Scene) -> None:
    dana = scene.contact("Dana Whitfield")
    action = sending(dana)
    restored(scene)
    words = "Hi Dana, will you vote on Tuesday? Reply STOP to opt out."
    left(scene, dana, words, status="failed", error_code=21610)
    caught_up(scene)
    assert counts(action)["failed"] == 1
    assert optouts.is_opted_out(dana.id, scene.campaign.id, Texting.P2P)


def test_a_number_that_two_campaigns_share_counts_in_the_one_whose_words_left(
    scene: Scene,
) -> None:
    other = factories.campaign()
    factories.number(other, phone=scene.phone)
    dana = scene.contact("Dana Whitfield")
    there = factories.contact(of=other, phone=dana.phone, first_name="Dana")
    here, over_there = sending(dana), sending(there, of=other, words=RALLY)
    restored(scene)
    left(scene, dana, "Hi Dana, will you vote on Tuesday? Reply STOP to opt out.")
    caught_up(scene)
    assert (counts(here), counts(over_there)) == ({"sent": 1}, {"ready": 1})
    restored(scene)
    left(scene, dana, "Who knows")
    caught_up(scene)
    assert (counts(here), counts(over_there)) == ({"sent": 1}, {"unknown": 1})


def test_somebody_nobody_knows_is_left_alone(scene: Scene) -> None:
    action = sending(scene.contact("Dana Whitfield"))
    restored(scene)
    scene.carrier.left(scene.phone, factories.STRANGER, "Hi you", sent=utc_now().isoformat())
    scene.carrier.left(scene.phone, "whatsapp:x", "Hi you", sent=utc_now().isoformat())
    caught_up(scene)
    assert counts(action) == {"ready": 1} and not catch_up.is_owed()
    ready = select(Recipient.contact_id).where(Recipient.state == RecipientState.READY)
    assert len(db.session.scalars(ready).all()) == 1
    assert MessageState.UNKNOWN not in set(db.session.scalars(select(Message.state)))
