"""The pages of Heed, one folder each; `ALL` is what the application registers."""

from flask import Blueprint

from webapp.blueprints import (
    actions,
    analytics,
    auth,
    contacts,
    demo,
    health,
    help,
    home,
    inbox,
    opt_outs,
    pictures,
    report_settings,
    reports,
    settings,
    tags,
    team,
    text,
    webhooks,
)

ALL: tuple[Blueprint, ...] = (
    actions.bp,
    analytics.bp,
    auth.bp,
    contacts.bp,
    demo.bp,
    health.bp,
    help.bp,
    home.bp,
    inbox.bp,
    opt_outs.bp,
    pictures.bp,
    report_settings.bp,
    reports.bp,
    settings.bp,
    tags.bp,
    team.bp,
    text.bp,
    webhooks.bp,
)
