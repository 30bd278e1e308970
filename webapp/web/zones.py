"""The time zones that a form offers."""

from zoneinfo import available_timezones

# Those of the United States first; the rest of the world in the order of its names.
US_ZONES = [
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
]
_HEADED = dict(US_ZONES)
ZONES = US_ZONES + [
    (name, name.replace("_", " ")) for name in sorted(available_timezones()) if name not in _HEADED
]
