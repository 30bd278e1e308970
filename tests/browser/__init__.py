"""Heed in a real browser: the whole way, how pages behave, and who can use them."""
