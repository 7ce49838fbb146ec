"""What shows a program: its source, which runs with NumPy alone, its numbers, its picture and its tape."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given

import autograd
import nn
from autograd import Tape, Tensor, Value, draw, explain, grad, jit, tanh, vmap
from autograd.replay.reference import numbers_of
from tests.replay.programs import program_of, straight_lines


def program(jitted, *arguments):
    jitted(*arguments)
    jitted(*arguments)
    return jitted.programs[-1]


def run(recorded, *arguments):
    """What the source returns in an empty namespace."""
    names = {}
    exec(recorded.source(), names)
    function = names[re.findall(r"^def (\w+)", recorded.source(), re.MULTILINE)[-1]]
    results = function(*arguments, *[leaf.read() for leaf in recorded.captured])
    return results if isinstance(results, tuple | list) else (results,)


def expected(recorded, *arguments):
    """What the interpreter computes: results, then assigned numbers."""
    numbers = numbers_of(recorded, arguments)
    return [numbers[x] for x in [*recorded.outputs, *[e.slot for e in recorded.effects if e.slot >= 0]]]


def neuron_and_leaves():
    w1, w2, b = Value(0.5, label="w1"), Value(-1.0, label="w2"), Value(0.1)

    def neuron(x1, x2):
        out = tanh(w1 * x1 + w2 * x2 + b)
        out.backward()
        return out

    return jit(neuron), (w1, w2, b)


# Source


def test_the_source_of_a_neuron_reads_like_the_neuron():
    recorded = program(neuron_and_leaves()[0], 1.0, 2.0)
    text = recorded.source()
    assert "def neuron(x1, x2, w1, w2, b):" in text
    assert "    # out = tanh(w1 * x1 + w2 * x2 + b)\n    v1 = w1 * x1\n" in text
    assert "    # backward\n" in text
    assert "d_w1 = d_b * x1" in text
    assert text.rstrip().endswith(", d_w1, d_w2, d_b")


def test_the_source_of_a_neuron_computes_its_numbers_bit_for_bit():
    jitted, leaves = neuron_and_leaves()
    recorded = program(jitted, 1.0, 2.0)
    out, *gradients = run(recorded, 0.25, -3.0)
    for leaf in leaves:
        leaf.grad = 0.0
    assert jitted(0.25, -3.0).data == out
    assert [leaf.grad for leaf in leaves] == gradients


def test_the_source_needs_neither_this_package_nor_any_other(tmp_path):
    recorded = program(neuron_and_leaves()[0], 1.0, 2.0)
    page = tmp_path / "page.py"
    page.write_text(
        "import sys\nsys.modules['autograd'] = sys.modules['nn'] = None\n"
        + recorded.source()
        + "\nprint(neuron(1.0, 2.0, 0.5, -1.0, 0.1)[0])\n"
    )
    done = subprocess.run([sys.executable, "-I", page], capture_output=True, text=True, check=False)
    assert float(done.stdout) == tanh(-1.4), done.stderr


@given(straight_lines())
def test_the_source_of_any_program_of_numbers_computes_its_numbers(case):
    function, arguments, _ = case
    recorded = program_of(function, *arguments)
    try:
        found = run(recorded, *arguments)
    except (ValueError, ArithmeticError):  # floats of Python raise out of the domain
        return
    np.testing.assert_array_equal(found, expected(recorded, *arguments))


def mlp_step(samples=12, layers=(8, 1)):
    rng = np.random.default_rng(0)
    model = nn.MLP(2, list(layers), generator=rng)
    rows = rng.normal(size=(samples, 2)).tolist()

    def step():
        model.zero_grad()
        loss = sum((model(row) - row[0] * row[1]) ** 2 for row in rows) / samples
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= 0.01 * parameter.grad
        return loss

    return jit(step)


def test_the_source_of_a_loop_over_samples_is_its_matrix_form():
    recorded = program(mlp_step())
    text = recorded.source()
    assert "np.dot(" in text
    assert ".reshape(8, 12)" in text
    assert len(text.splitlines()) < 120
    np.testing.assert_allclose(run(recorded), expected(recorded), rtol=1e-12, atol=1e-14)


def test_the_source_of_a_network_of_tensors_is_calls_of_numpy():
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(4, 8, generator=rng), nn.Tanh(), nn.Linear(8, 3, generator=rng))
    x, classes = rng.normal(size=(5, 4)), np.array([0, 2, 1, 0, 1])

    def step(x, classes):
        loss = nn.cross_entropy(model(x), classes)
        loss.backward()
        return loss

    recorded = program(jit(step), x, classes)
    text = recorded.source()
    assert "autograd" not in text
    assert "def step(x, classes, model_0_weight, model_0_bias, model_2_weight, model_2_bias):" in text
    assert "# loss = nn.cross_entropy(model(x), classes)" in text
    assert "d_model_0_weight = " in text
    for mine, theirs in zip(run(recorded, x, classes), expected(recorded, x, classes), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    "rows", [np.array([[0.5, -1.0], [2.0, 0.25]]), [[0.5, -1.0], [2.0, 0.25]]], ids=["an array", "lists"]
)
def test_the_source_of_a_training_step_reads_the_gradients_that_it_assigns(rows):
    model = nn.MLP(2, [3, 1])

    def step(rows):
        model.zero_grad()
        loss = sum((1 - model(row)).relu() for row in rows)
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return loss.data

    recorded = program(jit(step), rows)
    arguments = [rows] if isinstance(rows, np.ndarray) else [x for row in rows for x in row]
    np.testing.assert_allclose(run(recorded, *arguments), expected(recorded, *arguments), rtol=1e-12)


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softplus", "elu", "normal_cdf", "erf", "silu", "sign", "floor"])
def test_functions_that_python_lacks_stand_before_the_program(name):
    recorded = program(jit(lambda x: getattr(autograd, name)(x)), 0.7)
    assert "autograd" not in recorded.source().partition("# ")[0]
    assert run(recorded, 0.3) == (getattr(autograd, name)(0.3),)


def test_gradients_that_a_transform_returns_are_named_after_the_arguments():
    recorded = program(jit(grad(lambda weight, x: weight * weight * x)), 2.0, 3.0)
    assert "d_weight = " in recorded.source()
    assert run(recorded, 5.0, 2.0) == (20.0,)


def test_a_branch_is_an_assertion_with_the_line_that_asked():
    def absolute(x):
        if x > 0:
            return x * 2.0
        return -x

    recorded = program(jit(absolute), 1.0)
    assert 'assert v1, "another path"  # if x > 0:' in recorded.source()
    with pytest.raises(AssertionError, match="another path"):
        run(recorded, -1.0)


def test_names_are_never_taken_twice_and_always_identifiers():
    weights = [Value(float(i), label="w 1") for i in range(3)]
    odd = Value(2.0, label="lambda")

    def total(v1):
        return sum(weight * v1 for weight in weights) * odd

    recorded = program(jit(total), 2.0)
    assert run(recorded, 2.0) == (2.0 * (0 + 1 + 2) * 2.0,)
    assert "weights_0, weights_1, weights_2" in recorded.source()


def test_special_numbers_and_arrays_are_written_so_that_they_run():
    infinite, table = float("inf"), np.array([[1.0, np.nan], [-np.inf, 0.0]])
    table.setflags(write=False)
    recorded = program(jit(lambda x: (x - infinite, x + float("nan"))), 1.0)
    assert str(run(recorded, 1.0)) == "(-inf, nan)"
    recorded = program(jit(lambda x: x + table), np.ones((2, 2)))
    np.testing.assert_array_equal(run(recorded, np.ones((2, 2)))[0], 1.0 + table)


def test_of_programs_that_are_too_long_the_middle_is_left_out():
    def wander(x):
        for i in range(21_000):
            x = x * 1.5 if i % 3 else x / (1.0 + i)
        return x

    text = program_of(wander, 1.0).source()
    assert "1,0" in text
    assert "lines left out: this text is for reading only" in text
    assert len(text.splitlines()) < 20_100


# Numbers


def test_stats_count_instructions_after_each_pass():
    stats = program(mlp_step()).stats()
    assert [stage.name for stage in stats.stages] == ["recorded", "simplified", "fused", "rolled"]
    counts = [stage.instructions for stage in stats.stages]
    assert counts == sorted(counts, reverse=True)
    assert stats.is_rolled
    assert stats.instructions < 40 < 100 < counts[0]
    assert stats.bytes_per_instruction < 20
    assert stats.stages[2].kinds["dot"] > 0


def test_stats_of_arrays_name_the_calls_of_numpy():
    recorded = program(jit(lambda x: nn.functional.softmax(Tensor(x), -1)), np.ones((2, 3)))
    stats = recorded.stats()
    assert [stage.name for stage in stats.stages] == ["recorded", "inlined", "simplified"]
    assert stats.stages[0].kinds["softmax"] == 1
    assert "exp" in stats.stages[1].kinds
    assert not stats.is_rolled


def test_stats_are_tables():
    stats = program(mlp_step()).stats()
    assert "rolled" in str(stats)
    assert "in all" in str(stats)
    html = stats._repr_html_()
    assert html.startswith("<table>")
    assert "<th" in html
    assert "simplified" in html
    assert "color" not in html  # so it has those of a light or dark page


def test_the_story_goes_from_instructions_to_matrices(tmp_path):
    story = program(mlp_step()).story()
    assert [stage.name for stage in story.stages] == ["recorded", "simplified", "fused", "rolled"]
    assert str(story).index("recorded:") < str(story).index("rolled:") < str(story).index("np.dot(")
    page = story.save(tmp_path / "story.html").read_text("utf-8")
    assert story._repr_html_() in page
    assert story.save(tmp_path / "story.txt").read_text("utf-8") == f"{story}\n"
    with pytest.raises(ValueError, match=r"ending in \.html, \.txt"):
        story.save(tmp_path / "story.gif")


# Pictures and tapes


def test_a_program_is_replayed_on_the_tape_with_its_labels_and_gradients():
    jitted, (w1, *_) = neuron_and_leaves()
    recorded = program(jitted, 1.0, 2.0)
    w1.grad = 0.0
    out = recorded.on_tape(0.25, -3.0)
    tape = Tape.of(out)
    assert [entry.label for entry in tape][:5] == ["x1", "x2", "w1", "w2", "b"]
    assert w1.grad == 0.0  # the leaves on this tape are others
    found = {entry.label: entry.node.grad for entry in tape if entry.label}
    _, *gradients = run(recorded, 0.25, -3.0)
    assert [found[name] for name in ("w1", "w2", "b")] == gradients


def test_draw_the_tape_and_explain_take_a_program():
    recorded = program(neuron_and_leaves()[0], 1.0, 2.0)
    assert draw(recorded).source == draw(recorded.on_tape(1.0, 2.0)).source
    assert len(Tape.of(recorded)) == 10
    out = recorded.on_tape()
    w1 = next(entry.node for entry in Tape.of(out) if entry.label == "w1")
    assert "w1" in str(explain(out, w1))


def test_a_program_that_returns_gradients_is_drawn_with_its_sweep():
    recorded = program(jit(grad(lambda x: x * x * x)), 2.0)
    assert recorded.on_tape(3.0).data == 27.0
    assert any(entry.operation == "v0 * v0" for entry in Tape.of(recorded))


def test_a_program_of_tensors_is_replayed_on_the_tape():
    weight = Tensor(np.arange(6.0).reshape(2, 3), label="weight")

    def total(x):
        loss = (x @ weight).tanh().sum()
        loss.backward()
        return loss

    recorded = program(jit(total), np.ones((4, 2)))
    out = recorded.on_tape(np.full((4, 2), 0.5))
    leaf = next(entry.node for entry in Tape.of(out) if entry.label == "weight")
    np.testing.assert_allclose(leaf.grad, run(recorded, np.full((4, 2), 0.5))[1], rtol=1e-12)


def test_on_tape_says_which_numbers_it_takes():
    recorded = program(jit(lambda height, width: height * width), 2.0, 3.0)
    with pytest.raises(TypeError, match=r"takes the numbers of its 2 inputs \(height, width\), not 1"):
        recorded.on_tape(1.0)
    large = program(jit(lambda x: (x * 2.0).sum()), np.ones(5000))
    with pytest.raises(TypeError, match="inputs"):
        draw(large)


def test_a_step_without_result_shows_what_it_assigns():
    w = Value(3.0, label="w")

    def step(x):
        w.grad = 0.0
        (w * x).backward()
        w.data -= 0.1 * w.grad

    found = program(jit(step), 2.0).on_tape()
    assert [x.data for x in found] != []


def test_programs_with_several_results_or_none_are_drawn():
    w = Value(3.0, label="w")

    def step(x):
        w.grad = 0.0
        (w * w * x).backward()
        w.data -= 0.1 * w.grad

    programs = [
        program(jit(step), 2.0),
        program(jit(lambda x: {"product": w * x, "sum": w + x}), 2.0),
        program(jit(lambda x: (w * x, (x * x).sum())), np.ones(3)),
    ]
    for recorded in programs:
        assert "w" in draw(recorded).source
        assert [entry.label for entry in Tape.of(recorded) if entry.label == "w"] == ["w"]
    with pytest.raises(TypeError, match="computes nothing"):
        draw(program(jit(lambda: None)))


@pytest.mark.parametrize("function", [lambda: None, lambda x: x], ids=["nothing", "an argument"])
def test_a_program_without_instructions_has_a_table_and_a_source(function):
    recorded = program(jit(function), *[1.0] * function.__code__.co_argcount)
    assert "in all" in str(recorded.stats())
    assert "0" in str(recorded.story())
    assert "return" in recorded.source()


def test_the_source_names_what_cannot_be_written_and_is_python():
    dropout = nn.Dropout(0.5, generator=np.random.default_rng(0))
    for function in (dropout, jit(vmap(lambda x: (x * x).sum()))):
        source = program(jit(function), np.ones((3, 2))).source()
        compile(source, "source", "exec")
        assert "<" not in source.partition("def ")[2].replace("<=", "")
    assert "# needs: generator" in program(jit(dropout), np.ones((3, 2))).source()
