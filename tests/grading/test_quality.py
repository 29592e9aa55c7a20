"""Fair points for stochastic work, and models judged from the files that were exported."""

import json
import math
import socket
import struct
import threading

import numpy as np
import onnx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from safetensors.numpy import save
from tests.support.grading_work import answer, answers, assignment, check, hidden_part

from factory_academy.domain.grade import Verdict
from factory_academy.domain.submission import SubmissionState
from factory_academy.grading.data.wire import Wire
from factory_academy.grading.quality import evaluating
from factory_academy.grading.quality.artefacts import Evaluator, request_onnx, request_parquet, value_of
from factory_academy.grading.quality.bands import banded, curved, measured, seeds_from
from factory_academy.grading.quality.tensors import BadArtefact, read_safetensors

finite = st.floats(-1e6, 1e6)
ladders = st.lists(finite, min_size=1, max_size=5, unique=True).map(
    lambda limits: {limit: float(points) for points, limit in enumerate(sorted(limits), 1)}
)


@given(ladders, finite, finite)
def test_a_better_value_never_earns_less(bands, one, other):
    low, high = sorted((one, other))
    assert banded(low, bands) <= banded(high, bands)


@given(ladders, finite, st.floats(0, 10))
def test_a_tolerance_never_takes_points_and_is_granted_at_each_band(bands, value, tolerance):
    assert banded(value, bands) <= banded(value, bands, tolerance=tolerance)
    for limit, points in bands.items():
        assert banded(limit - tolerance, bands, tolerance=tolerance) >= points or tolerance > abs(limit) * 1e12


@given(ladders, finite)
def test_points_are_one_of_the_bands_or_none(bands, value):
    assert banded(value, bands) in {0.0, *bands.values()}


def test_where_lower_is_better_the_ladder_goes_down():
    bands = {0.5: 1, 0.2: 3}
    assert [banded(value, bands, lower_is_better=True) for value in (0.6, 0.5, 0.3, 0.2, 0.0)] == [0, 1, 1, 3, 3]


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "1.0", None, [1.0], np.float64("nan")])
def test_what_is_no_finite_number_reaches_no_band(value):
    assert banded(value, {0.0: 1}) == 0.0


@pytest.mark.parametrize("bands", [{}, {math.nan: 1}, {0.8: math.inf}, {0.8: 3, 0.9: 1}])
def test_bands_that_make_no_sense_are_an_authors_error(bands):
    with pytest.raises(ValueError, match=r"band|better"):
        banded(1.0, bands)


@given(finite)
def test_a_curve_stays_between_its_points(value):
    assert 0 <= curved(value, {0.5: 0, 0.9: 4}) <= 4


def test_a_curve_is_straight_between_two_points():
    assert curved(0.7, {0.5: 0, 0.9: 4}) == pytest.approx(2)


@given(st.integers(0, 1 << 40), st.integers(1, 30))
def test_seeds_are_different_and_the_same_again(seed, count):
    assert len(set(seeds_from(seed, count))) == count
    assert seeds_from(seed, count) == seeds_from(seed, count)


def test_a_measurement_is_repeated_with_every_generator_seeded_anew():
    def draw():
        return float(np.random.rand())

    seeds = seeds_from(7, 5)
    assert measured(draw, seeds, "worst") == measured(draw, seeds, "worst")
    assert measured(draw, seeds, "worst") <= measured(draw, seeds, "median") <= measured(draw, seeds, "best")


def test_one_measurement_that_is_no_number_spoils_the_whole():
    values = iter([0.9, math.nan, 0.9])
    assert math.isnan(measured(lambda: next(values), [1, 2, 3]))


def test_good_work_hardly_ever_fails_over_seeds_where_one_seed_often_fails():
    def accuracy():
        return 0.9 + 0.02 * float(np.random.randn())

    def failed(count):
        return sum(
            banded(measured(accuracy, seeds_from(s, count)), {0.88: 1}, tolerance=0.005) == 0 for s in range(1000)
        )

    assert failed(1) > 50
    assert failed(9) <= failed(1) / 20


arrays = st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]).flatmap(
    lambda dtype: st.lists(st.integers(0, 1), max_size=6).map(lambda values: np.array(values, dtype=dtype))
)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), arrays, max_size=4))
def test_safetensors_are_read_as_they_were_written(tensors):
    read = read_safetensors(save(tensors))
    assert read.keys() == tensors.keys()
    assert all(np.array_equal(read[name], tensors[name]) and read[name].dtype == tensors[name].dtype for name in read)


@given(st.binary(max_size=200))
def test_any_bytes_are_tensors_or_a_bad_artefact(data):
    try:
        read_safetensors(data)
    except BadArtefact:
        return
    assert data[8:9] == b"{"


def header(**tensors):
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + bytes(16)


@pytest.mark.parametrize(
    "data",
    [
        header(x={"dtype": "F32", "shape": [1 << 38], "data_offsets": [0, 16]}),
        header(x={"dtype": "F32", "shape": [4], "data_offsets": [0, 1 << 30]}),
        header(x={"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}),
        header(x={"dtype": "O", "shape": [2], "data_offsets": [0, 16]}),
        header(
            x={"dtype": "U8", "shape": [9], "data_offsets": [0, 9]},
            y={"dtype": "U8", "shape": [9], "data_offsets": [7, 16]},
        ),
        struct.pack("<Q", 1 << 60) + b"{}",
    ],
)
def test_a_header_that_lies_is_a_bad_artefact(data):
    with pytest.raises(BadArtefact):
        read_safetensors(data)


def doubling(opset=17, domain="", op="Add"):
    node = helper.make_node(op, ["x", "x"], ["y"], domain=domain)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy")
    imports = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(helper.make_graph([node], "g", [x], [y]), opset_imports=imports, ir_version=10)
    return model.SerializeToString()


X = {"x": np.array([1, 2], dtype=np.float32)}


def evaluated(data, inputs=X, opset=(13, 25), most=None):
    return value_of(evaluating.answer(request_onnx(data, inputs, opset, most)))


def test_an_onnx_model_gives_its_outputs():
    assert evaluated(doubling())["y"].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (doubling(opset=9), "opset is 9"),
        (doubling(domain="com.evil"), "com.evil"),
        (b"not a model", "could not be used"),
        (b"", "could not be used"),
    ],
)
def test_a_model_that_is_not_allowed_says_why(data, words):
    with pytest.raises(BadArtefact, match=words):
        evaluated(data)


def test_a_model_with_other_inputs_or_too_many_parameters_says_so():
    with pytest.raises(BadArtefact, match="inputs must be"):
        evaluated(doubling(), {"z": X["x"]})
    weights = helper.make_tensor("w", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0])
    model = onnx.load_model_from_string(doubling())
    model.graph.initializer.append(weights)
    with pytest.raises(BadArtefact, match="3 parameters; allowed are 2"):
        evaluated(model.SerializeToString(), most=2)


def test_a_table_with_too_many_rows_says_so(tmp_path):
    pd.DataFrame({"x": range(5)}).to_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    assert list(value_of(evaluating.answer(request_parquet(data, 5))).x) == [0, 1, 2, 3, 4]
    with pytest.raises(BadArtefact, match="5 rows; allowed are 4"):
        value_of(evaluating.answer(request_parquet(data, 4)))


def test_an_evaluator_that_dies_or_hangs_is_an_answer_and_the_next_request_gets_a_fresh_one():
    lines = []

    def fork():
        ours, theirs = socket.socketpair()
        lines.append(theirs)
        if len(lines) == 1:
            theirs.close()
        if len(lines) == 3:
            threading.Thread(target=evaluating.main, args=([theirs.detach()], b""), daemon=True).start()
        return Wire(ours)

    evaluator = Evaluator(fork, seconds=0.2)
    assert "ended the process" in evaluator(request_onnx(b"", {}, (13, 25), None))["error"]
    assert "within 0.2 seconds" in evaluator(request_onnx(b"", {}, (13, 25), None))["error"]
    evaluator = Evaluator(fork, seconds=30)
    assert value_of(evaluator(request_onnx(doubling(), X, (13, 25), None)))["y"].tolist() == [2, 4]


EXPORT = """\
### BEGIN SOLUTION
import numpy as np
from safetensors.numpy import save_file
import onnx
from onnx import TensorProto, helper

def export():
    save_file({"w": np.array([2.0], dtype=np.float32)}, "model.safetensors")
    node = helper.make_node("Add", ["x", "x"], ["y"])
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in "xy")
    graph = helper.make_graph([node], "g", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    open("model.onnx", "wb").write(model.SerializeToString())

def noisy():
    return 0.9 + 0.01 * np.random.randn()
### END SOLUTION"""
CELLS = (
    answer("export", EXPORT),
    check(
        "test-onnx",
        "import judge\nimport numpy as np\nexport()\n"
        "said = judge.onnx('model.onnx', {'x': np.ones(2, np.float32)}, max_bytes=10_000)\n"
        + hidden_part("assert said['y'].tolist() == [2, 2]"),
        points=2,
    ),
    check(
        "test-tensors", "import judge\nexport()\nassert judge.safetensors('model.safetensors')['w'].tolist() == [2.0]"
    ),
    check(
        "test-quality",
        "import judge\njudge.banded(judge.over_seeds(noisy, seeds=5), {0.8: 1, 0.89: 3}, tolerance=0.02)",
        points=3,
    ),
)


def test_exported_models_and_noisy_qualities_are_judged_in_the_real_sandboxes(autograder):
    bundle = autograder.record_contract(assignment(*CELLS))
    good = autograder.grade(bundle, answers(bundle, export=EXPORT), 7)
    assert (good.state, good.earned) == (SubmissionState.GRADED, 6.0), good

    poor = EXPORT.replace('"Add"', '"Sub"').replace("2.0", "3.0").replace("0.9 +", "0.81 +")
    outcome = autograder.grade(bundle, answers(bundle, export=poor), 7)
    assert [task.earned for task in outcome.tasks] == [0.0, 0.0, 1.0]

    garbage = EXPORT.replace("model.SerializeToString()", "b'\\x00' * 50")
    onnx_task = autograder.grade(bundle, answers(bundle, export=garbage), 7).tasks[0]
    assert onnx_task.verdict is Verdict.FAILED
    assert "model.onnx cannot be judged" in onnx_task.message

    large = EXPORT.replace("model.SerializeToString()", "b'\\x00' * 50_000")
    assert "allowed are 10000" in autograder.grade(bundle, answers(bundle, export=large), 7).tasks[0].message
