"""What the grader says reaches trainees in their language; what others wrote stays as it is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import demo
from tests.support.portal_server import Visitor, demo_portal

from factory_academy.grading import messages
from factory_academy.portal.languages import translate
from factory_academy.portal.languages.translate import LANGUAGES, Translator, language_of

HERE = Path(translate.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
SENTENCES = {language: tomllib.loads((HERE / f"{language}.toml").read_text()) for language in OTHERS}
PLACE = re.compile(r"\{\w+\}")


def test_the_languages_of_the_seven_factories_are_there():
    assert {"de", "el", "es", "fi", "fr", "it", "sv"} <= set(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_knows_every_sentence_with_the_same_names_in_it(language):
    assert SENTENCES[language].keys() == SENTENCES["es"].keys()
    for english, told in SENTENCES[language].items():
        assert sorted(PLACE.findall(told)) == sorted(PLACE.findall(english)), english
        assert told.strip()


def said_by_messages():
    """Every sentence that ``messages.py`` builds, with its names as places."""
    tree = ast.parse(Path(messages.__file__).read_text())
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Told":
            for part in [*call.args, *(keyword.value for keyword in call.keywords)]:
                yield from sentences(part)


def sentences(node):
    if isinstance(node, ast.IfExp):
        yield from sentences(node.body)
        yield from sentences(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from sentences(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "X" for part in node.values]
        yield "".join(parts)


@pytest.mark.parametrize("sentence", sorted(set(said_by_messages())))
@pytest.mark.parametrize("language", OTHERS)
def test_everything_the_grader_says_of_a_test_is_translated(sentence, language):
    assert Translator(language)(sentence) != sentence


def test_names_numbers_and_errors_are_kept():
    tell = Translator("es")
    assert tell("Your notebook does not define load_all.") == "Tu cuaderno no define load_all."
    assert tell("Your code raised ValueError: bad: worse") == "Tu código lanzó ValueError: bad: worse"
    assert tell("2.5 of 4 points.") == "2.5 de 4 puntos."


def test_a_reason_inside_a_sentence_is_translated_too():
    said = Translator("de")("This was not reached: Your code ended its own process.")
    assert said == "Bis hierher kam es nicht: Dein Code beendete seinen eigenen Prozess."


def test_what_an_author_wrote_stays_as_it_is():
    words = "An id appears twice. Group by the id first."
    assert all(Translator(language)(words) == words for language in LANGUAGES)


@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
def test_any_text_is_told_without_an_error(text, language):
    told = Translator(language)(text)
    assert isinstance(told, str)


@pytest.mark.parametrize("text", ["Your code raised A: " + "x: " * 600, "The test ended with A: " + " (line 1" * 220])
def test_a_long_text_made_to_be_slow_is_told_at_once(text):
    assert Translator("fi")(text[:2000])


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("es", "es"), ("es-ES,es;q=0.9,en;q=0.8", "es"), ("xx, fi;q=0.3, sv;q=0.7", "sv"),
        ("en-GB,de;q=0.5", "en"), ("el;q=0,it", "it"), ("de;q=high", "en"), (",,;;", "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_language_is_what_the_browser_asks_for(header, language):
    assert language_of(header) == language


@given(st.text(max_size=100))
def test_any_header_gives_a_language(header):
    assert language_of(header) in LANGUAGES


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    return demo_portal(tmp_path_factory.mktemp("still"))


def test_a_trainee_reads_the_verdict_in_the_language_of_their_browser(still):
    address = f"/submissions/{demo.submission_id(demo.HAND_INS[0])}"
    visitor = Visitor(still, demo.HAND_INS[0].trainee_id)
    english = visitor.get(address).text
    greek = visitor.get(address, language="el-GR,el;q=0.9").text
    assert "Every task has its verdict." in english
    assert "Κάθε εργασία έχει κριθεί." in greek
    assert "Κάθε εργασία έχει κριθεί." in visitor.get(f"{address}?language=el").text
