"""Programs in files: they run without the code that made them, and a hostile file is a ValueError."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import nn
from autograd import Program, Tensor, Value, elementwise, jit, vmap
from tests.peers.cases import CASES
from tests.replay.test_everything import OF_KNOWN_SHAPE, arguments, assert_close, derivatives, function_of


def recorded(function, *arguments):
    """The program of a function, recorded in one call."""
    replayed = jit(function)
    replayed(*arguments)
    return replayed.programs[0]


def network():
    rng = np.random.default_rng(1)
    return nn.Sequential(nn.Linear(4, 8, generator=rng), nn.ReLU(), nn.Linear(8, 3, generator=rng))


def training(model):
    """A step of gradient descent."""
    targets = np.arange(20) % 3

    def step(x):
        loss = nn.cross_entropy(model(x), targets)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        for p in model.parameters():
            p.data = p.data - 0.1 * p.grad
        return loss.data

    return step


ROWS = np.random.default_rng(0).normal(size=(20, 4))


@pytest.fixture
def saved(tmp_path):
    """A training step in a file."""
    return recorded(training(network()), ROWS).save(tmp_path / "step.npz")


@pytest.mark.parametrize("name", OF_KNOWN_SHAPE)
def test_every_function_and_its_derivatives_come_back(name, tmp_path):
    case = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        program = recorded(derivatives(case, function_of(case), order=2), *arguments(case, "float64", 0))
        again = Program.load(program.save(tmp_path / "case.npz"))
        inputs = arguments(case, "float64", 0)
        found, expected = again(*inputs), program(*inputs)
        assert_close([*found], [*expected], "float64")


def test_a_training_step_goes_on_where_it_was_saved(saved):
    step, again = jit(training(network())), Program.load(saved)
    first = step(ROWS)
    assert [float(again(ROWS)) for _ in range(4)] == [float(step(ROWS)) for _ in range(4)]
    assert first > again(ROWS)


def test_the_file_runs_in_a_process_without_the_code_that_made_it(saved):
    code = (
        "import sys, numpy as np; from autograd import Program; step = Program.load(sys.argv[1]);"
        "x = np.random.default_rng(0).normal(size=(20, 4)); print([float(step(x)) for _ in range(3)])"
    )
    run = subprocess.run([sys.executable, "-c", code, saved], capture_output=True, text=True, check=True)
    step = jit(training(network()))
    step(ROWS)
    assert json.loads(run.stdout) == [float(step(ROWS)) for _ in range(3)]


def test_values_and_samples_come_back(tmp_path):
    w = Value(3.0, label="w")
    line = Program.load(recorded(lambda x: (w * x + 1.0).data, 2.0).save(tmp_path / "line.npz"))
    assert line(5.0) == 16.0
    (leaf,) = line.sources
    assert (leaf.label, type(leaf)) == ("w", Value)
    leaf.data = 4.0
    assert line(5.0) == 21.0
    squares = recorded(vmap(lambda x: x * x), np.arange(3.0)).save(tmp_path / "squares.npz")
    np.testing.assert_array_equal(Program.load(squares)(np.array([1.0, 2.0, 3.0])), [1.0, 4.0, 9.0])


def test_a_program_is_called_with_what_it_was_recorded_for():
    program = recorded(lambda x, y: (x * y).sum().item() if y.sum().item() > 0 else 0.0, np.ones(3), np.ones(3))
    assert program(np.arange(3.0), np.ones(3)) == 3.0
    with pytest.raises(TypeError, match=r"takes float64\[3\], float64\[3\]; got the shapes \(2,\)"):
        program(np.ones(2))
    with pytest.raises(RuntimeError, match="another branch than was recorded"):
        program(np.ones(3), -np.ones(3))


def test_what_cannot_be_saved_is_told(tmp_path):
    cube = elementwise("cube_of_mine", lambda x: x**3, lambda x: x**3, lambda y, x: 3 * x * x)
    with pytest.raises(TypeError, match="cube_of_mine is not in the table"):
        recorded(lambda x: cube(x), 2.0).save(tmp_path / "cube.npz")
    dropout = nn.Dropout(0.5, generator=np.random.default_rng(0))
    with pytest.raises(TypeError, match="draws random numbers"):
        recorded(lambda x: dropout(x).data, np.ones(3)).save(tmp_path / "dropout.npz")
    with pytest.raises(ValueError, match=r"expected a file ending in \.npz"):
        recorded(lambda x: 2 * x, 2.0).save(tmp_path / "line.pkl")


# Hostile files


def contents(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def text_of(path):
    return json.loads(contents(path)["json"].tobytes())


def changed(path, change, to):
    """A copy of a file whose text is changed."""
    found = contents(path)
    text = json.loads(found["json"].tobytes())
    change(text["program"])
    found["json"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    np.savez(to, **found)
    return to


CHANGES = {
    "an unknown operation": lambda p: p["rows"][1].update(name="system"),
    "a question that is a function of the system": lambda p: p["rows"][1].update(name="save", parameters={}, arity=1),
    "another parameter": lambda p: p["rows"][1].update(parameters={"axis": 3}),
    "a parameter of a strange kind": lambda p: p["rows"][1].update(parameters={"axis": {"call": "exit"}}),
    "an input that is not there": lambda p: p.update(inputs=[100_000]),
    "a negative output": lambda p: p.update(outputs=[-1]),
    "an output that is no number": lambda p: p.update(outputs=["v1"]),
    "no rows": lambda p: p.update(rows=[]),
    "no columns": lambda p: p.pop("columns"),
    "a column that is not there": lambda p: p["columns"].update(code="array_99"),
    "an object as dtype": lambda p: p["forms"].__setitem__(0, [[1], "O", False]),
    "an effect on a leaf that is not there": lambda p: p["effects"][0].__setitem__(1, 99),
    "fewer captured leaves": lambda p: p["captured"].pop(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_file_is_a_value_error(saved, tmp_path, change):
    with pytest.raises(ValueError, match=r"changed\.npz "):
        Program.load(changed(saved, change, tmp_path / "changed.npz"))


def test_pickles_are_not_read(tmp_path):
    np.savez(tmp_path / "pickle.npz", json=np.array([print], dtype=object))
    with pytest.raises(ValueError, match=r"pickle\.npz is no saved program"):
        Program.load(tmp_path / "pickle.npz")


def test_another_version_is_named(saved, tmp_path):
    found = contents(saved)
    found["json"] = np.frombuffer(json.dumps({"version": 2, "program": {}}).encode(), np.uint8)
    np.savez(tmp_path / "later.npz", **found)
    with pytest.raises(ValueError, match="is of version 2, and this package reads version 1"):
        Program.load(tmp_path / "later.npz")


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_a_value_error_or_still_right(tmp_path_factory, data):
    """Bytes of the arrays are changed, which the archive's checksums would find: they are written anew."""
    folder = tmp_path_factory.mktemp("damaged")
    path = recorded(lambda x: (x * x + 1.0).sum(), np.arange(3.0)).save(folder / "sum.npz")
    found = contents(path)
    name = data.draw(st.sampled_from(sorted(found)))
    raw = bytearray(found[name].tobytes())
    if not raw:
        return
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    found[name] = np.frombuffer(bytes(raw), found[name].dtype).reshape(found[name].shape)
    np.savez(folder / "damaged.npz", **found)
    try:
        program = Program.load(folder / "damaged.npz")
    except ValueError:
        return
    with contextlib.suppress(ValueError, TypeError, ArithmeticError, IndexError, RuntimeError):
        program(*[np.zeros(program.form_of(slot).shape) for slot in program.inputs])


def test_a_file_that_is_cut_off_is_a_value_error(saved, tmp_path):
    whole = saved.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"cut\.npz is no saved program, or is damaged"):
            Program.load(tmp_path / "cut.npz")


def test_the_file_contains_arrays_and_json_alone(saved):
    with zipfile.ZipFile(saved) as archive:
        for name in archive.namelist():
            array = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            assert array.dtype.kind in "fiub"
    assert text_of(saved)["version"] == 1


def test_leaves_keep_their_precision(tmp_path):
    w = Tensor(np.float32([1.0, 2.0]), label="w")
    again = Program.load(recorded(lambda x: (w * x).data, np.float32([1, 1])).save(tmp_path / "single.npz"))
    assert again(np.float32([3, 3])).dtype == np.float32
