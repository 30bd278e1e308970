"""Promises about the whole application."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.config import ROOT
from webapp.db import Base, db
from webapp.models import Tag
from webapp.web.access import declared
from webapp.web.csrf import EXEMPT_BLUEPRINTS

TEMPLATES = ROOT / "templates"
SAFE = {"GET", "HEAD", "OPTIONS"}
BANNED_NAMES = {"process", "handle", "manage", "utils", "helpers", "data", "info"}
# Names that a library asks for.
ASKED_FOR = {
    "process_bind_param",
    "process_result_value",
    "process_formdata",
    "handle_exception",
    "get_extra_info",
}


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders or ("",):
        for path in sorted((ROOT / "webapp" / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"), str(path))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def lines_of(function: ast.FunctionDef) -> int:
    """The lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


# Layers


def test_imports_run_downhill() -> None:
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(
        [*program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_only_the_database_module_commits() -> None:
    commits = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
        if str(path) not in ("webapp/db.py", "webapp/engine.py") and "migrations" not in path.parts
    ]
    assert commits == []


def test_services_open_no_transaction() -> None:
    opened = [
        f"{path}:{node.lineno}"
        for path, tree in modules("services", "texting", "carriers", "models")
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "transaction"
    ]
    assert opened == []


def test_only_optouts_puts_a_built_in_tag_on_a_contact_or_takes_it_off() -> None:
    """Everybody else may read who carries a tag; `tags` writes own tags and refuses the others,
    and `contacts` takes own tags off somebody who is to be forgotten."""
    writers = {
        path.name
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1]
        in ("ContactTag", "insert", "insert_once", "insert_rows", "update", "delete")
        and (
            ast.unparse(node.func) == "ContactTag"
            or (node.args and ast.unparse(node.args[0]) in ("ContactTag", "ContactTag.__table__"))
        )
        and "migrations" not in path.parts
    }
    assert writers <= {"optouts.py", "tags.py", "contacts.py"}


# Views


def test_every_view_says_who_may_open_it(app: Flask) -> None:
    silent = [name for name, view in app.view_functions.items() if declared(view) is None]
    assert silent == []


def test_every_form_without_the_token_is_refused(app: Flask) -> None:
    """Whoever is signed in, whatever the address holds; only webhooks check a signature."""
    owner = factories.owner()
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.sign_in_as(factories.session_token(owner))
    taken = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in EXEMPT_BLUEPRINTS:
            continue
        values = dict.fromkeys(rule.arguments, 1)
        values["slug"] = factories.the_campaign().slug  # type: ignore[assignment]
        url = app.url_map.bind("localhost").build(rule.endpoint, values)
        for verb in (rule.methods or set()) - SAFE:
            if browser.open(url, method=verb, csrf=False).status_code != 400:
                taken.append(f"{verb} {rule.rule}")
    assert taken == []


def test_webhooks_alone_are_exempt_from_the_token() -> None:
    assert EXEMPT_BLUEPRINTS == ("webhooks",)


def test_addresses_are_kebab_case_with_typed_arguments(app: Flask) -> None:
    words = re.compile(r"/(?:[a-z0-9]+(?:-[a-z0-9]+)*|<[^>]+>|[a-z0-9-]+\.(?:csv|txt|json))")
    # What is not a number: names that people or carriers choose, and secrets.
    texts = {"slug", "code", "form_slug", "token", "kind", "provider"}
    odd = []
    for rule in app.url_map.iter_rules():
        if rule.rule != "/" and not re.fullmatch(f"(?:{words.pattern})+/?", rule.rule):
            odd.append(rule.rule)
        untyped = set(re.findall(r"<(\w+)>", rule.rule)) - texts
        odd += [f"{rule.rule}: {name}" for name in untyped]
    assert odd == []


def test_no_address_answers_a_verb_it_needs_not(app: Flask) -> None:
    verbs = {verb for rule in app.url_map.iter_rules() for verb in rule.methods or set()}
    assert verbs <= SAFE | {"POST"}


# Templates


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"\|\s*safe\b", "|safe"),
        (r"autoescape\s+false", "autoescape false"),
        (r"<script(?![^>]*\bsrc=)", "an inline script"),
        (r"<style\b", "an inline style"),
        (r"\sstyle=", "a style attribute"),
        (r"\son[a-z]+=", "an inline handler"),
        (r"\shx-on\b", "hx-on"),
        (r"https?://(?!www\.w3\.org)", "an address of another site"),
    ],
)
def test_no_template_has(pattern: str, what: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in templates()
        if re.search(pattern, re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL))
    ]
    assert found == [], what


def test_every_template_begins_by_saying_what_it_is_and_needs() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in templates()
        if not path.read_text("utf-8").startswith("{#")
    ]
    assert silent == []


def test_macros_know_no_request_and_no_person() -> None:
    knowing = {
        str(path.relative_to(ROOT)): word
        for path in (TEMPLATES / "macros").glob("*.html")
        for word in ("request.", "current_user", "g.", "session")
        if re.search(rf"\{{[{{%][^}}]*\b{re.escape(word)}", path.read_text("utf-8"))
    }
    assert knowing == {}


# Data


def test_models_and_migrations_agree(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_foreign_keys_lead_somewhere_and_rows_belong_to_a_campaign() -> None:
    """Every table carries campaign_id, or hangs on one that does."""
    homeless = [
        table.name
        for table in Base.metadata.sorted_tables
        if "campaign_id" not in table.c and not table.foreign_keys
    ]
    # The campaign itself, people (who may belong to several), and the machinery.
    assert sorted(homeless) == [
        "campaign",
        "catch_up",
        "figure_block",
        "figure_clock",
        "heartbeat",
        "job_run",
        "person",
        "setup_code",
        "trail_seal",
        "webhook_receipt",
    ]


def test_each_campaign_has_exactly_two_built_in_tags(app: Flask) -> None:
    campaign = factories.campaign()
    built_in = db.session.scalars(
        select(Tag).where(Tag.campaign_id == campaign.id, Tag.opts_out_of.is_not(None))
    ).all()
    assert len(built_in) == 2


# House style


def test_modules_are_short() -> None:
    long = {
        str(path): count
        for path, _ in modules()
        if (count := len((ROOT / path).read_text("utf-8").splitlines())) > 250
        and "migrations" not in path.parts
    }
    assert long == {}


def test_functions_and_views_are_short() -> None:
    long = {}
    for path, tree in modules():
        if "migrations" in path.parts:
            continue
        for function in functions(tree):
            is_view = any("route(" in ast.unparse(mark) for mark in function.decorator_list)
            if lines_of(function) > (25 if is_view else 40):
                long[f"{path}:{function.name}"] = lines_of(function)
    assert long == {}


def test_no_name_says_nothing() -> None:
    empty = [
        f"{path}:{function.name}"
        for path, tree in modules()
        for function in functions(tree)
        if BANNED_NAMES & set(function.name.strip("_").split("_"))
        and function.name not in ASKED_FOR
    ]
    empty += [str(path) for path, _ in modules() if path.stem in BANNED_NAMES]
    assert empty == []


def test_services_are_told_who_and_when_and_never_ask() -> None:
    asked = [
        f"{path}:{node.lineno}"
        for path, tree in modules("services", "texting")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("utc_now", "datetime.now", "datetime.utcnow", "date.today")
    ]
    assert asked == []


def test_nothing_is_left_to_be_done_later() -> None:
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    left = [str(path) for path, _ in modules() if marks.search((ROOT / path).read_text("utf-8"))]
    left += [
        str(path.relative_to(ROOT)) for path in templates() if marks.search(path.read_text("utf-8"))
    ]
    assert left == []


def test_no_exception_is_swallowed() -> None:
    """Whatever catches everything logs it, raises again, or hands it to what tells it."""
    swallowed = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not any(_raises_or_logs(inner) or _names(inner, node.name) for inner in ast.walk(node))
    ]
    assert swallowed == []


def _raises_or_logs(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).split(".")[-1] in ("error", "exception", "critical")
    return isinstance(node, ast.Raise)


def _names(node: ast.AST, error: str | None) -> bool:
    """Whether the caught error is given to something: a verdict that is shown, a page."""
    return isinstance(node, ast.Name) and node.id == error and isinstance(node.ctx, ast.Load)


def test_every_template_is_used_by_a_page_or_by_another_template() -> None:
    texts = [path.read_text("utf-8") for path in templates()]
    texts += [(ROOT / path).read_text("utf-8") for path, _ in modules()]
    unused = [
        name
        for path in templates()
        if (name := str(path.relative_to(TEMPLATES)))
        if not name.startswith("errors/") and not any(f'"{name}"' in text for text in texts)
    ]
    assert unused == []
