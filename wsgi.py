"""The WSGI application that gunicorn serves."""

from webapp import config, presence
from webapp.app import create_app

settings = config.load()
presence.stay(settings.database_url)
app = create_app(settings)
