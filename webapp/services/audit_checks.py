"""What a check of the audit is, and the words that all of them use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, literal, true
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must always hold.

    `wrong` gives a query for the rows for which it does not, each as words such as
    "message 12"; its argument is a campaign's id, or None for all campaigns.
    """

    name: str
    holds: str
    wrong: Callable[[int | None], Select[str]]


def named(table: str, row_id: Column) -> ColumnElement[str]:
    """A row in words: "message 12"."""
    return (literal(f"{table} ") + cast(row_id, String)).label("what")


def within(column: Column, campaign_id: int | None) -> ColumnElement[bool]:
    """Only rows of one campaign, or all of them."""
    return true() if campaign_id is None else column == campaign_id
