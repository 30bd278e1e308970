"""A text of ours, locked until the end of the transaction: found by its id, by our reference or by
the carrier's id.

`stops` says that an opt-out matters to the caller: contacts are locked before texts.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from webapp.db import db, run
from webapp.models import Message
from webapp.services import turns

_Query = tuple[Select[int], Select[Message]]


def _built(condition: ColumnElement[bool]) -> _Query:
    """Whose text it is, and the text itself; built once, every text that leaves needs them."""
    text = select(Message).where(condition).limit(1).with_for_update()
    contact = select(Message.contact_id).where(condition).limit(1)
    return contact, text.execution_options(populate_existing=True)


_BY_ID = _built(Message.id == bindparam("message"))
_BY_REFERENCE = _built(Message.reference == bindparam("reference"))
_BY_PROVIDER_ID = _built(
    (Message.direction == literal_column("'out'"))  # as the index says it
    & (Message.provider == bindparam("provider"))
    & (Message.provider_id == bindparam("provider_id"))
)


def by_id(message_id: int, *, stops: bool) -> Message | None:
    """The text with this id."""
    return _locked(_BY_ID, stops, message=message_id)


def by_reference(reference: str, *, stops: bool) -> Message | None:
    """The text that we called so at the carrier."""
    return _locked(_BY_REFERENCE, stops, reference=reference)


def by_provider_id(provider: str, provider_id: str, *, stops: bool) -> Message | None:
    """The text that the carrier calls so."""
    return _locked(_BY_PROVIDER_ID, stops, provider=provider, provider_id=provider_id)


def _locked(query: _Query, stops: bool, **bound: Any) -> Message | None:
    contact, text = query
    if stops and (contact_id := run(contact, **bound).scalar()) is not None:
        turns.take(contact_id)
    return db.session.scalars(text, bound).first()
