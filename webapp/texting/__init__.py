"""Pure functions about texts, phones and times: no database, no Flask, nothing to set up."""
