"""What a request to stop sounds like: readable phrases, and how to read them."""
