"""The tables beside these tests, one case a line."""

import json
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables")


def lines(name: str) -> list[str]:
    """The texts of a plain table; lines with # at the beginning say what it is."""
    written = (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in written if line and not line.startswith("# ")]


def rows(name: str) -> list[dict[str, Any]]:
    """The cases of a table of JSON Lines."""
    written = (TABLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in written]
