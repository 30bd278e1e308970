"""The commands behind `./heed`; one module per group."""
