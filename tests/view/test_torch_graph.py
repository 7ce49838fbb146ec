"""The graph of a PyTorch loss, drawn: operations, shapes, values, gradients, names of parameters and modules."""

import pytest

from autograd import draw
from autograd.view.torch_graph import torch_graph

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.slow


class Residual(torch.nn.Module):
    """A linear layer beside a shortcut."""

    def __init__(self, width):
        super().__init__()
        self.inner = torch.nn.Linear(width, width)

    def forward(self, x):
        return x + torch.tanh(self.inner(x))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.ReLU(), Residual(5), torch.nn.Linear(5, 3))


def loss_of(model):
    return F.cross_entropy(model(torch.ones(8, 4)), torch.zeros(8, dtype=torch.long))


def test_operations_and_parameters_are_boxes_with_names_shapes_and_modules(model):
    graph = torch_graph(loss_of(model))
    operations = [(box.operation, box.shape, box.module) for box in graph.boxes if box.kind == "operation"]
    assert operations == [
        ("linear", "(8, 5)", "0"),
        ("relu", "(8, 5)", ""),
        ("linear", "(8, 5)", "2.inner"),
        ("tanh", "(8, 5)", ""),
        ("+", "(8, 5)", ""),
        ("linear", "(8, 3)", "3"),
        ("log_softmax", "(8, 3)", ""),
        ("nll_loss", "", ""),
    ]
    leaves = {box.label: box for box in graph.boxes if box.kind == "leaf"}
    assert set(leaves) == {name for name, _ in model.named_parameters()}
    assert leaves["2.inner.weight"].module == "2.inner"
    assert leaves["0.weight"].shape == "(5, 4)"
    (inputs,) = [box for box in graph.boxes if box.kind == "constant"]
    assert (inputs.shape, inputs.value.least, inputs.value.greatest) == ("(8, 4)", 1.0, 1.0)


def test_arrows_are_what_pytorch_records(model):
    graph = torch_graph(loss_of(model))
    names = {box.name: box.label or box.operation for box in graph.boxes}
    arrows = [(names[arrow.source], names[arrow.target]) for arrow in graph.arrows]
    assert ("0.weight", "linear") in arrows
    assert sorted(target for source, target in arrows if source == "relu") == ["+", "linear"]
    assert graph.output.operation == "nll_loss"


def test_values_are_those_that_pytorch_keeps_until_the_backward_pass(model):
    loss = loss_of(model)
    before = {box.operation: box.value for box in torch_graph(loss).boxes}
    assert before["nll_loss"] == pytest.approx(loss.item())
    assert before["relu"].least == 0.0
    loss.backward()
    after = torch_graph(loss)
    assert {box.value for box in after.boxes if box.operation in ("relu", "tanh")} == {"not kept"}
    weight = next(box for box in after.boxes if box.label == "3.weight")
    assert weight.gradient.norm == pytest.approx(float(model[3].weight.grad.norm()))


def test_a_result_that_the_program_holds_has_its_value_and_its_retained_gradient(model):
    hidden = model[0](torch.ones(8, 4))
    hidden.retain_grad()
    hidden.square().sum().backward(retain_graph=True)
    box = next(box for box in torch_graph(hidden.square().sum()).boxes if box.operation == "linear")
    assert box.value.norm == pytest.approx(float(hidden.detach().norm()))
    assert box.gradient.norm == pytest.approx(float(hidden.grad.norm()))


def test_the_picture_is_drawn_folded_and_in_either_theme(model):
    loss = loss_of(model)
    assert repr(draw(loss)) == "<Picture of 15 boxes and 15 arrows>"
    assert "2.inner.weight" in draw(loss, theme="dark").source
    folded = draw(loss, depth=1)
    assert len(folded.graph.boxes) < 15
    assert "<svg" in folded.svg()


def test_a_large_network_folds_by_itself():
    model = torch.nn.Sequential(*(torch.nn.Linear(4, 4) for _ in range(100)))
    picture = draw(model(torch.ones(2, 4)).sum())
    assert len(picture.graph.boxes) <= 150
    assert any(box.kind == "folded" for box in picture.graph.boxes)


def test_what_has_no_graph_or_cannot_be_shown_is_an_error(model):
    with pytest.raises(TypeError, match=r"has no grad_fn; was it computed under no_grad"):
        draw(torch.ones(3))
    with pytest.raises(ValueError, match="check and contributions need local derivatives"):
        draw(loss_of(model), check=True)


@pytest.mark.parametrize(
    "module",
    [
        torch.nn.LSTM(4, 4, batch_first=True),
        torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True),
        torch.nn.Sequential(torch.nn.Conv1d(5, 3, 2), torch.nn.BatchNorm1d(3), torch.nn.MaxPool1d(2)),
        torch.nn.Embedding(10, 4),
    ],
    ids=lambda module: type(module).__name__,
)
def test_any_module_is_drawn(module):
    inputs = torch.randint(0, 10, (2, 5)) if isinstance(module, torch.nn.Embedding) else torch.randn(2, 5, 4)
    outputs = module(inputs)
    loss = (outputs[0] if isinstance(outputs, tuple) else outputs).square().mean(dim=-1).sum()
    for _ in range(2):
        assert "<svg" in draw(loss).svg()
        loss.backward(retain_graph=True)
    assert all("1844674" not in f"{box.settings}" for box in torch_graph(loss).boxes)
