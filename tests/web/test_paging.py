"""Lists page by what was seen last; a damaged cursor gives the first page."""

import base64
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests import factories
from webapp.models import Contact
from webapp.web.paging import decode, encode, paginate


@pytest.mark.parametrize(
    ("value", "kind"),
    [("Ruiz", str), ("", str), (17, int), (datetime(2026, 5, 4, 12, 1, 2, 345, UTC), datetime)],
)
def test_a_cursor_comes_back_as_it_was(value: object, kind: type) -> None:
    assert decode(encode(value, 42), kind) == (value, 42)


@pytest.mark.parametrize(
    "cursor",
    [
        None,
        "",
        "x",
        "%%%",
        "é",
        encode("Ruiz", 42)[:-3],
        *(
            base64.urlsafe_b64encode(packed).decode()
            for packed in (
                b"[]",
                b"{}",
                b"null",
                b'["a"]',
                b'["a","b"]',
                b'["a",-1]',
                b'["a",true]',
                b'["a",1.5]',
                b"[1,2]",
                b"[null,1]",
                b'["a\\u0000",1]',
                b'["a",99999999999999999999]',
                b'[{"at":"soon"},1]',
                b'[{"at":5},1]',
                b"[{},1]",
                b"\xff\xfe",
                b"[" * 5000,
                b"[" * 400 + b"]" * 40,
            )
        ),
    ],
)
def test_a_damaged_cursor_is_none(cursor: str | None) -> None:
    assert decode(cursor, str) is None


def test_a_time_without_its_zone_is_damaged() -> None:
    packed = base64.urlsafe_b64encode(b'[{"at":"2026-05-04T12:00:00"},1]').decode()
    assert decode(packed, datetime) is None
    huge = base64.urlsafe_b64encode(b"[99999999999999999999,1]").decode()
    assert decode(huge, int) is None


@pytest.mark.parametrize("descending", [False, True])
def test_every_row_comes_once_even_with_equal_values(descending: bool) -> None:
    with factories.writing():
        made = [factories.contact(last_name=name) for name in ["Ito", "Ruiz", "Ruiz", "Ruiz", "Vu"]]
    seen: list[int] = []
    cursor, pages = None, 0
    while True:
        page = paginate(
            select(Contact),
            Contact.last_name,
            Contact.id,
            cursor=cursor,
            kind=str,
            size=2,
            descending=descending,
        )
        seen += [contact.id for contact in page.items]
        cursor, pages = page.next, pages + 1
        if cursor is None:
            break

    assert seen == [contact.id for contact in (reversed(made) if descending else made)]
    assert pages == 3


def test_pages_sort_by_time_too() -> None:
    with factories.writing():
        for _ in range(3):
            factories.contact()
    newest = paginate(
        select(Contact),
        Contact.created_at,
        Contact.id,
        cursor=None,
        kind=datetime,
        size=2,
        descending=True,
    )
    older = paginate(
        select(Contact),
        Contact.created_at,
        Contact.id,
        cursor=newest.next,
        kind=datetime,
        size=2,
        descending=True,
    )

    assert [len(newest.items), len(older.items), older.next] == [2, 1, None]


def test_rows_of_several_columns_page_as_well() -> None:
    with factories.writing():
        for _ in range(3):
            factories.contact()
    rows = select(Contact, Contact.city)

    page = paginate(rows, Contact.last_name, Contact.id, cursor=None, kind=str, size=2)

    assert [len(row) for row in page.items] == [2, 2]
    assert page.next is not None
