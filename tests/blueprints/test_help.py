"""Help says what the product does."""

import pytest

from tests.client import Browser
from webapp.models.tags import BUILT_IN_NAMES
from webapp.texting import keywords


@pytest.mark.parametrize("url", ["/help", "/help/opt-outs"])
def test_anybody_may_read_help(client: Browser, url: str) -> None:
    assert client.get(url).status_code == 200


def test_help_names_the_tags_and_stop_words_that_there_are(client: Browser) -> None:
    page = client.get("/help/opt-outs").text

    assert all(name in page for name in BUILT_IN_NAMES.values())
    for word in ("STOP", "END", "UNSUBSCRIBE", "QUIT", "CANCEL"):
        assert word in page and keywords.read(word).value == "opt_out"
    assert "JOIN" in page and keywords.read("JOIN").value == "opt_in"
    for answer in ("No", "wrong number", "who is this?", "Please don’t text me anymore"):
        assert answer in page and keywords.read(answer).value == "none"
