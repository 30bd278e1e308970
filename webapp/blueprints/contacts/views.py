"""The list of contacts, one contact and what is known of them, lists, export."""

from typing import Any

from flask import Response, abort, flash, g, request, url_for
from sqlalchemy import select

from webapp.blueprints.contacts import shown
from webapp.blueprints.contacts.forms import DeleteForm, NewContactForm, PersonForm, TagForm
from webapp.db import db, transaction, utc_now
from webapp.errors import RefusedError
from webapp.models import Action, Contact, ContactList, Conversation, Texting, User
from webapp.services import (
    contact_live,
    contact_search,
    contact_sheet,
    contact_standing,
    contact_tags,
    contacts,
    exports,
    lists,
    sheets,
    tags,
    threads,
    timeline,
)
from webapp.services.contact_search import Wanted
from webapp.web import downloads, queries
from webapp.web.access import campaign_blueprint, for_admins, load, me
from webapp.web.forms import choices
from webapp.web.htmx import render, see_other

bp = campaign_blueprint("contacts", __name__)


@bp.route("/data/contacts")
@for_admins
def index() -> Response:
    wanted, after = _wanted(), queries.asked("after")
    page = contact_search.page(g.campaign.id, wanted, after=after)
    return render(
        "contacts/index.html",
        found=page,
        narrowed=_kept(wanted),
        is_first=after is None,
        tags_of=contacts.tags_of([contact.id for contact in page.contacts]),
        **_choices(),
    )


@bp.route("/data/contacts/new", methods=["GET", "POST"])
@for_admins
def new() -> Response:
    form = NewContactForm()
    if form.validate_on_submit():
        try:
            with transaction():
                made = contacts.add(
                    g.campaign.id, form.phone.data or "", form.person, now=utc_now()
                )
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash(f"{made.shown_name} is in your contacts.")
            return see_other(url_for(".show", contact_id=made.id))
    return render("contacts/new.html", form=form)


@bp.route("/data/contacts/<int:contact_id>")
@for_admins
def show(contact_id: int) -> Response:
    return page_of(load(Contact, contact_id), TagForm(formdata=None))


def page_of(contact: Contact, form: TagForm, *, status: int | None = None) -> Response:
    """The page of a contact; `form` is the one that adds a tag."""
    form.tag.choices = choices(
        (0, "Choose a tag"), *((tag.id, tag.name) for tag in contact_tags.choices(contact))
    )
    return render(
        "contacts/show.html",
        status=status,
        form=form,
        contact=contact,
        cards=[shown.card(contact, one) for one in contact_standing.verdicts(contact).values()],
        mark=contact_live.mark(contact),
        moments=timeline.of(contact, texting=_about()),
        about=_about(),
        their_time=shown.their_time(contact),
        look=shown.look,
        tags=contact_tags.of(contact),
        lists=lists.of_contact(contact),
        conversations=_conversations(contact),
    )


@bp.route("/data/contacts/<int:contact_id>/edit", methods=["GET", "POST"])
@for_admins
def edit(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    form = PersonForm(obj=contact)
    if form.validate_on_submit():
        try:
            with transaction():
                contacts.change(contact, form.person, now=utc_now())
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.")
            return see_other(url_for(".show", contact_id=contact.id))
    return render("contacts/edit.html", form=form, contact=contact)


@bp.route("/data/contacts/<int:contact_id>/delete", methods=["GET", "POST"])
@for_admins
def delete(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    form = DeleteForm()
    if form.validate_on_submit():
        with transaction():
            contacts.forget(contact, bodies=form.bodies.data, by=me(), now=utc_now())
        flash("The person is deleted. The number and its opt-outs stay.")
        return see_other(url_for(".index"))
    return render("contacts/delete.html", form=form, contact=contact)


@bp.route("/data/contacts/<int:contact_id>/conversations/<int:thread_id>")
@for_admins
def conversation(contact_id: int, thread_id: int) -> Response:
    """Any thread of a contact, also one that texters can't see any more (decision 5)."""
    contact, found = load(Contact, contact_id), load(Conversation, thread_id)
    if found.contact_id != contact.id:
        abort(404)
    messages = threads.last(found, before=queries.asked("before"))
    return render(
        "contacts/conversation.html",
        contact=contact,
        conversation=found,
        action=threads.action_of(found),
        days=shown.days(messages, contact),
        earlier=messages[0].id if len(messages) == threads.PAGE else None,
    )


@bp.route("/data/contacts/export", methods=["POST"])
@for_admins
def export() -> Response:
    wanted = _wanted()
    with transaction():
        exports.note(g.campaign.id, "contacts", by=me(), now=utc_now())
    heading, rows = contact_sheet.of(g.campaign.id, wanted)
    name = f"contacts-{g.campaign.slug}-{utc_now():%Y-%m-%d}.csv"
    return downloads.csv(sheets.lines(heading, rows, as_is=("Phone",)), name)


@bp.route("/data/contacts/<int:contact_id>/timeline", methods=["POST"])
@for_admins
def export_timeline(contact_id: int) -> Response:
    contact = load(Contact, contact_id)
    with transaction():
        exports.note(g.campaign.id, "timeline", by=me(), now=utc_now(), about=contact)
    file = "".join(sheets.lines(exports.TIMELINE, exports.contact_timeline(contact)))
    name = f"timeline-{contact.id}-{utc_now():%Y-%m-%d}.csv"
    return downloads.csv(file, name)


@bp.route("/data/lists")
@for_admins
def all_lists() -> Response:
    return render("contacts/lists.html", lists=lists.all_of(g.campaign.id))


@bp.route("/data/lists/<int:list_id>/archive", methods=["POST"])
@for_admins
def archive_list(list_id: int) -> Response:
    chosen = load(ContactList, list_id)
    with transaction():
        lists.archive(chosen, now=utc_now())
    flash(f"“{chosen.name}” is archived. Actions that have it keep it.")
    return see_other(url_for(".all_lists"))


def _wanted() -> Wanted:
    """What the address asks for; what makes no sense is left out."""
    can = request.values.get("can", "")
    return Wanted(
        text=request.values.get("q", "").replace("\x00", "").strip()[:100],
        tag_id=queries.asked("tag", most=queries.LARGEST_INTEGER),
        list_id=queries.asked("list", most=queries.LARGEST_INTEGER),
        can_get=Texting(can) if can in list(Texting) else None,
    )


def _about() -> Texting | None:
    """The kind of texting that the timeline is narrowed to."""
    kind = request.args.get("about", "")
    return Texting(kind) if kind in list(Texting) else None


def _kept(wanted: Wanted) -> dict[str, Any]:
    return {
        "q": wanted.text or None,
        "tag": wanted.tag_id,
        "list": wanted.list_id,
        "can": wanted.can_get,
    }


def _choices() -> dict[str, Any]:
    return {"all_tags": tags.all_of(g.campaign.id), "all_lists": lists.all_of(g.campaign.id)}


def _conversations(contact: Contact) -> list[tuple[Conversation, str, str]]:
    """Every conversation with its action and texter, newest first; hidden ones, too."""
    rows = db.session.execute(
        select(Conversation, Action.name, User.name)
        .outerjoin(Action, Action.id == Conversation.action_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .where(Conversation.contact_id == contact.id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(50)
    )
    return [(found, action or "Wrote to us", texter or "Nobody") for found, action, texter in rows]
