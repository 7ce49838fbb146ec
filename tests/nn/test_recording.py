"""The recorded results of PyTorch are of one version, cover all cases, and are small."""

import json

import pytest

from tests.nn import torch_distributions, torch_layers, torch_losses, torch_optim
from tests.nn.recording import VERSION, file_of


@pytest.mark.parametrize(
    "module", [torch_distributions, torch_layers, torch_losses, torch_optim], ids=lambda module: module.__name__
)
def test_the_file_names_its_versions_holds_all_cases_and_is_small(module):
    file = file_of(module.__name__.rpartition(".")[2])
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["header"]["torch"].partition("+")[0] == VERSION
    assert list(written["cases"]) == list(module.CASES)
    assert file.stat().st_size < 150_000
