"""The pages of Heed, one folder each; `ALL` is what the application registers."""

from flask import Blueprint

from webapp.blueprints.webhooks import bp as webhooks

ALL: tuple[Blueprint, ...] = (webhooks,)
