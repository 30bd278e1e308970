"""States, territories and provinces by their names, as files write them."""

import re

_NAMES = (
    "AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut, "
    "DE Delaware, DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, "
    "IL Illinois, IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME Maine, "
    "MD Maryland, MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, "
    "MT Montana, NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, "
    "NY New York, NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, "
    "PA Pennsylvania, RI Rhode Island, SC South Carolina, SD South Dakota, TN Tennessee, "
    "TX Texas, UT Utah, VT Vermont, VA Virginia, WA Washington, WV West Virginia, WI Wisconsin, "
    "WY Wyoming, PR Puerto Rico, GU Guam, VI US Virgin Islands, AS American Samoa, "
    "MP Northern Mariana Islands, AB Alberta, BC British Columbia, MB Manitoba, "
    "NB New Brunswick, NL Newfoundland and Labrador, NS Nova Scotia, NT Northwest Territories, "
    "NU Nunavut, ON Ontario, PE Prince Edward Island, QC Quebec, SK Saskatchewan, YT Yukon"
)
_CODE_OF = {name[3:].casefold(): name[:2] for name in _NAMES.split(", ")} | {"québec": "QC"}
_CODES = frozenset(_CODE_OF.values())


def code(written: str) -> str:
    """The two-letter code of a state, territory or province ("il", "Illinois"); "" for others."""
    text = " ".join(re.sub(r"[.]", "", written).split())
    upper = text.upper()
    return upper if upper in _CODES else _CODE_OF.get(text.casefold(), "")
