"""Heed: campaign texting that never texts anyone who asked it to stop."""
