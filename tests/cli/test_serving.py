"""`serve` as a process: what it tells on the console."""

import os
import re
import sys
from pathlib import Path

import httpx2
import psutil
import pytest

from tests import factories
from tests.browser.site import Site
from tests.client import Browser
from webapp.db import db


def test_serve_prints_the_set_up_code_until_there_is_a_campaign(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        told = site.log.read_text()
        printed = re.search(rf"Open {site.url}/setup and enter this code: (\S+)", told)
        assert printed is not None
        client = site.app.test_client()
        assert isinstance(client, Browser)
        with site.app.app_context():
            answer = client.post("/setup", {"code": printed[1]})
            assert answer.location == "/setup/campaign"
            factories.campaign()
            db.session.remove()
        site.begin_again()
        assert "/setup" not in site.log.read_text().removeprefix(told)


@pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="One processor core."
)
def test_what_answers_stays_on_one_core_and_the_worker_may_use_all(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        [serving] = psutil.Process(site.process_id).children()
        httpx2.get(f"{site.url}/login", trust_env=False)
        cores = {
            thread.id: frozenset(os.sched_getaffinity(thread.id)) for thread in serving.threads()
        }
    everywhere = frozenset(os.sched_getaffinity(0))
    answering = {own for own in cores.values() if own != everywhere}
    assert cores[serving.pid] in answering
    assert [len(own) for own in answering] == [1]
    assert everywhere in cores.values()
