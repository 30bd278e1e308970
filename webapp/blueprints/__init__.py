"""The pages of Heed, one folder each; `ALL` is what the application registers."""

from flask import Blueprint

from webapp.blueprints import auth, health, help, settings, team, webhooks

ALL: tuple[Blueprint, ...] = (
    auth.bp,
    health.bp,
    help.bp,
    settings.bp,
    team.bp,
    webhooks.bp,
)
