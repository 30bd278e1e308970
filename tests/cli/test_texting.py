"""`keywords check` and `phones check` as a shell runs them: JSON Lines in and out."""

import json

import pytest

from tests import factories
from tests.shell import Done, Shell

HALF_A_CHARACTER = r"\ud83d"


@pytest.mark.parametrize(("command", "field"), [("keywords", "text"), ("phones", "raw")])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_every_line_is_answered_whatever_it_holds(
    heed: Shell, command: str, field: str, options: tuple[str, ...]
) -> None:
    given = [HALF_A_CHARACTER, r"\u0000", "", "Zoë"]
    lines = "".join(f'{{"{field}": "{text}"}}\n' for text in given)

    done = heed.run(command, "check", *options, typed=lines)

    assert (done.returncode, done.stderr) == (0, "")
    done.stdout.encode()
    answers = [json.loads(line)[field] for line in done.stdout.splitlines()]
    assert answers == ["\ud83d", "\x00", "", "Zoë"]


@pytest.mark.parametrize("line", ["STOP", '{"text": 5}', "[]", "{}"])
def test_a_line_that_is_no_such_object_is_wrong_usage(heed: Shell, line: str) -> None:
    done: Done = heed.run("keywords", "check", typed=f'{{"text": "STOP"}}\n{line}\n')

    assert done.returncode == 2
    assert "Line 2" in done.stderr


@pytest.mark.parametrize("char", ["\\u2028", "\\u2029", "\\u0085", "\\u000b", "\\u001c"])
def test_an_answer_is_one_line_however_lines_are_split(heed: Shell, char: str) -> None:
    done = heed.run("keywords", "check", typed=f'{{"text": "STOP{char}now"}}\n')

    (line,) = done.stdout.splitlines()
    assert json.loads(line)["text"] == json.loads(f'"STOP{char}now"')


def test_a_campaigns_own_words_and_the_keywords_that_opt_in_are_known(heed: Shell) -> None:
    home = factories.campaign(slug="rivera", own_stop_words="BASTA", own_opt_in_words="SÚMATE")
    factories.automation("RALLY", of=home, opts_in=True)
    factories.automation("VOLUNTEER", of=home)
    factories.automation("LATER", of=home, opts_in=True, live=False)
    given = ("basta", "sumate!", "Rally", "VOLUNTEER", "later", "JOIN", "help", "rally now")
    lines = "".join(f'{{"text": "{text}"}}\n' for text in given)

    done = heed.run("keywords", "check", "rivera", typed=lines)

    classes = [json.loads(line)["class"] for line in done.stdout.splitlines()]
    assert classes == ["opt_out", "opt_in", "opt_in", "none", "none", "opt_in", "help", "none"]
