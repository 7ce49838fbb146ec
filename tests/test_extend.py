"""Operations of one's own in the words of HIPS autograd, and what is built on them."""

import numpy as onp
import pytest

import autograd
import autograd.numpy as np
from autograd import Value, grad, jit, value_and_grad
from autograd.extend import def_linear, defjvp, defjvp_argnums, defvjp, defvjp_argnums, notrace_primitive, primitive
from autograd.misc.fixed_points import fixed_point
from autograd.test_util import check_grads


def test_an_operation_of_ones_own():
    seen = []

    @primitive
    def logsumexp(x, axis=None):
        """Sound."""
        seen.append(type(x))
        largest = onp.max(x)
        return largest + onp.log(onp.sum(onp.exp(x - largest), axis))

    defvjp(logsumexp, lambda ans, x, axis=None: lambda g: g * np.exp(x - ans))
    assert logsumexp.__doc__ == "Sound."
    check_grads(logsumexp)(onp.array([1.5, -0.3, 0.7]))
    check_grads(lambda y: np.sum(np.sin(logsumexp(y**2))), order=3)(onp.array([1.5, -0.3, 0.7]))
    assert set(seen) == {onp.ndarray}
    with autograd.Tape() as tape:
        logsumexp(autograd.Tensor([1.0, 2.0], label="x"), axis=0)
    assert [node.op.name for node in tape.nodes if node.inputs] == ["logsumexp"]
    assert logsumexp(onp.zeros(2)) == pytest.approx(onp.log(2))


def test_an_operation_of_floats_stays_one():
    @primitive
    def product(x, y, scale=1.0):
        assert type(x) is type(y) is float
        return scale * x * y

    defvjp(
        product,
        lambda ans, x, y, scale=1.0: lambda g: g * scale * y,
        lambda ans, x, y, scale=1.0: lambda g: g * scale * x,
    )
    x = autograd.Value(3.0)
    y = product(x, 4.0, scale=0.5)
    assert (type(y), y.data) == (autograd.Value, 6.0)
    assert grad(product, (0, 1))(3.0, 4.0) == (4.0, 3.0)
    assert grad(lambda x: product(x, x))(3.0) == 6.0
    assert grad(grad(lambda x: product(x, x)))(3.0) == 2.0


def test_arguments_without_a_derivative_and_with_none_given():
    scaled = primitive(lambda x, n, y: x * n + y)
    defvjp(scaled, lambda ans, x, n, y: lambda g: g * n, None)
    assert grad(lambda x: scaled(x, x, 1.0))(2.0) == 2.0
    with pytest.raises(NotImplementedError, match=r"no derivative in argument 2: give it one with defvjp"):
        grad(lambda x: scaled(1.0, 2, x))(2.0)
    with pytest.raises(NotImplementedError, match="give it one with defvjp"):
        grad(primitive(lambda x: 2 * x))(1.0)


def test_derivatives_for_several_arguments_at_once():
    def split(argnums, ans, args, options):
        x, y = args
        every = {0: lambda g: g * y, 1: lambda g: g * x}
        return lambda g: tuple(every[argnum](g) for argnum in argnums)

    product = primitive(lambda x, y: x * y)
    defvjp_argnums(product, split)
    check_grads(product, (0, 1))(onp.array([1.0, 2.0]), onp.array([0.5, -3.0]))


@pytest.mark.parametrize("give", ["each", "same", "argnums", "linear"])
def test_pushforwards_give_the_pullbacks_too(give):
    product = primitive(lambda x, y: x * y)
    if give == "each":
        defjvp(product, lambda t, ans, x, y: t * y, lambda t, ans, x, y: x * t)
    elif give == "same":
        defjvp(product, "same", "same")
    elif give == "linear":
        def_linear(product)
    else:
        defjvp_argnums(
            product, lambda argnums, ts, ans, args, kw: sum(t * args[1 - n] for n, t in zip(argnums, ts, strict=True))
        )
    check_grads(product, (0, 1))(onp.array([1.0, 2.0]), onp.array([0.5, -3.0]))
    assert grad(product, 1)(3.0, 2.0) == 3.0


def test_a_primitive_says_what_it_does_not_take():
    total = primitive(lambda x, scale=1.0: scale * onp.sum(onp.asarray(x)))
    defvjp(total, lambda ans, x, scale=1.0: lambda g: g * onp.ones(x.shape))
    for call in (lambda x: total([x, x]), lambda x: total(onp.ones(2), scale=x)):
        with pytest.raises(TypeError, match="tracked arguments of a primitive are positional and no lists"):
            grad(call)(2.0)
    with pytest.raises(TypeError, match=r"for what autograd.extend.primitive made"):
        defvjp(np.sin, lambda ans, x: lambda g: g)
    spectrum = primitive(lambda x: onp.fft.fft(x))
    defvjp(spectrum, lambda ans, x: lambda g: g)
    with pytest.raises(TypeError, match="one array of real numbers"):
        spectrum(autograd.Tensor([1.0, 2.0]))


def test_a_primitive_may_return_its_argument():
    same = primitive(lambda x: x)
    defvjp(same, lambda ans, x: lambda g: g)
    t = autograd.Tensor([1.0, 2.0])
    same(t).sum().backward()
    t.data -= t.grad
    assert t.tolist() == [0.0, 1.0]


def test_calls_of_a_primitive_leave_nothing_behind():
    import gc
    import weakref

    double = primitive(lambda x: 2 * x)
    defvjp(double, lambda ans, x: lambda g: 2 * g)
    t = autograd.Tensor(onp.ones(3))
    y = double(t)
    y.sum().backward()
    dies = weakref.ref(y.data)
    gc.disable()
    try:
        del y
        assert dies() is None
    finally:
        gc.enable()


def test_a_function_that_is_not_recorded():
    assert notrace_primitive(onp.floor)(autograd.Tensor([1.5])).tolist() == [1.0]


@pytest.mark.parametrize("name", ["VSpace", "Box", "vspace"])
def test_what_is_not_here_names_what_is(name):
    with pytest.raises(ImportError, match=rf"autograd.extend.{name} is not here: "):
        exec(f"from autograd.extend import {name}", {})


# Fixed points


def test_the_derivative_of_a_fixed_point():
    def root(a):
        def step(a):
            return lambda x: 0.5 * (x + a / x)

        return fixed_point(step, a, 1.0, lambda x, y: abs(x - y), 1e-12)

    assert root(2.0) == pytest.approx(2**0.5)
    assert grad(root)(2.0) == pytest.approx(0.5 / 2**0.5)
    assert grad(grad(root))(2.0) == pytest.approx(-0.25 / 2**1.5)


def test_the_fixed_point_of_a_system_with_several_parameters():
    weights = 0.3 * onp.random.default_rng(0).uniform(-1, 1, (3, 3))

    def settled(p):
        def step(p):
            return lambda x: np.tanh(np.dot(p["weights"], x) + p["bias"])

        return fixed_point(step, p, onp.zeros(3), lambda x, y: onp.max(onp.abs(x - y)), 1e-13)

    check_grads(settled)({"weights": weights, "bias": onp.array([0.5, -0.2, 0.1])})


def test_a_primitive_is_recorded_by_jit():
    @primitive
    def power(x, exponent, shift=0.0):
        return x**exponent + shift

    defvjp(power, lambda ans, x, n, shift=0.0: lambda g: g * n * x ** (n - 1), None)

    def f(x):
        return (power(x, 3) + power(x, 2, shift=1.0) + power(x, 3)).sum()

    replayed = jit(value_and_grad(f))
    for factor in (1.0, 2.0, 3.0):
        found, expected = replayed(factor * onp.arange(4.0)), value_and_grad(f)(factor * onp.arange(4.0))
        assert found[0] == expected[0]
        onp.testing.assert_array_equal(found[1], expected[1])
    assert len(replayed.programs) == 1


def test_constants_that_are_equal_and_of_other_types_are_not_mixed_up():
    @primitive
    def kind(x, constant):
        return x * {int: 2.0, float: 3.0, bool: 5.0}[type(constant)]

    defvjp(kind, lambda ans, x, constant: lambda g: g, None)
    assert [kind(Value(1.0), constant).data for constant in (1, 1.0, True, 1)] == [2.0, 3.0, 5.0, 2.0]
