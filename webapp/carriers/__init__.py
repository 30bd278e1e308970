"""The roads to a phone: one contract, one module per carrier."""
