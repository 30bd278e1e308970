"""The critic finds planted faults and lets a sound page pass."""

from __future__ import annotations

import pytest

from tests import critic

SOUND = """<!doctype html>
<html lang="en"><head><title>Tags – Heed</title><link rel="stylesheet" href="/static/css/app.css">
<script src="/static/js/app.js" defer></script></head>
<body><main id="main"><h1 tabindex="-1">Tags</h1>
<form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="name">Tag name</label><input id="name" aria-describedby="name-hint">
<p id="name-hint">A word</p>
<label><input type="checkbox"> I understand</label>
<select aria-label="Any tag"><option>All</option></select>
<button type="submit">Create tag</button>
<button type="button" aria-label="More">
<svg aria-hidden="true"><use href="/x.svg#i-more"/></svg></button>
</form><a href="/help">Help</a>
<img src="/x.png" alt="" width="4" height="3"></main></body></html>"""


def test_a_sound_page_has_no_faults():
    assert critic.inspect(SOUND, url="/tags") == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<h1 tabindex", "<h1>Twice</h1><h1 tabindex", "has 2 h1, not one"),
        ('<h1 tabindex="-1">Tags</h1>', "", "has 0 h1, not one"),
        (">Tags</h1>", "> </h1>", "says nothing"),
        ("Tags – Heed", " – Heed", "has no title of its own"),
        ("<title>Tags – Heed</title>", "", "has no title of its own"),
        (' lang="en"', "", "names no language"),
        ("main", "div", "has no <main>"),
        ('<p id="name-hint">', '<p id="name">', 'id "name" stands 2 times'),
        ('<label for="name">Tag name</label>', "", "has no label"),
        ('<label for="name">Tag name</label>', '<label for="name"></label>', "has no label"),
        (' aria-label="Any tag"', "", "has no label"),
        ("I understand", "", "has no label"),
        (' aria-label="More"', "", "has no name"),
        (">Help</a>", "><svg></svg></a>", "has no name"),
        (' alt=""', "", "has no alt"),
        (' width="4"', "", "has no width"),
        (' height="3"', "", "has no height"),
        ("<p id", '<p style="margin:0" id', "has style="),
        ("<p id", '<p onclick="go()" id', "has onclick="),
        ("<p id", '<p hx-on:click="go()" id', "has hx-on:click="),
        ("</head>", "<style>p{}</style></head>", "<style> (line 3) is inline"),
        ("</head>", "<script>go()</script></head>", "<script> (line 3) is inline"),
        ('href="/help"', 'href="javascript:go()"', "has a javascript: address"),
        ('id="name-hint"', "", 'points at "name-hint", which is not there'),
        ("I understand", "&lt;time datetime=1&gt;2 pm&lt;/time&gt;", "shows <time> as words"),
        ("</form>", "</form></section>", "</section> closes nothing"),
    ],
)
def test_the_critic_finds_a_planted_fault(before, after, fault):
    page = SOUND.replace(before, after)
    assert page != SOUND
    found = critic.inspect(page, url="/tags")
    assert any(fault in line for line in found), found
    assert all(line.startswith("/tags: ") for line in found)


def test_a_part_needs_no_heading_and_no_title():
    assert critic.inspect('<li id="msg-1">Hello</li>', url="/live") == []


@pytest.mark.parametrize(
    "part",
    ['<input name="q">', '<p id="a"></p><p id="a"></p>', '<b style="x">x</b>', "<button></button>"],
)
def test_a_part_is_held_to_the_other_rules(part):
    assert len(critic.inspect(part, url="/live")) == 1


@pytest.mark.parametrize(
    "part",
    [
        "<button><span hidden>Send</span></button>",
        '<a href="/"><i aria-hidden="true">1</i></a>',
        "<label><select><option>All</option></select></label>",
        "<label><textarea>Hi</textarea></label>",
    ],
)
def test_words_that_are_not_heard_name_nothing(part):
    assert len(critic.inspect(part, url="/x")) == 1
