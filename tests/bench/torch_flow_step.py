"""What watching PyTorch costs: a step of a CNN as large as ResNet-18, batch 8, with `GradientFlow` and without."""

from __future__ import annotations

from time import perf_counter

from autograd import GradientFlow
from autograd.view.flow import EVERY
from tests.bench.measure import Result

ROUNDS = 6


def results() -> list[Result]:
    import torch

    from tests.bench.torch_resnet import images, resnet18

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = resnet18()
    x, y = images(8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def seconds(flow: GradientFlow | None) -> float:
        start = perf_counter()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        if flow is not None:
            flow.step()
        return perf_counter() - start

    seconds(None)
    alone, recorded = [], []
    for _ in range(ROUNDS):
        alone.append(seconds(None))
        with GradientFlow(model, every=1) as flow:
            recorded.append(seconds(flow))
    ratio = min(recorded) / min(alone)
    usual = (EVERY - 1 + ratio) / EVERY
    detail = f"a recorded step {ratio:.2f} x, {min(alone) * 1e3:.0f} ms without"
    return [Result("step of a PyTorch ResNet-18 with GradientFlow / without", usual, "x", 1.1, detail)]
