"""Heed: campaign texting that never texts anyone who asked it to stop."""

VERSION = "0.1.0"  # As in pyproject.toml; a test keeps them the same.
