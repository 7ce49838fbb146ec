"""The recipe of the page on JAX: on one device, on eight, and in two processes, with the gradients of eager code."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

pytest.importorskip("jax", minversion="0.8")

PAGE = Path(autograd.__file__).parent / "docs" / "jax.md"
CELLS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
SET_UP, SCALAR, CONVOLUTIONAL, WHOLE = CELLS

SCALAR_CHECK = """
other = nn.MLP(2, [16, 16, 1], generator=np.random.default_rng(1))
rows = np.column_stack([points, sides]).tolist()
for _ in range(5):
    for p in other.parameters():
        p.grad = 0.0
    mean = sum((other([x1, x2]) - y) ** 2 for x1, x2, y in rows) / len(rows)
    mean.backward()
    for p in other.parameters():
        p.data = p.data - 0.1 * p.grad
np.testing.assert_allclose(float(value), mean.data, rtol=1e-10)
np.testing.assert_allclose([p.data for p in mlp.parameters()], [p.data for p in other.parameters()], rtol=1e-10)
of_leaf = dict(zip(map(id, program.sources), np.asarray(gradient).tolist()))
expected = [p.grad for p in other.parameters()]
np.testing.assert_allclose([of_leaf[id(p)] for p in mlp.parameters()], expected, rtol=1e-10, atol=1e-12)
"""
CONVOLUTIONAL_CHECK = """
mean = nn.cross_entropy(cnn(images), labels)
mean.backward()
np.testing.assert_allclose(float(value), mean.data, rtol=1e-10)
for leaf, found in zip(program.sources, gradients, strict=True):
    np.testing.assert_allclose(np.asarray(found), leaf.grad, rtol=1e-10, atol=1e-12)
"""
WHOLE_CHECK = """
found = [w.grad for w in cnn.parameters()]
cnn.zero_grad()
mean = nn.cross_entropy(cnn(images), labels)
mean.backward()
np.testing.assert_allclose(float(value), mean.data, rtol=1e-10)
for ours, w in zip(found, cnn.parameters(), strict=True):
    np.testing.assert_allclose(ours, w.grad, rtol=1e-10, atol=1e-12)
"""
SCRIPTS = {
    "single numbers": "\n".join([SET_UP, SCALAR, SCALAR_CHECK]),
    "convolutions": "\n".join([SET_UP, CONVOLUTIONAL, CONVOLUTIONAL_CHECK]),
    "a whole batch": "\n".join([SET_UP, CONVOLUTIONAL, WHOLE, WHOLE_CHECK]),
}


LONGEST = 120
"""Seconds after which a script has failed."""


def environment(devices):
    """The variables of a process in which JAX has so many devices, of this processor."""
    flags = f"--xla_force_host_platform_device_count={devices}"
    return {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(PAGE.parents[2])}


def run(script, devices):
    """Runs a script where JAX has so many devices."""
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, env=environment(devices), capture_output=True, text=True, timeout=LONGEST, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("devices", [1, 8])
@pytest.mark.parametrize("network", SCRIPTS)
def test_the_recipe_gives_the_gradients_of_eager_code_on_any_number_of_devices(network, devices):
    script = f"{SCRIPTS[network]}\nassert len(value.devices()) == {devices}"
    done = run(script, devices)
    assert done.returncode == 0, done.stderr


def processes(scripts):
    """What scripts say that run at once, one in each process of one device; all have ended, in whatever way."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = []
    try:
        for place, script in enumerate(scripts):
            first = f"""import jax
jax.distributed.initialize("127.0.0.1:{port}", {len(scripts)}, {place}, initialization_timeout=60,
                           heartbeat_timeout_seconds=10)
"""
            command = [sys.executable, "-c", first + script]
            running.append(subprocess.Popen(command, env=environment(1), stderr=subprocess.PIPE, text=True))
        return [(process.communicate(timeout=LONGEST)[1], process.returncode) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("network", SCRIPTS)
def test_the_recipe_gives_the_gradients_of_eager_code_in_two_processes(network):
    script = f"{SCRIPTS[network]}\nassert len(value.devices()) == jax.process_count() == 2"
    for errors, code in processes([script, script]):
        assert code == 0, errors


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1])
def test_when_a_process_dies_the_other_one_ends_with_an_error(place):
    endless = SCALAR.replace("range(5)", "__import__('itertools').count()")
    dying = SCALAR.replace("range(5)", "range(2)") + "import os; os._exit(9)"
    scripts = [SET_UP + (dying if i == place else endless) for i in range(2)]
    done = processes(scripts)
    assert done[place][1] == 9
    errors, code = done[1 - place]
    assert code not in (0, 9)
    assert re.search("Gloo|heartbeat|coordination service", errors)
