"""Where a phone or a state is, as time zones."""

from collections.abc import Iterable
from functools import lru_cache

from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

# IANA zones of the states, territories and provinces. Where two are observed, both: somebody
# may be in either, and a text must not come too early or too late in one of them.
_OF_STATE = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA NV WA",
    "America/Denver,America/Phoenix": "AZ",  # The Navajo Nation changes its clocks.
    "America/Adak,America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Chicago,America/New_York": "FL KY TN",
    "America/Chicago,America/Indiana/Indianapolis": "IN",
    "America/Chicago,America/Detroit": "MI",
    "America/Chicago,America/Denver": "KS ND NE SD TX",
    "America/Boise,America/Los_Angeles": "ID OR",
    "America/Puerto_Rico": "PR",
    "America/St_Thomas": "VI",
    "Pacific/Guam": "GU",
    "Pacific/Saipan": "MP",
    "Pacific/Pago_Pago": "AS",
    "America/Toronto,America/Winnipeg": "ON",
    "America/Halifax,America/Toronto": "QC",
    "America/Dawson_Creek,America/Edmonton,America/Vancouver": "BC",
    "America/Edmonton": "AB",
    "America/Edmonton,America/Regina": "SK",
    "America/Winnipeg": "MB",
    "America/Halifax": "NB NS PE",
    "America/Goose_Bay,America/St_Johns": "NL",
    "America/Edmonton,America/Yellowknife": "NT",
    "America/Whitehorse": "YT",
    "America/Cambridge_Bay,America/Iqaluit,America/Rankin_Inlet": "NU",
}
_ZONES_OF_STATE = {state: zones for zones, states in _OF_STATE.items() for state in states.split()}
_MOST_ZONES = 4


def _joined(zones: Iterable[str]) -> str:
    """Zones as one key; nothing when there are so many that they say nothing."""
    known = sorted({zone for zone in zones if not zone.startswith("Etc/")})
    return ",".join(known) if len(known) <= _MOST_ZONES else ""


def _by_area_code() -> dict[str, str]:
    """The zones of each North American area code, those of all its exchanges together.

    The data knows exchanges of their own for land lines, but a mobile number moves freely
    within its area code: half of 850 is in Chicago's zone, whatever the exchange says.
    """
    zones_of_area: dict[str, set[str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix[0] == "1" and len(prefix) >= len("1312"):
            zones_of_area.setdefault(prefix[1:4], set()).update(zones)
    return {area: _joined(zones) for area, zones in zones_of_area.items()}


_ZONES_OF_AREA = _by_area_code()


def zones_of(e164: str, state: str | None = None) -> str:
    """The IANA zones a contact may be in, sorted and joined by commas; "" when unknown.

    By the two-letter state, territory or province if it is a known one ("TX" gives both of
    its zones), else every zone of the area code in phonenumbers' data. More than four say
    nothing and give "" (decision 14).
    """
    if state:
        zones = _ZONES_OF_STATE.get(state) or _ZONES_OF_STATE.get(state.strip().upper())
        if zones:
            return zones
    if e164.startswith("+1"):
        return _ZONES_OF_AREA.get(e164[2:5], "")
    return _abroad(e164[1 : TIMEZONE_LONGEST_PREFIX + 1])


@lru_cache(maxsize=4_096)
def _abroad(digits: str) -> str:
    """The zones of the longest known prefix of a number outside North America."""
    prefixes = (digits[:end] for end in range(len(digits), 0, -1))
    return next(
        (_joined(TIMEZONE_DATA[known]) for known in prefixes if known in TIMEZONE_DATA),
        "",
    )
