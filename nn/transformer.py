"""The layer of which transformers are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd import Tensor
from nn import functional
from nn.attention import MultiheadAttention
from nn.checks import check_generator, explaining_keywords
from nn.conversion import TensorLike
from nn.layers import Dropout, Linear
from nn.module import Module
from nn.norm import LayerNorm

ACTIVATIONS: dict[str, Callable[..., Any]] = {"relu": functional.relu, "gelu": functional.gelu}


class TransformerEncoderLayer(Module):
    """Attention of a sequence to itself, then two linear layers, each with a skip connection and a normalisation.

    A. Vaswani et al., NeurIPS 2017. The names, shapes and initial values of the weights are PyTorch's.

    Args:
        d_model: length of the vectors.
        nhead: number of heads of the attention.
        dim_feedforward: number of hidden units between the linear layers.
        dropout: probability that an entry is dropped in training: attention weights, hidden units, both outputs.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: added to the variances of the normalisations.
        batch_first: whether inputs are (batch, length, d_model) rather than (length, batch, d_model).
        norm_first: whether to normalise before the attention and the linear layers: R. Xiong et al., ICML 2020.
        bias: whether the linear layers and normalisations have biases.
        generator: for the initial weights and the dropout; by default that of `autograd.manual_seed`.

    Raises:
        ValueError: the activation is unknown, `d_model` is no multiple of `nhead`, or an input has the wrong shape.

    Example:
        >>> layer = TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
        >>> layer(np.ones((4, 3, 8)), is_causal=True).shape
        (4, 3, 8)
    """

    @explaining_keywords
    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not callable(activation) and activation not in ACTIVATIONS:
            raise ValueError(f'activation: expected "relu", "gelu" or a function, got {activation!r}')
        self.activation = activation if callable(activation) else ACTIVATIONS[activation]
        self.norm_first = norm_first
        generator = check_generator(generator)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, generator=generator)
        self.linear1 = Linear(d_model, dim_feedforward, bias, generator=generator)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, generator=generator)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1 = Dropout(dropout, generator=generator)
        self.dropout2 = Dropout(dropout, generator=generator)

    def forward(
        self,
        src: TensorLike,
        src_mask: ArrayLike | None = None,
        src_key_padding_mask: ArrayLike | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The sequence after the layer; the masks are those of `MultiheadAttention`."""
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        x: Any
        if self.norm_first:
            x = src + self._attended(self.norm1(src), masks)
            return x + self._fed_forward(self.norm2(x))
        x = self.norm1(src + self._attended(src, masks))
        return self.norm2(x + self._fed_forward(x))

    def _attended(self, x: TensorLike, masks: dict[str, Any]) -> Tensor:
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

    def _fed_forward(self, x: TensorLike) -> Tensor:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))
