"""Programs compiled by Numba: the numbers of the interpreter of the tests, on one sample and on many."""

import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

import autograd
import nn
from autograd import Tensor, Value, jit, value_and_grad, vmap
from autograd.replay import fastest, interpreted as module, interpreter, kernel as kernels
from autograd.replay.fused import fused
from autograd.replay.interpreted import function_of, interpreted
from autograd.replay.kernel import LANES, Kernel
from autograd.replay.passes import simplified
from autograd.replay.rolled import rolled
from autograd.replay.slopes import sloped
from tests.bench.replay_step import newton, pendulum, three_bodies
from tests.replay.programs import NUMBERS, program_of, straight_lines, wanted
from tests.support.process import python

needs_numba = pytest.mark.skipif(not module.is_installed(), reason="needs Numba")


def simpler(program):
    return fused(sloped(simplified(program)))


@needs_numba
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(straight_lines())
def test_random_programs(case):
    function, arguments, captured = case
    program = program_of(function, *arguments)
    steps = interpreted(simpler(program))
    alone, kernel = function_of(steps), Kernel(steps)
    for given_now in (arguments, tuple(x / 7 for x in arguments)):
        expected = np.array(wanted(program, *given_now), float)
        numbers = [leaf.read() for leaf in steps.captured]
        for found in (alone(given_now, numbers), kernel(given_now, numbers)):
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
        for leaf in captured:
            leaf.data = leaf.data * 0.3


@needs_numba
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(straight_lines(), st.data())
def test_random_programs_on_samples(case, data):
    function, arguments, _ = case
    program = program_of(function, *arguments)
    assume(arguments)
    varying = sorted(data.draw(st.sets(st.integers(0, len(arguments) - 1), min_size=1)))
    inputs = [
        np.array(data.draw(st.lists(NUMBERS, min_size=3, max_size=3))) if position in varying else x
        for position, x in enumerate(arguments)
    ]
    results = Kernel(interpreted(simpler(program), varying))(inputs)
    for lane in range(3):
        own = [float(x[lane] if isinstance(x, np.ndarray) else x) for x in inputs]
        found = [x[lane] if isinstance(x, np.ndarray) else x for x in results]
        np.testing.assert_allclose(found, np.array(wanted(program, *own), float), rtol=1e-12, atol=1e-300)


@needs_numba
@pytest.mark.parametrize("n", [1, 63, 64, 65, 1000, 3 * LANES + 1])
def test_sums_over_samples_are_those_of_numpy(n):
    model = nn.MLP(2, [5, 1], generator=np.random.default_rng(0))

    def sample(x, y):
        model.zero_grad()
        loss = (model([x, y]) - 0.3 * x) ** 2
        loss.backward()
        return [loss.item(), *[p.grad for p in model.parameters()]]

    program = program_of(sample, 0.1, 0.2)
    summed = range(1, len(program.outputs))
    by_numba, by_numpy = (Kernel(make(simpler(program), [0, 1], summed)) for make in (interpreted, rolled))
    inputs = list(np.random.default_rng(n).normal(size=(2, n)))
    for found, expected in zip(by_numba(inputs), by_numpy(inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * n)


@needs_numba
@pytest.mark.parametrize(
    ("function", "numbers"), [(pendulum, (1.0, 0.5, 1.5)), (three_bodies, (0.3, 1.2, 0.1)), (newton, (1.0, 2.0, 4.0))]
)
def test_irregular_functions_have_the_value_and_gradient_of_eager_steps(function, numbers):
    leaves = [Value(x) for x in numbers]
    result = function(*leaves)
    result.backward()
    for backend in ("numba", "auto"):
        replayed = jit(value_and_grad(function, (0, 1, 2)), backend=backend)
        for _ in range(3):
            value, gradient = replayed(*numbers)
        np.testing.assert_allclose([value, *gradient], [result.data, *[x.grad for x in leaves]], rtol=1e-12)


@needs_numba
def test_samples_of_an_irregular_function_have_their_own_derivatives():
    derivative = value_and_grad(three_bodies, (0, 1, 2))
    x, y = np.random.default_rng(0).uniform(0.5, 1.5, (2, 5))
    together = jit(lambda x, y: vmap(derivative, (0, 0, None))(x, y, 0.1))
    for _ in range(3):
        values, gradients = together(x, y)
    for place in range(5):
        value, gradient = derivative(float(x[place]), float(y[place]), 0.1)
        np.testing.assert_allclose(values[place], value, rtol=1e-12)
        np.testing.assert_allclose([g[place] for g in gradients], gradient, rtol=1e-12)


def steps_chosen(function, *arguments, varying=()):
    program = program_of(function, *arguments)
    return module.is_interpreted(fastest.fastest(simpler(program), varying, (), most_groups=1e9))


@needs_numba
def test_large_irregular_programs_are_compiled_and_others_are_rolled():
    irregular = value_and_grad(three_bodies, (0, 1, 2))
    assert steps_chosen(irregular, 0.3, 1.2, 0.1)
    assert steps_chosen(irregular, 0.3, 1.2, 0.1, varying=[0])
    assert not steps_chosen(value_and_grad(newton), 1.0, 2.0, 4.0)
    assert not steps_chosen(lambda x: sum((autograd.tanh(i * x) for i in range(3000)), 0.0), 0.5)
    model = nn.MLP(5, [20, 20, 1], generator=np.random.default_rng(0))
    assert steps_chosen(lambda *x: model(list(x)), *[0.5] * 5)
    assert not steps_chosen(lambda *x: model(list(x)), *[0.5] * 5, varying=[0, 1])


@needs_numba
def test_a_row_of_ones_own_runs_without_numba():
    double = autograd.elementwise("double", lambda x: 2 * x, lambda x: 2 * x, lambda y, x: 2.0)
    replayed = jit(lambda x: double(x) * x, backend="numba")
    assert [replayed(x) for x in (1.0, 2.0, 3.0)] == [2.0, 8.0, 18.0]


@needs_numba
def test_arrays_run_as_without_numba():
    x = np.linspace(0.0, 1.0, 6).reshape(2, 3)
    replayed = jit(lambda x: (autograd.tanh(x) @ x.T).sum(), backend="numba")
    for _ in range(3):
        assert replayed(x) == (np.tanh(x) @ x.T).sum()


@needs_numba
def test_entries_of_small_arrays_are_numbers():
    w = Tensor([1.5, -0.5])

    def step(x):
        total = 0.0
        for i in range(2):
            for j in range(2):
                total = total + autograd.sin(w[i] * x[j]) * float(i + j)
        return total

    replayed = jit(step, backend="numba")
    x = np.array([0.3, 0.7])
    for scale in (1.0, 2.0, 3.0):
        np.testing.assert_allclose(replayed(scale * x).item(), step(Tensor(scale * x)).item(), rtol=1e-14)


@needs_numba
def test_branches_are_questions_as_in_other_programs():
    replayed = jit(lambda x: x * x if x > 1.0 else -x, backend="numba")
    assert [replayed(x) for x in (0.5, 2.0, 0.25, 3.0, -1.0, 4.0)] == [-0.5, 4.0, -0.25, 9.0, 1.0, 16.0]


# Threads


@pytest.mark.parametrize("count", [2, 3])
def test_threads_change_no_bit(monkeypatch, count):
    model = nn.MLP(2, [5, 1], generator=np.random.default_rng(0))
    program = simpler(program_of(lambda x, y: [(model([x, y]) - y) ** 2, x * y], 0.1, 0.2))
    x = np.random.default_rng(0).normal(size=(2, 5 * LANES + 3))
    monkeypatch.setattr(kernels, "is_blas_single", lambda: True)
    makers = [rolled, *[interpreted][: module.is_installed()]]
    for make in makers:
        found = []
        for processors in (1, count):
            monkeypatch.setattr(kernels, "processors", lambda processors=processors: processors)
            total, rows = Kernel(make(program, [0, 1], [0])).on_lanes(x, [leaf.read() for leaf in program.captured])
            found.append((total.tolist(), rows.tolist()))
        assert found[0] == found[1]


def test_where_no_thread_can_be_started_one_computes_all_samples(monkeypatch):
    program = simpler(program_of(lambda x: autograd.sin(x) * x, 0.1))
    x = np.linspace(0.0, 1.0, 6 * LANES)
    monkeypatch.setattr(kernels, "processors", lambda: 2)

    def start(*arguments):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(kernels.ThreadPoolExecutor, "submit", start)
    [found] = Kernel(rolled(program, [0]))([x])
    np.testing.assert_allclose(found, np.sin(x) * x, rtol=1e-15)


# Installations


def irregular_results():
    replayed = jit(value_and_grad(three_bodies, (0, 1, 2)))
    return [replayed(0.3, 1.2, 0.1) for _ in range(3)][-1]


def test_without_numba_the_numbers_are_the_same(monkeypatch):
    expected = irregular_results()
    monkeypatch.setattr(fastest, "is_installed", lambda: False)
    value, gradient = irregular_results()
    np.testing.assert_allclose([value, *gradient], [expected[0], *expected[1]], rtol=1e-12)


def too_old(*arguments, **options):
    raise TypeError("njit() got an unexpected keyword argument 'error_model'")


def numba_of(tmp_path, monkeypatch, problem):
    """Puts a Numba that does not work in the place of the one that may be here."""
    monkeypatch.setattr(module, "_kernel_or_reason", cache(module._kernel_or_reason.__wrapped__))
    monkeypatch.setattr(fastest, "is_installed", lambda: True)
    if isinstance(problem, Exception):
        (tmp_path / "numba.py").write_text(f"raise {problem!r}")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "numba", raising=False)
    else:
        monkeypatch.setitem(sys.modules, "numba", problem)
        monkeypatch.setitem(sys.modules, "numba.extending", SimpleNamespace(register_jitable=lambda function: None))


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (None, "import of numba halted"),
        (ImportError("Numba needs NumPy 2.0 or less"), "ImportError: Numba needs NumPy 2.0 or less"),
        (OSError("Could not find/load shared object file"), "OSError: Could not find/load shared object file"),
        (RuntimeError("Python 3.99"), "RuntimeError: Python 3.99"),
        (SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=True)), "NUMBA_DISABLE_JIT is set"),
        (SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=False), njit=too_old), "keyword argument 'error_model'"),
    ],
)
def test_a_numba_that_does_not_work_is_left_out_with_a_warning(tmp_path, monkeypatch, problem, reason):
    numba_of(tmp_path, monkeypatch, problem)
    with pytest.warns(RuntimeWarning, match=r'without Numba: .* pip install "wengert\[fast\]"') as found:
        value, _ = irregular_results()
    assert reason in str(found[0].message)
    assert np.isclose(value, three_bodies(0.3, 1.2, 0.1))


def test_a_numba_that_does_not_work_is_tried_once(tmp_path, monkeypatch):
    numba_of(tmp_path, monkeypatch, ImportError("half installed"))
    for _ in range(2):
        with pytest.raises(ImportError, match="half installed"):
            module.compiled("run")
        (tmp_path / "numba.py").unlink(missing_ok=True)


def test_to_ask_for_numba_where_it_is_missing_names_the_extra():
    code = "import sys; sys.modules['numba'] = None; from autograd import jit; jit(abs, backend='numba')"
    error = python(code).stderr.strip().splitlines()[-1]
    assert error == 'ImportError: jit: the backend "numba" needs Numba: pip install "wengert[fast]"'


def test_numba_is_imported_only_by_programs_that_it_compiles():
    code = (
        "import sys; from autograd import jit; f = jit(lambda x: x * x + 1.0); print([f(x) for x in (1.0, 2.0, 3.0)]);"
        "print('numba' in sys.modules)"
    )
    assert python(code).stdout.splitlines() == ["[2.0, 5.0, 10.0]", "False"]


@pytest.mark.parametrize("problem", [ValueError("unsupported pickle protocol"), KeyError("code"), EOFError()])
def test_with_damaged_files_of_compiled_code_it_is_compiled_for_the_process(tmp_path, monkeypatch, problem):
    def njit(signature, cache=False, **options):
        def compiled(function):
            if cache:
                raise problem
            return function

        return compiled

    numba_of(tmp_path, monkeypatch, SimpleNamespace(config=SimpleNamespace(DISABLE_JIT=False), njit=njit))
    with pytest.warns(RuntimeWarning, match="set the environment variable NUMBA_CACHE_DIR to an empty folder"):
        assert module.compiled("run") is interpreter.run


@needs_numba
@pytest.mark.slow
def test_without_a_folder_for_compiled_code_it_is_compiled_for_the_process():
    code = (
        "import numba.core.caching, warnings\n"
        "numba.core.caching.CompileResultCacheImpl._locator_classes = []\n"  # as where no folder can be written
        "from tests.replay.test_interpreted import irregular_results\n"
        "with warnings.catch_warnings(record=True) as found:\n"
        "    warnings.simplefilter('always'); print(irregular_results()[0])\n"
        "print([str(w.message) for w in found])"
    )
    number, messages = python(code).stdout.splitlines()
    assert float(number) == pytest.approx(irregular_results()[0], rel=1e-12)
    assert "set the environment variable NUMBA_CACHE_DIR to an empty folder that can be written" in messages
