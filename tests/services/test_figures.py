"""Figures for Analytics are counted from what happened, block by block."""
from tests.services import busy_day, scenes
from tests.services.scenes import NOW, MINUTE
from webapp.db import db, transaction
from webapp.models import *
from webapp.services import figures
from sqlalchemy import select

def test_x():
    busy_day.live_through()
    left = figures.bring_up_to_date(transaction, now=NOW+60*MINUTE)
    for m in (FigureOfTexts, FigureOfFailures, FigureOfWaits, FigureOfTexters, FigureBlock):
        for row in db.session.execute(select(*m.__table__.c)):
            print(m.__tablename__, dict(row._mapping))
    for row in db.session.execute(select(*ActionTally.__table__.c)):
            print({k:v for k,v in row._mapping.items() if v})
    for row in db.session.execute(select(Message.kind, Message.state, Message.contact_id, Message.action_id, Message.meaning,Message.body).order_by(Message.id)): print(row)
    assert left == 1
