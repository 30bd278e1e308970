"""The WSGI application that gunicorn serves."""

from webapp.app import create_app

app = create_app()
