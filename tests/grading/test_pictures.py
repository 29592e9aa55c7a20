"""Figures come back as images that we made ourselves, from pixels."""

import base64
import io
import struct

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.support.grading_work import answer, answers, assignment, check

from factory_academy.grading.answering.pictures import MAX_PICTURES, MAX_SIDE, Pictures
from factory_academy.grading.judging.drawing import drawn, png

sizes = st.integers(1, 12)


@given(sizes, sizes, st.data())
def test_pixels_become_an_image_of_just_these_pixels(width, height, data):
    pixels = data.draw(st.binary(min_size=3 * width * height, max_size=3 * width * height))
    image = Image.open(io.BytesIO(png(width, height, pixels)))
    assert image.size == (width, height)
    assert image.convert("RGB").tobytes() == pixels


@pytest.mark.parametrize(
    "told",
    [
        None, "x", [1], [[1, 1, b"rg"]], [[1, 1, "rgb"]], [[0, 5, b""]], [[10**9, 10**9, b""]], [[True, True, b"rgb"]],
        [[-1, -1, b"rgb"]], [["<script>", 1, b"rgb"]], [[1, 1, b"rgb", 4]],
    ],
)  # fmt: skip
def test_what_is_no_picture_is_left_out(told):
    assert drawn(told) == []


@given(st.recursive(st.none() | st.integers() | st.binary(max_size=9), st.lists, max_leaves=12))
def test_anything_told_gives_images_or_nothing(told):
    for text in drawn(told):
        assert base64.b64decode(text).startswith(b"\x89PNG")


def test_open_figures_are_taken_once_and_stay_open():
    pictures = Pictures()
    plt.plot([1, 2])
    ((width, height, pixels),) = pictures.take()
    assert len(pixels) == 3 * width * height
    assert pictures.take() == []
    assert plt.get_fignums()
    plt.close("all")


def test_a_figure_without_axes_is_no_picture():
    plt.figure()
    assert Pictures().take() == []
    plt.close("all")


def test_only_so_many_pictures_of_only_such_a_size_are_taken():
    pictures = Pictures()
    file = io.BytesIO()
    Image.fromarray(np.zeros((1600, 1200, 4), dtype=np.uint8)).save(file, "PNG")
    for _ in range(MAX_PICTURES + 3):
        pictures.show({"image/png": base64.b64encode(file.getvalue()).decode()})
    taken = pictures.take()
    assert len(taken) == MAX_PICTURES
    assert max(taken[0][:2]) == MAX_SIDE


@pytest.mark.parametrize(
    "data", [{}, {"image/png": "no base64!"}, {"image/png": b"\x89PNG"}, {"image/svg+xml": "<svg/>"}]
)
def test_what_cannot_be_read_is_no_picture_and_no_error(data):
    assert not Pictures().show(data)


def test_a_bomb_of_an_image_is_no_picture():
    head = struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack("!I", 13) + b"IHDR" + head + bytes(4)
    assert not Pictures().show({"image/png": bomb})


PLOT = """\
### BEGIN SOLUTION
import matplotlib.pyplot as plt
from IPython.display import HTML, SVG, display

def double(x):
    return 2 * x

figure, axes = plt.subplots()
axes.plot([1, 2, 3])
display(HTML("<script>alert(1)</script>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"))
### END SOLUTION"""


def test_a_figure_reaches_the_feedback_as_our_own_image_and_nothing_else_does(autograder):
    bundle = assignment(answer("double", PLOT), check("test-double", "assert double(2) == 4"))
    outcome = autograder.grade(bundle, answers(bundle, double=PLOT), 1)
    assert outcome.earned == 1
    (cell,) = [cell for cell in outcome.cells if cell.pictures]
    (picture,) = cell.pictures
    assert Image.open(io.BytesIO(base64.b64decode(picture))).width == 640
    assert "<svg" not in cell.output
    assert "<script" not in cell.output
