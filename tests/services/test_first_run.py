"""The first run's promise: one campaign, whoever is quicker."""

from flask import Flask
from sqlalchemy import select

from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError
from webapp.models import Campaign, SetupCode, User
from webapp.services import first_run
from webapp.services.first_run import Wanted


def test_two_people_who_finish_at_the_same_moment_make_one_campaign(app: Flask) -> None:
    codes = []
    for _ in range(2):
        with transaction():
            codes.append(first_run.make_code(now=utc_now()))
    hashes = [first_run.checked_code(code, now=utc_now()) for code in codes]

    def finish(place: int) -> str:
        wanted = Wanted("Rivera", "", "America/Chicago", f"p{place}@example.org", "Pat", "")
        with transaction():
            return first_run.finish(hashes[place], wanted, now=utc_now())[0].slug

    done, raised = at_once(app, [lambda: finish(0), lambda: finish(1)])

    assert len(done) == 1
    assert [type(problem) for problem in raised] == [ConflictError]
    assert len(db.session.scalars(select(Campaign)).all()) == 1
    assert len(db.session.scalars(select(User)).all()) == 1
    assert db.session.scalars(select(SetupCode)).all() == []
