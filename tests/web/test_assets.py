"""Static files can be kept for good, because their address changes with them."""

import pytest

from tests.client import Browser
from webapp.web.assets import asset


def test_an_asset_is_served_for_a_year(client: Browser) -> None:
    with client.get(asset("css/app.css")) as response:
        assert response.status_code == 200
        assert response.mimetype == "text/css"
    assert "immutable" in response.headers["Cache-Control"]
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_holds_a_hash_of_the_content() -> None:
    path, _, version = asset("css/app.css").partition("?v=")

    assert path == "/static/css/app.css"
    assert len(version) == 12


def test_a_page_never_links_to_a_file_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        asset("css/none.css")


@pytest.mark.parametrize(
    "path", ["/static/none.css", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static/"]
)
def test_nothing_but_static_files_is_served(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404
