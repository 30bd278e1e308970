"""The stand-in carrier keeps its own promises; everything else is measured with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.carrier import ACCOUNT_SID, API_KEY, AUTH_TOKEN, Rule, Separate, StandIn

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
ANA, BEN, OURS = "+13125550142", "+13125550143", "+13125550100"


@pytest.fixture(params=[StandIn, Separate], ids=["thread", "process"])
def carrier(request: pytest.FixtureRequest) -> Iterator[StandIn | Separate]:
    with request.param() as server:
        yield server


@pytest.fixture
def api(carrier: StandIn | Separate) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=carrier.url, auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        yield client


def send(api: httpx2.Client, to: str = ANA, body: str = "Hi") -> httpx2.Response:
    return api.post(MESSAGES, data={"From": OURS, "To": to, "Body": body})


def test_every_text_is_written_down_with_the_time_it_came(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    before, before_at = time.monotonic(), time.time()
    answers = [send(api, ANA), send(api, BEN), send(api, ANA)]
    after = time.monotonic()

    arrivals = carrier.arrivals()
    assert [one.to for one in arrivals] == [ANA, BEN, ANA]
    assert [one.sid for one in arrivals] == [answer.json()["sid"] for answer in answers]
    assert [one.number for one in carrier.arrivals(ANA)] == [1, 3]
    assert [one.number for one in carrier.arrivals(after=2)] == [3]
    for one in arrivals:
        assert before <= one.came <= one.read <= after
        assert abs(one.came_at - before_at) < 60


def test_without_the_right_credentials_nothing_is_taken(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    for wrong in (("AC9", AUTH_TOKEN), (ACCOUNT_SID, "wrong")):
        answer = api.post(MESSAGES, auth=wrong, data={"From": OURS, "To": ANA, "Body": "Hi"})
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert carrier.arrivals() == []


@pytest.mark.parametrize(("missing", "code"), [("From", 21603), ("To", 21604), ("Body", 21602)])
def test_an_incomplete_text_is_refused(api: httpx2.Client, missing: str, code: int) -> None:
    fields = {"From": OURS, "To": ANA, "Body": "Hi", missing: ""}

    answer = api.post(MESSAGES, data=fields)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_rules_apply_to_whom_and_as_often_as_they_say(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    carrier.opted_out(BEN)
    carrier.answer(429, 20429, times=2, to=ANA, retry_after="3")

    codes = [send(api, to).status_code for to in (ANA, BEN, ANA, ANA, BEN)]

    assert codes == [429, 400, 429, 201, 400]
    assert [one.accepted for one in carrier.arrivals()] == [False, False, False, True, False]


def test_a_rule_in_passing_comes_before_a_general_one(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    carrier.delay(0.01, 0.02)
    carrier.answer(503)

    assert [send(api).status_code for _ in range(3)] == [503, 201, 201]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_breaks_with_or_without_the_text_being_taken(
    carrier: StandIn | Separate, api: httpx2.Client, accepted: bool, reset: bool
) -> None:
    carrier.drop(accepted=accepted, reset=reset)

    with pytest.raises(httpx2.ReadError if reset else httpx2.RemoteProtocolError):
        send(api)

    assert [one.accepted for one in carrier.arrivals()] == [accepted]


def test_a_late_answer_is_as_late_as_was_asked(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    carrier.delay(0.2, times=1)

    began = time.monotonic()
    send(api)

    assert time.monotonic() - began >= 0.2
    assert carrier.arrivals()[0].read - began < 0.2


def test_a_request_that_hangs_ends_with_a_reset(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    carrier.hang(accepted=True)

    with pytest.raises(httpx2.ReadTimeout):
        api.post(MESSAGES, data={"From": OURS, "To": ANA, "Body": "Hi"}, timeout=0.2)

    carrier.reset()
    assert carrier.arrivals() == []
    assert send(api).status_code == 201


def test_one_can_wait_for_texts(carrier: StandIn | Separate, api: httpx2.Client) -> None:
    send(api, BEN)
    send(api, ANA)

    assert len(carrier.wait(2)) == 2
    assert len(carrier.wait(1, BEN)) == 1
    assert len(carrier.wait(5, seconds=0.05)) == 2


def test_the_list_shows_what_was_received_newest_first(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    for number in range(5):
        moment = f"2026-03-0{number + 1}T12:00:00+00:00"
        carrier.received(ANA, OURS, f"text {number}", sid=f"SM{number}", sent=moment)
    carrier.received(ANA, "+13125550199", "to another number")
    send(api)

    answer = api.get(f"{MESSAGES}?To=%2B13125550100&DateSent>=2026-03-02&PageSize=3").json()
    rest = api.get(answer["next_page_uri"]).json()

    assert [one["body"] for one in answer["messages"]] == ["text 4", "text 3", "text 2"]
    assert [one["sid"] for one in rest["messages"]] == ["SM1"]
    assert rest["next_page_uri"] is None
    assert answer["messages"][0]["date_sent"] == "Thu, 05 Mar 2026 12:00:00 +0000"
    assert api.get(MESSAGES, params={"To": ANA}).json()["messages"][0]["status"] == "sent"
    assert api.get(MESSAGES, params={"DateSent>": "soon"}).status_code == 400


def test_the_list_shows_what_left_from_a_number_page_after_page(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    noon = "2026-03-05T12:00:00+00:00"
    carrier.left(OURS, ANA, "Hi Ana", sid="SM1", sent=noon, status="failed", error_code=30006)
    carrier.left("+13125550199", ANA, "from another number")
    carrier.received(ANA, OURS, "to the number")
    send(api)

    answer = api.get(f"{MESSAGES}?From=%2B13125550100&DateSent>=2026-03-02&PageSize=1").json()
    [ours], [given] = answer["messages"], api.get(answer["next_page_uri"]).json()["messages"]

    assert (ours["from"], ours["status"], ours["direction"]) == (OURS, "sent", "outbound-api")
    assert (given["sid"], given["status"], given["error_code"]) == ("SM1", "failed", 30006)


def test_pictures_of_a_listed_text_lie_behind_a_redirect(
    carrier: StandIn | Separate, api: httpx2.Client
) -> None:
    picture = carrier.picture(b"\x89PNG", hops=1)
    carrier.received(ANA, OURS, "look", sid="MM1", media=[picture])

    listed = api.get(MESSAGES).json()["messages"][0]
    below = MESSAGES.replace(".json", "/MM1/Media")
    [entry] = api.get(f"{below}.json").json()["media_list"]
    first = api.get(entry["uri"].removesuffix(".json"))
    second = httpx2.get(f"{carrier.url}{first.headers['Location']}", trust_env=False)

    assert (listed["num_media"], first.status_code) == ("1", 307)
    assert (second.content, second.headers["Content-Type"]) == (b"\x89PNG", "image/png")
    assert api.get(f"{below}/ME9").status_code == 404
    assert api.get(MESSAGES.replace(".json", "/MM9/Media.json")).status_code == 404


# In Telnyx's words


@pytest.fixture
def telnyx(carrier: StandIn | Separate) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    with httpx2.Client(base_url=carrier.url, headers=headers) as client:
        yield client


def send_by_telnyx(telnyx: httpx2.Client, to: str = ANA, **more: str) -> httpx2.Response:
    return telnyx.post("/v2/messages", json={"from": OURS, "to": to, "text": "Hi", **more})


def test_a_text_by_telnyx_is_written_down_like_any_other(
    carrier: StandIn | Separate, telnyx: httpx2.Client
) -> None:
    answer = send_by_telnyx(telnyx, webhook_url="https://h.example/hook?ref=r-17")

    [arrival] = carrier.arrivals()
    assert (answer.status_code, answer.json()["data"]["id"]) == (200, arrival.sid)
    assert (arrival.sender, arrival.to, arrival.body) == (OURS, ANA, "Hi")
    assert arrival.ref == "r-17"


def test_the_same_faults_come_in_telnyxs_words(
    carrier: StandIn | Separate, telnyx: httpx2.Client
) -> None:
    carrier.opted_out(BEN)
    carrier.answer(429, 20429, to=ANA, retry_after="3")
    carrier.answer(422, 40310, to=OURS)

    answers = [send_by_telnyx(telnyx, to) for to in (BEN, ANA, OURS, ANA)]

    assert [answer.status_code for answer in answers] == [409, 429, 422, 200]
    codes = [answer.json()["errors"][0]["code"] for answer in answers[:3]]
    assert codes == ["40300", "10011", "40310"]
    assert answers[1].headers["Retry-After"] == "3"
    carrier.drop(accepted=True)
    with pytest.raises(httpx2.RemoteProtocolError):
        send_by_telnyx(telnyx)


def test_a_strange_request_by_telnyx_harms_nobody(
    carrier: StandIn | Separate, telnyx: httpx2.Client
) -> None:
    wrong = {"Authorization": "Bearer wrong"}
    assert telnyx.post("/v2/messages", json={}, headers=wrong).status_code == 401
    assert telnyx.post("/v2/messages", content=b"no JSON").status_code == 400
    assert telnyx.post("/v2/messages", json=[]).status_code == 400
    assert send_by_telnyx(telnyx, text="").status_code == 422
    assert telnyx.get("/v2/messages").status_code == 405
    assert telnyx.get("/v2/elsewhere").status_code == 404
    assert carrier.arrivals() == []


def test_a_refused_port_opens_again_after_the_given_time() -> None:
    with Separate() as carrier:
        carrier.refuse(0.3)
        with httpx2.Client(base_url=carrier.url, auth=(ACCOUNT_SID, AUTH_TOKEN)) as api:
            with pytest.raises(httpx2.ConnectError):
                send(api)
            ends = time.monotonic() + 10
            while time.monotonic() < ends:
                try:
                    assert send(api).status_code == 201
                except httpx2.ConnectError:
                    continue
                return
    pytest.fail("The port did not open again.")


def test_a_strange_request_harms_nobody(carrier: StandIn | Separate, api: httpx2.Client) -> None:
    assert api.put(MESSAGES).status_code == 405
    assert api.get("/elsewhere").status_code == 404
    assert api.post("/control/unknown", json={}).status_code == 404
    wrong = api.post("/control/rules", json={"no_such_field": 1})
    assert wrong.status_code == 400
    assert "no_such_field" in wrong.json()["wrong"]
    assert send(api).status_code == 201


def test_it_closes_quietly_while_clients_are_connected_hang_or_wait(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with StandIn() as carrier, ThreadPoolExecutor(2) as threads:
        carrier.hang(accepted=True)
        carrier.delay(60, to=BEN)
        with httpx2.Client(base_url=carrier.url, auth=(ACCOUNT_SID, AUTH_TOKEN)) as api:
            api.get(MESSAGES)
            waiting = [threads.submit(send, api, to) for to in (ANA, BEN)]
            carrier.wait(2)
            carrier.close()

    assert all(isinstance(one.exception(), httpx2.TransportError) for one in waiting)
    assert (capfd.readouterr().err, caplog.text) == ("", "")


def test_it_ends_when_its_time_is_up() -> None:
    with Separate(max_life=0.1) as carrier:
        psutil.Process(carrier.pid).wait(timeout=10)


PARENT = "from tests.carrier import Separate; import os; print(Separate().pid); os._exit(0)"


def test_it_ends_with_its_parent() -> None:
    command = [sys.executable, "-c", PARENT]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=30, check=True
    )
    pid = int(done.stdout)

    ends = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < ends:
        time.sleep(0.05)

    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_rule_survives_the_way_through_json() -> None:
    rule = Rule(to=ANA, times=None, accept=False, status=503, code=20503, delay=(0.1, 0.2))

    assert Rule.from_json(rule.as_json()) == rule
