"""When texting opens again, in words: in the contact's own time where it is known."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.models import Campaign, Contact
from webapp.texting import hours


def until(moment: datetime, contact: Contact | None, campaign: Campaign, *, now: datetime) -> str:
    """The end of "closed until …": "9 am in Dana's time zone", "9 am tomorrow, campaign time".

    Without a contact it is the campaign's own clock, as on every page.
    """
    theirs = hours.local_time(moment, contact.zones) if contact else None
    local = theirs or moment.astimezone(ZoneInfo(campaign.time_zone))
    today = now.astimezone(local.tzinfo).date()
    if contact is None or contact.zones == campaign.time_zone:
        whose = ""
    else:
        whose = f" in {contact.called}’s time zone" if theirs else ", campaign time"
    return _clock(local) + _day(local, (local.date() - today).days) + whose


def there(contact: Contact, *, now: datetime) -> str:
    """What a clock shows where the contact lives: "1:22 pm there"; "" when nobody can say."""
    local = hours.local_time(now, contact.zones)
    return f"{_clock(local, exact=True)} there" if local else ""


def span(campaign: Campaign) -> str:
    """The campaign's texting hours: "9 am to 9 pm"; "" when it may text at any time."""
    if campaign.hours.always:
        return ""
    day = datetime(2000, 1, 1)  # noqa: DTZ001 – only its clock is read
    ends = (campaign.hours.opens, campaign.hours.closes)
    return " to ".join(_clock(day + timedelta(minutes=minute)) for minute in ends)


def _clock(local: datetime, *, exact: bool = False) -> str:
    minutes = f":{local.minute:02}" if local.minute or exact else ""
    return f"{local.hour % 12 or 12}{minutes} {'am' if local.hour < 12 else 'pm'}"


def _day(local: datetime, days: int) -> str:
    if days <= 0:
        return ""
    return " tomorrow" if days == timedelta(days=1).days else f" on {local:%A}"
