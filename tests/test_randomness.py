"""The source of random numbers: `autograd.manual_seed` for what is given none, and `generator=` everywhere else."""

import copy
import inspect
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType

import numpy as np
import pytest
from numpy.random import default_rng

import autograd
import nn
from autograd import Tensor, checkpoint
from nn import functional
from nn.distributions import Bernoulli, Categorical, Normal
from nn.search import sweep
from tests.support.process import python

X, Y = default_rng(1).normal(size=(20, 4)), default_rng(2).normal(size=(20, 1))
IMAGES = np.ones((2, 4, 3, 3))


def trained(generator=None):
    model = nn.Sequential(
        nn.Linear(4, 3, generator=generator), nn.Dropout(generator=generator), nn.Linear(3, 1, generator=generator)
    )
    optimizer = nn.SGD(model.parameters(), lr=0.01)
    history = nn.fit(model, nn.mse_loss, optimizer, (X, Y), epochs=2, generator=generator, progress=False)
    return history["loss"], model.state_dict()


def found_rate(generator=None):
    model = nn.Linear(4, 1, generator=generator)
    optimizer = nn.SGD(model.parameters())
    return nn.find_lr(model, nn.mse_loss, optimizer, (X, Y), steps=5, generator=generator).losses


def searched(generator=None):
    ranges = {"lr": lambda drawing: drawing.uniform()}
    return sweep(lambda lr, seed: lr, ranges, trials=3, generator=generator, progress=False).rows


def weights(module):
    return {name: parameter.data for name, parameter in module.named_parameters()}


DRAWN = {
    "Neuron": lambda **given: weights(nn.Neuron(2, **given)),
    "Layer": lambda **given: weights(nn.Layer(2, 3, **given)),
    "MLP": lambda **given: weights(nn.MLP(2, [3, 1], **given)),
    "Linear": lambda **given: weights(nn.Linear(2, 3, **given)),
    "Embedding": lambda **given: weights(nn.Embedding(5, 2, **given)),
    "Dropout": lambda **given: nn.Dropout(**given)(np.ones(100)),
    "Dropout2d": lambda **given: nn.Dropout2d(**given)(np.ones((5, 20, 1, 1))),
    "Conv1d": lambda **given: weights(nn.Conv1d(2, 3, 2, **given)),
    "Conv2d": lambda **given: weights(nn.Conv2d(2, 3, 2, **given)),
    "ConvTranspose2d": lambda **given: weights(nn.ConvTranspose2d(2, 3, 2, **given)),
    "RNN": lambda **given: weights(nn.RNN(2, 3, **given)),
    "LSTM": lambda **given: weights(nn.LSTM(2, 3, **given)),
    "GRU": lambda **given: weights(nn.GRU(2, 3, **given)),
    "RNNCell": lambda **given: weights(nn.RNNCell(2, 3, **given)),
    "LSTMCell": lambda **given: weights(nn.LSTMCell(2, 3, **given)),
    "GRUCell": lambda **given: weights(nn.GRUCell(2, 3, **given)),
    "MultiheadAttention": lambda **given: weights(nn.MultiheadAttention(4, 2, **given)),
    "TransformerEncoderLayer": lambda **given: weights(nn.TransformerEncoderLayer(4, 2, 4, **given)),
    "train_test_split": lambda **given: nn.train_test_split(list(range(50)), **given),
    "random_split": lambda **given: list(nn.random_split(range(50), [25, 25], **given)[0]),
    "DataLoader": lambda **given: list(nn.DataLoader(np.arange(50), 10, shuffle=True, **given)),
    "moons": lambda **given: nn.datasets.moons(20, **given).features,
    "spirals": lambda **given: nn.datasets.spirals(20, **given).features,
    "dropout": lambda **given: functional.dropout(np.ones(100), **given),
    "dropout2d": lambda **given: functional.dropout2d(np.ones((5, 20, 1, 1)), **given),
    "Normal": lambda **given: Normal(np.zeros(3), 1.0).sample((4,), **given),
    "Categorical": lambda **given: Categorical(probs=np.full(9, 1 / 9)).sample((40,), **given),
    "Bernoulli": lambda **given: Bernoulli(probs=0.5).sample((100,), **given),
    "init": lambda **given: nn.init.normal_(nn.Parameter(np.zeros(9)), **given).data,
    "fit": lambda **given: trained(**given),
    "find_lr": lambda **given: found_rate(**given),
    "sweep": lambda **given: searched(**given),
}
"""What draws random numbers, and what it drew."""


def text(drawn):
    return repr(drawn)


# manual_seed


@pytest.mark.parametrize("name", DRAWN)
def test_after_manual_seed_what_is_given_no_generator_draws_the_same_numbers_again(name):
    autograd.manual_seed(5)
    first, second = text(DRAWN[name]()), text(DRAWN[name]())
    autograd.manual_seed(5)
    assert text(DRAWN[name]()) == first
    assert second != first
    autograd.manual_seed(6)
    assert text(DRAWN[name]()) != first


@pytest.mark.parametrize("name", DRAWN)
def test_without_manual_seed_each_draw_is_another(name):
    assert text(DRAWN[name]()) != text(DRAWN[name]())


@pytest.mark.parametrize("name", DRAWN)
def test_a_given_generator_decides_alone(name):
    autograd.manual_seed(5)
    first = text(DRAWN[name](generator=default_rng(0)))
    autograd.manual_seed(6)
    random.seed(7)
    assert text(DRAWN[name](generator=default_rng(0))) == first
    assert autograd.manual_seed(6).random() == default_rng(6).random()


def test_two_layers_after_one_seed_do_not_get_the_same_numbers():
    autograd.manual_seed(0)
    assert not np.array_equal(nn.Linear(2, 3).weight.data, nn.Linear(2, 3).weight.data)


def test_the_numbers_are_those_of_numpys_generator_of_that_seed():
    assert autograd.manual_seed(0).normal(size=3).tolist() == default_rng(0).normal(size=3).tolist()
    assert autograd.manual_seed(np.int64(0)).random() == default_rng(0).random()


def test_manual_seed_reaches_layers_that_were_made_before():
    dropout = nn.Dropout()
    autograd.manual_seed(0)
    first = dropout(np.ones(50)).tolist()
    autograd.manual_seed(0)
    assert dropout(np.ones(50)).tolist() == first


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_of_a_layer_draws_from_the_same_source_and_not_the_same_numbers(copied):
    dropout = nn.Dropout()
    again = copied(dropout)
    assert not np.array_equal(dropout(np.ones(50)), again(np.ones(50)))
    autograd.manual_seed(0)
    first = again(np.ones(50)).tolist()
    autograd.manual_seed(0)
    assert dropout(np.ones(50)).tolist() == first


def test_manual_seed_leaves_pythons_and_numpys_own_numbers_alone():
    def states():
        return random.getstate(), np.random.get_state(legacy=False)["state"]["pos"]  # noqa: NPY002

    before = states()
    autograd.manual_seed(0)
    nn.Linear(2, 3)
    assert states() == before


def test_networks_of_values_follow_manual_seed_where_it_was_called_and_python_otherwise():
    random.seed(1337)
    first = text(DRAWN["MLP"]())
    random.seed(1337)
    assert text(DRAWN["MLP"]()) == first
    autograd.manual_seed(0)
    assert text(DRAWN["MLP"]()) == text(DRAWN["MLP"](generator=default_rng(0)))


def test_a_network_that_takes_over_given_weights_draws_nothing():
    autograd.manual_seed(0)
    model = nn.MLP(2, [3, 1], generator=default_rng(0))
    nn.MLP.from_tensors(model.to_tensors())
    assert nn.Dropout().generator.random() == default_rng(0).random()


def test_threads_that_share_the_source_get_different_numbers():
    autograd.manual_seed(0)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: nn.Linear(3, 3).weight.data.tobytes(), range(40)))
    assert len(set(drawn)) == 40


def test_a_second_run_of_a_checkpoint_drops_the_same_units():
    x = Tensor(np.ones(100))
    y = checkpoint(lambda x: np.sum(functional.dropout(x, 0.5) * 3.0))(x)
    y.backward()
    assert x.grad.sum() == y.data


def test_a_training_run_of_the_default_source_resumes_as_if_it_had_not_stopped(tmp_path):
    def losses(epochs, resume):
        model = nn.Sequential(nn.Linear(4, 8, generator=default_rng(0)), nn.Dropout(), nn.Linear(8, 1))
        for parameter in model.parameters():
            parameter.data[...] = 0.1
        optimizer = nn.SGD(model.parameters(), lr=0.01)
        options = {"checkpoint": tmp_path / "run.npz", "resume": resume, "progress": False}
        return nn.fit(model, nn.mse_loss, optimizer, (X, Y), epochs=epochs, batch_size=5, **options)["loss"]

    autograd.manual_seed(3)
    whole = losses(4, resume=False)
    autograd.manual_seed(3)
    losses(2, resume=False)
    autograd.manual_seed(99)
    assert losses(4, resume=True) == whole


@pytest.mark.parametrize(("seed", "error"), [("0", TypeError), (0.5, TypeError), (None, TypeError), (-1, ValueError)])
def test_a_seed_is_an_integer_of_at_least_0(seed, error):
    with pytest.raises(error, match="manual_seed: expected an integer"):
        autograd.manual_seed(seed)


def test_importing_autograd_imports_no_random_generators():
    run = python("import sys, autograd; print('numpy.random' in sys.modules, 'manual_seed' in dir(autograd))")
    assert run.stdout == "False True\n", run.stderr


# generator=


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("seed", [0, np.int64(0), np.random.RandomState(0), random.Random(0)])
def test_a_seed_is_no_generator_and_the_error_says_how_to_make_one(name, seed):
    with pytest.raises(TypeError, match=r"generator: expected .* np\.random\.default_rng\((0|seed)\).*manual_seed"):
        DRAWN[name](generator=seed)


TRAINING = {"fit": nn.fit, "find_lr": nn.find_lr, "sweep": nn.sweep}


@pytest.mark.parametrize("name", DRAWN)
def test_the_name_of_before_is_answered_with_the_one_of_now(name):
    with pytest.raises(TypeError, match="the source of random numbers is generator=, not rng="):
        (DRAWN | TRAINING)[name](rng=default_rng(0))


def test_no_public_function_calls_its_source_of_random_numbers_otherwise():
    public = [*vars(nn).values(), *vars(functional).values(), *vars(nn.init).values(), *vars(nn.datasets).values()]
    ours = [x for x in public if isinstance(x, type | FunctionType) and x.__module__.startswith("nn")]
    taken = {name for x in ours for name in inspect.signature(x).parameters}
    assert "generator" in taken
    assert not {"rng", "seed", "random_state"} & taken


def test_pytorchs_generator_is_answered_with_numpys():
    with pytest.raises(AttributeError, match="default_rng"):
        _ = autograd.Generator
