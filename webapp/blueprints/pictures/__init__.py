"""Pictures that came with texts, fetched from the carrier for those who may read the text."""

from webapp.blueprints.pictures.views import bp

__all__ = ["bp"]
