"""Resumed training equals uninterrupted training, bit for bit; damaged checkpoints are refused and change nothing."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.random import default_rng

import nn
from nn import checkpoint, files
from nn.train import fit

X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X @ np.array([[1.0], [-2.0], [0.5]])).astype(float)
EPOCHS = 6


class Made:
    """A model with all that has a state, and its training."""

    def __init__(self, optimizer=nn.Adam, schedule=lambda o: nn.CosineAnnealingLR(o, 10), outputs=1, dtype=np.float64):
        self.model = nn.Sequential(
            nn.Linear(3, 8, generator=default_rng(0)),
            nn.BatchNorm1d(8),
            nn.Dropout(0.3, generator=default_rng(1)),
            nn.Linear(8, outputs, generator=default_rng(2)),
        ).to(dtype)
        self.optimizer = optimizer(self.model.parameters())
        self.schedule = schedule(self.optimizer)

    def fit(self, epochs=EPOCHS, **options):
        loader = nn.DataLoader((X, Y), 8, shuffle=True, generator=default_rng(3))
        options = {"validation_data": (X, Y), "patience": 20, "schedule": self.schedule, "progress": False} | options
        self.history = fit(self.model, nn.mse_loss, self.optimizer, loader, epochs=epochs, **options)
        return self

    def everything(self):
        state = checkpoint.TrainingState(self.model, self.optimizer, [self.schedule]).state_dict()
        return repr((checkpoint._packed(state, "", arrays := {}), {k: v.tobytes() for k, v in arrays.items()}))


OPTIMIZERS = {
    "SGD": nn.SGD,
    "momentum": lambda p: nn.SGD(p, lr=0.01, momentum=0.9),
    "Adagrad": nn.Adagrad,
    "RMSprop": lambda p: nn.RMSprop(p, momentum=0.9, centered=True),
    "Adam": lambda p: nn.Adam(p, amsgrad=True),
    "LBFGS": lambda p: nn.LBFGS(p, lr=0.1, max_iter=3),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_resumed_training_is_the_uninterrupted_one_bit_for_bit(tmp_path, optimizer, ending):
    file = tmp_path / f"run.{ending}"
    whole = Made(optimizer).fit()
    Made(optimizer).fit(epochs=2, checkpoint=file)
    resumed = Made(optimizer).fit(checkpoint=file, resume=True)
    assert resumed.everything() == whole.everything()
    assert resumed.history.to_dict() == whole.history.to_dict()


@pytest.mark.parametrize(
    "schedule", [lambda o: nn.StepLR(o, 2), lambda o: nn.ReduceLROnPlateau(o, patience=0, threshold=0.5)]
)
def test_schedules_and_float32_go_on_as_well(tmp_path, schedule):
    whole = Made(schedule=schedule, dtype=np.float32).fit()
    Made(schedule=schedule, dtype=np.float32).fit(epochs=3, checkpoint=tmp_path / "run.npz")
    resumed = Made(schedule=schedule, dtype=np.float32).fit(checkpoint=tmp_path / "run.npz", resume=True)
    assert resumed.everything() == whole.everything()
    assert resumed.history["lr"] == whole.history["lr"]


def test_a_network_of_values_resumes_as_well(tmp_path):
    def trained(epochs, **options):
        model = nn.MLP(3, [4, 1], generator=default_rng(0))
        optimizer = nn.Adam(model.parameters(), lr=0.01)
        options = {"generator": default_rng(0), "progress": False} | options
        return fit(model, nn.mse_loss, optimizer, (X, Y[:, 0]), epochs=epochs, **options), model.state_dict()

    trained(1, checkpoint=tmp_path / "run.npz")
    assert trained(3, checkpoint=tmp_path / "run.npz", resume=True) != (None, None)
    (whole, weights), (resumed, same) = trained(3), trained(3, checkpoint=tmp_path / "run.npz", resume=True)
    assert resumed.to_dict() == whole.to_dict()
    assert same == weights


def test_a_training_that_stopped_early_stays_stopped(tmp_path):
    options = {"patience": 1, "epochs": 200}
    whole = Made().fit(**options, checkpoint=tmp_path / "run.npz")
    assert whole.history.stopped
    resumed = Made().fit(**options, checkpoint=tmp_path / "run.npz", resume=True)
    assert resumed.history.to_dict() == whole.history.to_dict()
    assert resumed.history.stopped == whole.history.stopped
    assert resumed.model.state_dict()["0.weight"].tolist() == whole.model.state_dict()["0.weight"].tolist()


def test_a_training_that_was_interrupted_repeats_the_broken_epoch(tmp_path):
    def interrupt(step):
        if step.step == 10:
            raise KeyboardInterrupt

    broken = Made().fit(checkpoint=tmp_path / "run.npz", on_step=interrupt)
    assert broken.history.stopped == "interrupted in epoch 3"
    resumed = Made().fit(checkpoint=tmp_path / "run.npz", resume=True)
    assert resumed.everything() == Made().fit().everything()


def test_without_a_file_resume_begins_at_the_beginning(tmp_path):
    assert Made().fit(checkpoint=tmp_path / "run.npz", resume=True).everything() == Made().fit().everything()
    assert (tmp_path / "run.npz").exists()


def test_a_checkpoint_can_be_looked_into(tmp_path):
    Made().fit(epochs=1, checkpoint=tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as arrays:
        assert arrays["model/0.weight"].shape == (8, 3)
        assert arrays["optimizer/state/0/exp_avg"].shape == (8, 3)
        assert "PCG64" in arrays["json"].tobytes().decode()


KILLED = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests.nn.test_checkpoint import Made

writes, really = [], os.fsync
def fsync(handle):
    writes.append(handle)
    if len(writes) == 4:  # the first is before the first epoch
        os.truncate(handle, os.fstat(handle).st_size // 2)
        print("writing", flush=True)
        sys.stdin.read()
    really(handle)
os.fsync = fsync
Made().fit(checkpoint=sys.argv[2])
"""


def test_a_process_killed_while_it_writes_leaves_the_last_good_checkpoint(tmp_path, request):
    file = tmp_path / "run.npz"
    command = [sys.executable, "-c", KILLED, str(request.config.rootpath), str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"writing\n"
        child.kill()
    torn = [path for path in tmp_path.iterdir() if path != file]
    assert len(torn) == (0 if hasattr(os, "O_TMPFILE") else 1)
    assert len(checkpoint.read(file)["history"]["loss"]) == 2
    resumed = Made().fit(checkpoint=file, resume=True)
    assert resumed.everything() == Made().fit().everything()


# What is refused


@pytest.fixture
def written(tmp_path):
    Made().fit(epochs=2, checkpoint=tmp_path / "run.npz")
    return tmp_path / "run.npz"


def refused(made, file, words, **options):
    before = made.everything()
    with pytest.raises(ValueError, match=words) as caught:
        made.fit(checkpoint=file, resume=True, **options)
    assert made.everything() == before
    assert str(file) in str(caught.value)


def test_the_checkpoint_of_another_model_is_refused(written):
    refused(Made(outputs=2), written, r"3.weight: expected \(2, 8\), got \(1, 8\)")


def test_the_checkpoint_of_another_optimizer_is_refused(written):
    refused(Made(nn.AdamW), written, r"optimizer: expected the state of \['AdamW'\], got that of \['Adam'\]")


def test_the_checkpoint_of_another_schedule_is_refused(written):
    refused(Made(schedule=lambda o: nn.StepLR(o, 3)), written, "schedules: expected the state of")


def test_the_checkpoint_of_other_metrics_is_refused(written):
    refused(Made(), written, "resume with the same metrics", metrics=[nn.metrics.mae])


def test_a_checkpoint_without_the_best_weights_is_refused_where_they_are_needed(tmp_path):
    Made().fit(epochs=2, patience=None, checkpoint=tmp_path / "run.npz")
    refused(Made(), tmp_path / "run.npz", "the checkpoint has no best weights")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_checkpoint_is_refused(written, share):
    content = written.read_bytes()
    written.write_bytes(content[: int(share * len(content))])
    refused(Made(), written, "damaged")


def test_weights_alone_are_no_checkpoint(tmp_path):
    Made().model.save(tmp_path / "weights.npz")
    refused(Made(), tmp_path / "weights.npz", "not a checkpoint: it has arrays only; `load` of a model")


def test_a_model_does_not_load_a_checkpoint_but_says_how_its_weights_are_taken(written):
    made, other = Made().fit(2), Made()
    before = other.everything()
    with pytest.raises(ValueError, match=r"a checkpoint of a training run.* from nn\.checkpoint import read"):
        other.model.load(written)
    assert other.everything() == before
    other.model.load_state_dict(checkpoint.read(written)["model"])
    np.testing.assert_array_equal(other.model[0].weight.data, made.model[0].weight.data)


def test_a_model_with_an_array_called_json_is_no_checkpoint(tmp_path):
    model = nn.Module()
    model.json = nn.Parameter([1.0, 2.0])
    model.load(model.save(tmp_path / "model.npz"))


def test_a_checkpoint_goes_only_where_it_can():
    with pytest.raises(ValueError, match=r"ends in \.npz or \.safetensors"):
        Made().fit(checkpoint="run.pickle")
    with pytest.raises(FileNotFoundError):
        Made().fit(checkpoint="no/such/folder/run.npz")


def changed(file, path, x):
    """The checkpoint with something else at a place of its nested state."""
    state = checkpoint.read(file)
    inner = state
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = x
    checkpoint.write(file, state)
    return file


@pytest.mark.parametrize(
    ("path", "x"),
    [
        (["model"], 3),
        (["model", "0.weight"], "text"),
        (["best", "0.weight"], np.zeros(3)),
        (["history", "loss"], ["text", 1.0]),
        (["history", "loss"], [1.0]),
        (["optimizer", "state"], {0: {"step": "text"}}),
        (["optimizer", "param_groups", 0, "lr"], "text"),
        (["optimizer", "param_groups", 0, "params"], 3),
        (["schedules"], []),
        (["schedules", 0, "state", "T_max"], "text"),
        (["schedules", 0, "state", "base_lrs"], [None]),
        (["generators", "data"], {}),
        (["generators", "data", "state", "state"], -1),
        (["generators", "data", "bit_generator"], "os.system"),
        (["generators"], {}),
    ],
    ids=str,
)
def test_a_hostile_state_is_refused_whole(written, path, x):
    refused(Made(), changed(written, path, x), "cannot resume from it: .*")


@pytest.mark.parametrize(
    "text", ["", "[", "3", "[1]", '{"items": 3}', '{"items": [[[], 1]]}', '{"array": "x"}', "[" * 9000 + "]" * 9000]
)
def test_hostile_json_is_refused(tmp_path, text):
    file = files.write(tmp_path / "run.npz", {"json": np.frombuffer(text.encode(), np.uint8)})
    refused(Made(), file, "not a checkpoint")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NESTED = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.integers() | st.text(), x, max_size=3), max_leaves=9
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=3), NESTED, max_size=3))
def test_whatever_is_written_is_read(state):
    packed = checkpoint._packed(state, "", {})
    assert checkpoint._unpacked(json.loads(json.dumps(packed)), {}) == state
