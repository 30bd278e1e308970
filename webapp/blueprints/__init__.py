"""The pages of Heed, one folder each; `ALL` is what the application registers."""

from flask import Blueprint

from webapp.blueprints import (
    actions,
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
    setup,
    tags,
    team,
    text,
    training,
    webhooks,
)

ALL: tuple[Blueprint, ...] = (
    actions.bp,
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
    setup.bp,
    setup.welcome.bp,
    tags.bp,
    team.bp,
    text.bp,
    training.bp,
    webhooks.bp,
)
