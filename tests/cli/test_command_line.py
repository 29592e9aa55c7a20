"""The command line imports what it needs and no more."""

import subprocess
import sys

import pytest
import typer.main

from factory_academy.cli.main import COMMANDS, GROUPS, command_line


def test_a_first_word_is_enough_to_find_its_command():
    everything = typer.main.get_command(command_line()).commands
    assert set(everything) == {"version", *COMMANDS, *GROUPS}
    for word in everything:
        assert set(typer.main.get_command(command_line(word)).commands) == {"version", word}


@pytest.mark.parametrize("word", ["version", "grade", "grader"])
def test_grading_does_not_wait_for_what_only_courses_need(word):
    told = f"import sys; from factory_academy.cli.main import command_line; command_line({word!r}); "
    told += "print([name for name in ('nbgrader', 'nbformat', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
