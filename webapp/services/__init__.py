"""The rules of the product; the only code that writes."""
