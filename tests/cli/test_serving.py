"""`serve` as a process: what it tells on the console."""

import re
from pathlib import Path

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
