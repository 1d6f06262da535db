"""The plate OCR, fast-plate-ocr's cct_xs_v2 (MIT), rebuilt in torch from the initialisers of its ONNX file.

A small convolutional stem makes 65 patches of a plate, three transformer blocks mix them, ten learned queries (one a
character slot) gather from them, three more blocks mix the slots, and a dense layer names the character of each. Tanh
with learned scales stands where other transformers have layer norms. `write_back` puts trained values into the graph
they came from, so that names, shapes and opset stay as fast-plate-ocr's loader expects them.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

_PREFIX = "CCT_OCR_1/"
_VALUE = "/ReadVariableOp:0"
_PATCHES = _PREFIX + "patch_extractor_1/convolution__410:0"  # a fixed one-hot convolution: cuts, learns nothing
_WIDTH, _HEADS, _PATCH_COUNT = 96, 2, 65

Initialisers = Mapping[str, NDArray[np.float32]]


def _numbered(base: str, number: int) -> str:
    """Keras' name of the `number`-th layer of a kind: dense_1, dense_1_1, dense_2_1 ..."""
    return f"{base}_{number}_1" if number else f"{base}_1"


class _Layer(nn.Module):
    """Parameters taken from initialisers; `initialiser_names` says from which, to write them back."""

    def __init__(self, initialisers: Initialisers, **names: str) -> None:
        super().__init__()
        self.initialiser_names = {attribute: _PREFIX + name for attribute, name in names.items()}
        for attribute, name in self.initialiser_names.items():
            self.register_parameter(attribute, nn.Parameter(torch.from_numpy(initialisers[name].copy())))


class _Dense(_Layer):
    """y = x W + b."""

    def __init__(self, initialisers: Initialisers, name: str, bias: str = "/BiasAdd") -> None:
        super().__init__(initialisers, weight=f"{name}/Cast{_VALUE}", bias=f"{name}{bias}{_VALUE}")

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight.t(), self.bias)


class _DynamicTanh(_Layer):
    """y = tanh(a x) scale + shift: a norm without statistics."""

    def __init__(self, initialisers: Initialisers, name: str) -> None:
        names = {"slope": "Mul", "scale": "mul_1", "shift": "add"}
        super().__init__(initialisers, **{own: f"{name}/{theirs}{_VALUE}" for own, theirs in names.items()})

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x * self.slope) * self.scale + self.shift


class _Attention(_Layer):
    """Attention with two heads of 48."""

    def __init__(self, initialisers: Initialisers, name: str) -> None:
        names = {}
        for part in ("query", "key", "value"):
            names[part] = f"{name}/{part}_1/Reshape:0"
            names[f"{part}_bias"] = f"{name}/{part}_1/Add{_VALUE}"
        names["output"] = f"{name}/attention_output_1/Reshape_1:0"
        names["output_bias"] = f"{name}/attention_output_1/BiasAdd{_VALUE}"
        super().__init__(initialisers, **names)

    def forward(self, asking: Tensor, asked: Tensor) -> Tensor:
        query = self._heads(asking, self.query, self.query_bias)
        key = self._heads(asked, self.key, self.key_bias)
        value = self._heads(asked, self.value, self.value_bias)
        found = functional.scaled_dot_product_attention(query, key, value)
        return functional.linear(found.transpose(1, 2).flatten(2), self.output.t(), self.output_bias)

    @staticmethod
    def _heads(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return functional.linear(x, weight.t(), bias.flatten()).unflatten(-1, (_HEADS, -1)).transpose(1, 2)


class _Perceptron(nn.Module):
    """Two dense layers, SiLU after each."""

    def __init__(self, initialisers: Initialisers, name: str, first: int) -> None:
        super().__init__()
        self.inner = _Dense(initialisers, f"{name}/dense_{first}_1")
        self.outer = _Dense(initialisers, f"{name}/dense_{first + 1}_1")

    def forward(self, x: Tensor) -> Tensor:
        return functional.silu(self.outer(functional.silu(self.inner(x))))


class _Block(nn.Module):
    """A transformer block; `attention` and `perceptron` are the layers' running numbers in the graph."""

    def __init__(
        self, initialisers: Initialisers, name: str, tanhs: tuple[str, str], attention: int, perceptron: int
    ) -> None:
        super().__init__()
        self.before, self.between = (_DynamicTanh(initialisers, f"{name}/{tanh}") for tanh in tanhs)
        self.attention = _Attention(initialisers, f"{name}/{_numbered('multi_head_attention', attention)}")
        self.perceptron = _Perceptron(initialisers, f"{name}/{_numbered('mlp', perceptron)}", 2 * perceptron + 1)

    def forward(self, x: Tensor) -> Tensor:
        calm = self.before(x)
        x = x + self.attention(calm, calm)
        return x + self.perceptron(self.between(x))


class _Convolution(_Layer):
    def __init__(self, initialisers: Initialisers, name: str) -> None:
        name = f"conv_stem_1/{name}"
        super().__init__(initialisers, weight=f"{name}/convolution{_VALUE}", bias=f"{name}/Squeeze:0")

    def forward(self, x: Tensor) -> Tensor:
        return functional.silu(functional.conv2d(x, self.weight, self.bias))


class _Stem(_Layer):
    """Five convolutions and two blurred poolings, then patches of 2 x 2 as 96 values each."""

    def __init__(self, initialisers: Initialisers) -> None:
        super().__init__(
            initialisers,
            patch=f"mlp_1/dense_1/Cast{_VALUE}",
            patch_bias=f"mlp_1/dense_1/BiasAdd{_VALUE}",
            position="pos_emb_1/Slice:0",
        )
        names = ("conv2d_1", "conv2d_1_2", "conv2d_2_1", "conv2d_3_1", "conv2d_4_1")
        self.convolutions = nn.ModuleList(_Convolution(initialisers, name) for name in names)
        one_hot = initialisers[_PATCHES].reshape(4 * _WIDTH, -1).argmax(1)
        self.register_buffer("order", torch.from_numpy(one_hot.argsort()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        first, second, third, fourth, fifth = self.convolutions
        x = _pooled(first(x), (0, 1, 0, 1))
        x = _pooled(third(second(x)), (1, 1, 1, 1))
        x = fifth(fourth(x))
        kernel = self.patch[self.order].t().reshape(_WIDTH, _WIDTH, 2, 2)  # cutting and the dense layer in one
        x = functional.conv2d(x, kernel, self.patch_bias, stride=2)
        return functional.silu(x.permute(0, 2, 3, 1).reshape(len(x), _PATCH_COUNT, _WIDTH)) + self.position


def _pooled(x: Tensor, padding: tuple[int, int, int, int]) -> Tensor:
    """Max pooling, then a fixed 1-2-1 blur at stride 2, as two means: much cheaper to differentiate on a CPU."""
    x = functional.max_pool2d(functional.pad(x, (0, 1, 0, 1), value=-1e4), 2, 1)
    return functional.avg_pool2d(functional.avg_pool2d(functional.pad(x, padding), 2, 1), 2, 2)


class _Gathering(_Layer):
    """Ten learned queries, one a character slot, gather what they need of the patches."""

    def __init__(self, initialisers: Initialisers) -> None:
        super().__init__(initialisers, queries=f"token_reducer_1/Tile{_VALUE}")
        self.attention = _Attention(initialisers, "token_reducer_1/multi_head_attention_3_1")
        self.tanh = _DynamicTanh(initialisers, "token_reducer_1/dy_t_6_1")

    def forward(self, x: Tensor) -> Tensor:
        queries = self.queries.expand(len(x), -1, -1)
        return self.tanh(self.attention(queries, x) + queries)


class _Region(nn.Module):
    """Which country issued the plate: one more block, a learned mean over the slots, a dense layer."""

    def __init__(self, initialisers: Initialisers) -> None:
        super().__init__()
        name = "region_pre_pool_transformer_block_1_1"
        self.block = _Block(initialisers, name, ("dy_t_13_1", "dy_t_14_1"), 7, 6)
        self.weigh = _Dense(initialisers, "region_seq_pool_1/dense_15_1", "/Add")
        self.name = _Dense(initialisers, "region_1")

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(x)
        return self.name((torch.softmax(self.weigh(x), 1).transpose(1, 2) @ x).squeeze(1))


class PlateOcrNetwork(nn.Module):
    """N x 64 x 128 x 3 RGB 0..255 (any type) -> logits of the plate, N x 10 x 37, and of the region, N x 66."""

    def __init__(self, path: Path) -> None:
        """Take the values of the ONNX file at `path`; KeyError when it is no cct_xs_v2."""
        super().__init__()
        initialisers = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer}
        self.stem = _Stem(initialisers)
        tanhs = (("dy_t_1", "dy_t_1_2"), ("dy_t_2_1", "dy_t_3_1"), ("dy_t_4_1", "dy_t_5_1"))
        self.patches = nn.Sequential(
            *(_Block(initialisers, f"transformer_block_{at + 1}_1", tanhs[at], at, at) for at in range(3))
        )
        self.gathering = _Gathering(initialisers)
        self.slots = nn.Sequential(
            *(
                _Block(
                    initialisers,
                    f"post_reduce_transformer_block_{at + 1}_1",
                    (f"dy_t_{7 + 2 * at}_1", f"dy_t_{8 + 2 * at}_1"),
                    4 + at,
                    3 + at,
                )
                for at in range(3)
            )
        )
        self.plate = _Dense(initialisers, "plate_1/dense_16_1")
        self.region = _Region(initialisers)

    def forward(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of plate and region."""
        x = views.permute(0, 3, 1, 2).float() * 0.003921568859368563  # NHWC in memory is torch's channels_last
        slots = self.slots(self.gathering(self.patches(self.stem(x))))
        return self.plate(slots), self.region(slots)


def write_back(network: PlateOcrNetwork, graph: Path, target: Path) -> None:
    """Write the ONNX file `graph` with the values of `network` to `target`; everything else stays as it is."""
    values = {
        name: getattr(layer, attribute).detach().float().cpu().numpy()
        for layer in network.modules()
        if isinstance(layer, _Layer)
        for attribute, name in layer.initialiser_names.items()
    }
    model = onnx.load(str(graph))
    for initialiser in model.graph.initializer:
        if initialiser.name in values:
            value = np.ascontiguousarray(values[initialiser.name].reshape(list(initialiser.dims)))
            initialiser.CopyFrom(numpy_helper.from_array(value, initialiser.name))
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
