"""The whole way from an empty machine: commands, then people at real pages, then the proof."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import servers
from tests.carrier import Separate
from tests.factories import phone_of
from tests.installation import Installation, installed
from tests.journeys.screens import Screen, visit
from webapp.config import Settings

PASSWORD = "a long enough pass phrase"
OURS = "+12025550107"
PEOPLE, REPEATED, BROKEN = 980, 10, 10
SCRIPT = "Hi {first_name}, it's {texter_name} with Rivera. Vote on Tuesday. Reply STOP to opt out."


@dataclass
class Answer:
    """What came back over the network, as the screens read it."""

    status_code: int
    text: str
    headers: httpx2.Headers
    request: Any

    @property
    def mimetype(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass
class Asked:
    """The path that was asked for in the end."""

    path: str


class Web:
    """A browser without scripts that goes over the network: cookies, forms, redirects."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=url, timeout=30, trust_env=False)

    def get(self, path: str, *, htmx: bool = False, follow_redirects: bool = True) -> Answer:
        headers = {"HX-Request": "true"} if htmx else {}
        answer = self._http.get(path, headers=headers, follow_redirects=follow_redirects)
        return self._read(answer)

    def post(self, path: str, *, data: dict[str, list[str]], htmx: bool = False) -> Answer:
        return self._read(self._http.post(path, data=data, follow_redirects=False))

    def close(self) -> None:
        self._http.close()

    def _read(self, answer: httpx2.Response) -> Answer:
        asked = Asked(answer.url.path)
        return Answer(answer.status_code, answer.text, answer.headers, asked)


@pytest.fixture
def empty(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """An installation that was never used."""
    database_url = f"sqlite:///{tmp_path / 'heed.db'}"
    if not settings.sqlite:
        url = servers.create_database("heed_whole_way")
        database_url = url.replace("postgresql:", "postgresql+psycopg:", 1)
    yield replace(
        settings,
        instance=tmp_path / "instance",
        database_url=database_url,
        queue_url=f"sqlite:///{tmp_path / 'queue.db'}",
    )
    if not settings.sqlite:
        servers.drop_database("heed_whole_way")


def test_from_an_empty_machine_to_the_proof_that_nobody_was_texted_after_opting_out(
    empty: Settings, tmp_path: Path
) -> None:
    with installed(empty, rate=500) as (heed, carrier):
        _set_up(heed, tmp_path / "ward-25.csv")
        first = _create_action(heed, "Doorstep to ballot")
        assert _ask(heed, "actions", "preview", "rivera", first)["suppressed"]["opted_out"] == 1
        launched = _ask(heed, "actions", "launch", "rivera", first, "--yes")
        assert (launched["state"], launched["total"], launched["ready"]) == ("live", 980, 979)
        heed.serve()
        worker = heed.worker()
        jordan = _sign_in(heed.url)
        texted = _texts_a_batch(jordan, first, carrier)
        assert len(texted) == 50
        curious, wordy, stopping = texted[:3]
        _reply_to(jordan, heed, carrier, curious)
        _report_opt_out(jordan, heed, wordy)
        _stop(jordan, heed, stopping)

        second = _create_action(heed, "Saturday canvass")
        seen = _ask(heed, "actions", "preview", "rivera", second)
        assert seen["suppressed"] == {
            "opted_out": 3,
            "no_consent": 0,
            "carrier_block": 0,
            "country": 0,
        }
        assert (seen["total"], seen["ready"]) == (980, 977)
        _ask(heed, "actions", "launch", "rivera", second, "--yes")
        _texts_a_batch(jordan, second, carrier)
        worker.terminate()
        assert worker.wait(30) == 0

        gone = [phone_of(0), wordy, stopping]
        arrivals = Counter(one.to for one in carrier.arrivals())
        assert [arrivals[phone] for phone in gone] == [0, 1, 1]
        assert arrivals[curious] == 3, "Two first texts and a reply."
        assert len(carrier.arrivals()) == 50 + 1 + 50
        _check_the_record(heed, gone, first)
        jordan.close()


def _set_up(heed: Installation, file: Path) -> None:
    """A campaign with its people, a number, a request from elsewhere and a file of contacts."""
    assert _ask(heed, "db", "upgrade") == {"changed": True}
    made = ("campaign", "create", "Rivera for Council", "--owner-email=maya@example.org")
    options = ("--slug=rivera", "--hours=00:00-24:00", "--time-zone=America/Chicago")
    assert _ask(heed, *made, *options, "--password-stdin", stdin=PASSWORD)["slug"] == "rivera"
    texter = ("user", "add", "jordan@example.org", "--campaign=rivera", "--role=texter")
    _ask(heed, *texter, "--name=Jordan Lee", "--password-stdin", stdin=PASSWORD)
    assert _ask(heed, "number", "add", "rivera", "(202) 555-0107", "--kind=p2p")["phone"] == OURS
    _ask(heed, "optouts", "add", "rivera", phone_of(0), "--kind=p2p", "--source=Called us")
    _write(file)
    facts = _ask(heed, "contacts", "import", "rivera", str(file), "--list=Ward 25")
    assert (facts["rows"], facts["imported"], facts["already_opted_out"]) == (1_000, PEOPLE, 1)
    assert (facts["duplicates"], facts["rejected"]) == (REPEATED, BROKEN)


def _write(file: Path) -> None:
    """A thousand rows as people write them: some numbers twice, some no numbers at all."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["First Name", "Last Name", "Cell Phone", "State", "Favorite topic"])
        for n in range(PEOPLE + REPEATED):
            digits = phone_of(n % PEOPLE)[2:]
            ways = (digits, f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", f"+1 {digits}")
            rows.writerow([f"Person{n}", "Whitfield", ways[n % 3], "IL", "Buses"])
        for n in range(BROKEN):
            rows.writerow([f"Broken{n}", "Whitfield", "312-555-01", "IL", "Trains"])


def _create_action(heed: Installation, name: str) -> str:
    made = ("actions", "create", "rivera", "--kind=p2p", f"--name={name}", "--list=Ward 25")
    return str(_ask(heed, *made, f"--script={SCRIPT}")["id"])


def _sign_in(url: str) -> Web:
    web = Web(url)
    landed = (
        visit(web, "/c/rivera/text")
        .form("/login")
        .send(  # type: ignore[arg-type]
            email="jordan@example.org", password=PASSWORD
        )
    )
    assert (landed.status, landed.path) == (200, "/c/rivera/text")
    return web


def _open(web: Web, path: str) -> Screen:
    return visit(web, f"/c/rivera{path}")  # type: ignore[arg-type]


def _texts_a_batch(jordan: Web, action: str, carrier: Separate) -> list[str]:
    """Get 50 contacts and tap Send until the batch is done; who got a text, in order."""
    before = len(carrier.arrivals())
    screen, taps = _open(jordan, f"/text/{action}").form("/batch").send(), 0
    while screen.forms("/send"):
        screen = screen.form("/send").send()
        assert screen.status == 200
        taps += 1
    arrivals = carrier.wait(before + taps, seconds=30)[before:]
    assert all(one.body.startswith("Hi Person") and one.sender == OURS for one in arrivals)
    assert "it's Jordan with Rivera" in arrivals[0].body
    assert taps == len({one.to for one in arrivals}) == 50
    return [one.to for one in arrivals]


def _reply_to(jordan: Web, heed: Installation, carrier: Separate, phone: str) -> None:
    """Somebody asks who it is, and gets an answer."""
    assert heed.phones.text(phone, OURS, "Who is this?").status == 200
    thread = _thread(jordan, "Who is this?")
    sent = thread.form("/reply").send(body="Jordan, a neighbor of yours. Thanks for asking!")
    assert sent.status == 200
    assert carrier.wait(2, phone)[-1].body.startswith("Jordan, a neighbor")


def _report_opt_out(jordan: Web, heed: Installation, phone: str) -> None:
    """Somebody asks to stop in other words: marked in the report by hand."""
    assert heed.phones.text(phone, OURS, "Please do not text me anymore").status == 200
    thread = _thread(jordan, "Please do not text me anymore")
    form = thread.open(f"{thread.path}/report").form("/report")
    (tag,) = form.offered("tags")
    assert form.send(tags=tag).says("Report sent", "Opt Out (P2P)")


def _stop(jordan: Web, heed: Installation, phone: str) -> None:
    """Somebody texts STOP: the thread is gone and nothing is left to do."""
    assert heed.phones.text(phone, OURS, "A last word").status == 200
    thread = _thread(jordan, "A last word")
    assert heed.phones.text(phone, OURS, "STOP").status == 200
    assert _open(jordan, thread.path.removeprefix("/c/rivera")).status == 404
    for view in ("needs", "unread", "all", "archived"):
        assert not _open(jordan, f"/inbox?view={view}").link_to(thread.path)
    assert thread.form("/reply").send(body="Sorry!").status == 409


def _thread(jordan: Web, preview: str) -> Screen:
    """Open the conversation whose last text this is, from the list."""
    listed = _open(jordan, "/inbox")
    (href,) = {href for words, href in listed.links().items() if preview in words}
    return listed.open(href)


def _check_the_record(heed: Installation, gone: list[str], action: str) -> None:
    """Export, counts, one contact and the audit tell the same story."""
    exported = list(csv.DictReader(heed.run("optouts", "export", "rivera").splitlines()))
    sources = dict(zip(gone, ("admin", "report", "stop_word"), strict=True))
    assert {one["phone"]: one["source"] for one in exported} == sources
    counts = _ask(heed, "actions", "show", "rivera", action)
    parts = ("ready", "claimed", "sending", "sent", "failed", "unknown", "cancelled")
    whole = sum(counts[part] for part in parts) + sum(counts["suppressed"].values())
    assert counts["total"] == whole == PEOPLE
    stopped = _ask(heed, "contacts", "show", "rivera", gone[-1])
    assert stopped["tags"] == ["Opt Out (P2P)"]
    assert stopped["can_text"] == {"p2p": False, "broadcast": False}
    assert any(moment["text"] == "STOP" for moment in stopped["timeline"])
    audit = _ask(heed, "audit")
    assert (audit["ok"], audit["texts_after_opt_out"]) == (True, 0)


def _ask(heed: Installation, *command: str, stdin: str = "") -> dict[str, Any]:
    """Run a command with --json; what it answers."""
    facts: dict[str, Any] = json.loads(heed.run(*command, "--json", stdin=stdin))
    return facts
