"""The campaign's own tags, put on a contact and taken off by hand."""

from flask import Response, flash, url_for

from webapp.blueprints.contacts.forms import TagForm
from webapp.blueprints.contacts.views import bp, page_of
from webapp.db import transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Contact, Tag
from webapp.services import contact_tags
from webapp.web.access import for_admins, load, me, picked
from webapp.web.htmx import see_other


@bp.route("/data/contacts/<int:contact_id>/tags", methods=["POST"])
@for_admins
def add_tag(contact_id: int) -> Response:
    """Put on the tag that was chosen."""
    contact, form, status = load(Contact, contact_id), TagForm(), None
    if form.validate_on_submit():
        try:
            with transaction():
                tag = picked(Tag, form.tag.data, field="tag", otherwise="Choose one of your tags.")
                added = contact_tags.put_on(contact, tag, by=me(), now=utc_now())
        except RefusedError as refusal:
            status = form.refuse(refusal)
        else:
            flash(f"“{tag.name}” is added." if added else f"“{tag.name}” was there already.")
            return see_other(url_for(".show", contact_id=contact.id))
    return page_of(contact, form, status=status)


@bp.route("/data/contacts/<int:contact_id>/tags/<int:tag_id>/remove", methods=["POST"])
@for_admins
def remove_tag(contact_id: int, tag_id: int) -> Response:
    """Take a tag off."""
    contact, tag = load(Contact, contact_id), load(Tag, tag_id)
    with transaction():
        removed = contact_tags.take_off(contact, tag, by=me(), now=utc_now())
    flash(f"“{tag.name}” is removed." if removed else f"“{tag.name}” was gone already.")
    return see_other(url_for(".show", contact_id=contact.id))
