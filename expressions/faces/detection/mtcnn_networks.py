"""MTCNN's three networks (Zhang et al. 2016, arXiv:1604.02878) in ONNX Runtime.

The weights are those of the package `mtcnn`; its code, which needs TensorFlow, is never imported.
Each network runs with one thread, so that an output has the same bits whatever stands beside it in
the batch; the outputs agree with the package's own networks to 1e-5.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import joblib
import lz4.frame
import numpy as np
import onnx
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from expressions.errors import InputError

Floats = NDArray[np.float32]

PROPOSAL_CELL = 12
REFINEMENT_SIDE = 24
OUTPUT_SIDE = 48
"""Side in pixels of what one output of P-Net, R-Net and O-Net looks at."""

# Of P-Net's input; and rows of its output, fewer of which are not worth what strips have in common.
_PIXELS_IN_STRIP, _LEAST_ROWS = 60_000, 16

TILE = 12
"""Outputs of P-Net in a row and in a column of a tile; smaller ones overlap by too much."""
_TILES_AT_ONCE = 25

_OPSET = 17
_IR_VERSION = 9


class Candidates(NamedTuple):
    """What R- or O-Net says of `n` boxes."""

    scores: Floats
    """`[n]`, 0 to 1: how sure it is that the box holds a face."""
    offsets: Floats
    """`[n, 4]`: x1, y1, x2, y2 to add, in sides of the box."""
    landmarks: Floats
    """`[n, 10]`: five x, then five y, in sides of the box; `[n, 0]` from R-Net."""


class Networks:
    """P-, R- and O-Net, ready to run."""

    def __init__(self) -> None:
        self._proposal = _session(_proposal_network())
        self._refinement = _session(_box_network("rnet", REFINEMENT_SIDE))
        self._output = _session(_box_network("onet", OUTPUT_SIDE))

    def propose(self, pictures: Floats) -> tuple[Floats, Floats]:
        """Run P-Net at every second pixel of `pictures`, `[n, 3, height, width]`.

        Return the scores, `[n, rows, columns]`, and the boxes' offsets, `[n, 4, rows, columns]`.
        """
        found = [self._proposal.run(None, {"pictures": strip}) for strip in _strips(pictures)]
        offsets, scores = (np.concatenate(parts, axis=2) for parts in zip(*found, strict=True))
        return scores[:, 0], offsets

    def propose_in_tiles(self, pictures: Floats, tiles: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """As `propose`, but only in the tiles that are wanted; elsewhere all is 0.

        So it is at a right or lower edge for windows that lie half a step beyond it.

        Args:
            pictures: `[n, 3, height, width]`.
            tiles: of `TILE` by `TILE` outputs, as many as `tiles_of` says, `[n, rows, columns]`.
        """
        count, tile_rows, tile_columns = tiles.shape
        rows, columns = (max(0, (side - PROPOSAL_CELL) // 2 + 1) for side in pictures.shape[2:])
        scores = np.zeros((count, tile_rows, TILE, tile_columns, TILE), np.float32)
        offsets = np.zeros((count, 4, tile_rows, TILE, tile_columns, TILE), np.float32)
        by_tile = scores.transpose(0, 1, 3, 2, 4), offsets.transpose(0, 2, 4, 1, 3, 5)
        windows, wanted = _tiles(pictures, tiles.shape[1:]), np.argwhere(tiles)  # [k, 3]
        for start in range(0, len(wanted), _TILES_AT_ONCE):
            places = tuple(wanted[start : start + _TILES_AT_ONCE].T)
            its_offsets, its_scores = self._proposal.run(None, {"pictures": windows[places]})
            by_tile[0][places], by_tile[1][places] = its_scores[:, 0], its_offsets
        return (
            scores.reshape(count, tile_rows * TILE, -1)[:, :rows, :columns],
            offsets.reshape(count, 4, tile_rows * TILE, -1)[:, :, :rows, :columns],
        )

    def refine(self, pictures: Floats, boxes: Floats, indices: NDArray[np.int32]) -> Candidates:
        """Run R-Net on `boxes`, `[k, 4]`, of the pictures with `indices`, `[k]`.

        `boxes` are y1, x1, y2, x2 in shares of the picture's height and width.
        """
        offsets, probabilities = self._refinement.run(
            None, {"pictures": pictures, "boxes": boxes, "indices": indices}
        )
        return Candidates(probabilities[:, 1], offsets, np.empty((len(boxes), 0), np.float32))

    def output(self, pictures: Floats, boxes: Floats, indices: NDArray[np.int32]) -> Candidates:
        """Run O-Net, as `refine` does, and with landmarks."""
        offsets, landmarks, probabilities = self._output.run(
            None, {"pictures": pictures, "boxes": boxes, "indices": indices}
        )
        return Candidates(probabilities[:, 1], offsets, landmarks)


@cache
def networks() -> Networks:
    """Return the networks of this process; threads may share them."""
    return Networks()


@cache
def weights_digest() -> str:
    """Return the hash of the three weight files."""
    digest = hashlib.sha256()
    for name in ("pnet", "rnet", "onet"):
        digest.update(_weights_path(name).read_bytes())
    return digest.hexdigest()


def _strips(pictures: Floats) -> Iterator[Floats]:
    """Pictures in strips that overlap, so that P-Net's outputs of all are those of the whole.

    What P-Net keeps of a strip between its layers fits into a processor's cache, and into memory
    that it has already.
    """
    count, _, height, width = pictures.shape
    # A convolution takes two rows, the pooling half of what is left, two convolutions four.
    rows = -(-(height - 2) // 2) - 4
    overlap = PROPOSAL_CELL - 2
    step = max(_LEAST_ROWS, (_PIXELS_IN_STRIP // (count * width) - overlap) // 2)
    for start in range(0, rows, step):
        end = height if start + step >= rows else 2 * (start + step) + overlap
        yield pictures[:, :, 2 * start : end]


def tiles_of(height: int, width: int) -> tuple[int, int]:
    """Return how many rows and columns of tiles a picture has."""
    rows, columns = (-(-max(0, side - PROPOSAL_CELL + 2) // (2 * TILE)) for side in (height, width))
    return rows, columns


def _tiles(pictures: Floats, count: tuple[int, ...]) -> Floats:
    """What P-Net sees of each tile: `[n, *count, 3, side, side]`, a view."""
    step, overlap = 2 * TILE, PROPOSAL_CELL - 2
    missing = [
        (0, max(0, its * step + overlap - side))
        for its, side in zip(count, pictures.shape[2:], strict=True)
    ]
    padded = np.pad(pictures, [(0, 0), (0, 0), *missing])
    windows = sliding_window_view(padded, [step + overlap] * 2, axis=(2, 3))
    return windows[:, :, : count[0] * step : step, : count[1] * step : step].transpose(
        0, 2, 3, 1, 4, 5
    )


def _weights_path(name: str) -> Path:
    # Found, not imported: importing the package would import TensorFlow.
    package = importlib.util.find_spec("mtcnn")
    if package is None or package.origin is None:
        raise InputError("The package mtcnn, which brings the detector's weights, is missing.")
    return Path(package.origin).parent / "assets" / "weights" / f"{name}.lz4"


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # More than one thread would share out sums by the size of the batch.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _proposal_network() -> onnx.ModelProto:
    """P-Net, with the first pooling before its parametric ReLU, which then has less to do."""
    weights = iter(_weights("pnet"))
    graph = _Graph()
    x = graph.pooled_convolution(graph.PICTURES, weights)
    x = graph.convolution(graph.convolution(x, weights), weights)
    # Offsets and scores by one convolution: the runtime fills up either to a block of channels.
    kernels, biases = zip(*((next(weights), next(weights)) for _ in range(2)), strict=True)
    x = graph.convolve(x, np.concatenate(kernels, axis=-1), np.concatenate(biases))
    offsets, background, face = graph.split(x, [4, 1, 1])
    # The softmax of two classes, in the same bits from 0.5 on; the runtime's own turns the axes.
    odds = graph.add("Exp", [graph.add("Sub", [background, face])])
    one = graph.constant(np.ones(1, np.float32))
    scores = graph.add("Reciprocal", [graph.add("Add", [odds, one])])
    return graph.model([_pictures()], [offsets, scores])


def _box_network(name: Literal["rnet", "onet"], side: int) -> onnx.ModelProto:
    """R- or O-Net behind the cutting of its boxes out of the pictures, bilinear, at `side`."""
    weights = iter(_weights(name))
    graph = _Graph()
    boxes = [graph.PICTURES, "boxes", "indices", graph.constant(np.array([side] * 2, np.int32))]
    # TensorFlow's `crop_and_resize`: beyond the edge is 0, which is the middle of the grey scale.
    x = graph.add("CropAndResize", boxes, "com.microsoft", extrapolation_value=0.0)
    x = graph.pool(graph.convolution(x, weights), 3, padded=True)
    x = graph.pool(graph.convolution(x, weights), 3, padded=False)
    x = graph.convolution(x, weights)
    if name == "onet":
        x = graph.convolution(graph.pool(x, 2, padded=True), weights)
    # The order of TensorFlow's `Flatten` over a transposed tensor, as trained in Caffe.
    x = graph.add("Flatten", [graph.add("Transpose", [x], perm=[0, 3, 2, 1])], axis=1)
    x = graph.dense(x, next(weights), next(weights))
    x = graph.add("PRelu", [x, graph.constant(next(weights).reshape(1, -1))])
    count = 3 if name == "onet" else 2
    heads = [graph.dense(x, next(weights), next(weights)) for _ in range(count)]
    heads[-1] = graph.add("Softmax", heads[-1:], axis=1)
    inputs = [
        _pictures(),
        helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["boxes", 4]),
        helper.make_tensor_value_info("indices", TensorProto.INT32, ["boxes"]),
    ]
    return graph.model(inputs, heads)


def _pictures() -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(
        _Graph.PICTURES, TensorProto.FLOAT, ["pictures", 3, "height", "width"]
    )


def _weights(name: str) -> list[Floats]:
    # Unpacked here, since joblib's reader of LZ4 complains at its end in Python 3.13.
    content = BytesIO(lz4.frame.decompress(_weights_path(name).read_bytes()))
    return [np.asarray(array, np.float32) for array in joblib.load(content)]


class _Graph:
    """An ONNX graph in the making; each method appends a node and gives its output's name."""

    PICTURES = "pictures"

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[Any]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], domain: str = "", **attributes: Any) -> str:
        name = f"output_{len(self._nodes)}"
        node = helper.make_node(operator, inputs, [name], domain=domain, **attributes)
        self._nodes.append(node)
        return name

    def convolve(self, x: str, kernel: Floats, bias: Floats) -> str:
        """Convolve with a kernel in TensorFlow's order: height, width, in, out."""
        weights = self.constant(kernel.transpose(3, 2, 0, 1))
        return self.add("Conv", [x, weights, self.constant(bias)])

    def convolution(self, x: str, weights: Iterator[Floats]) -> str:
        """Convolve with the next kernel and bias, then a parametric ReLU with the next slopes.

        With the slopes `s` that is `s x + (1 - s) max(x, 0)`. These steps the runtime has for
        channels in blocks, as its convolutions have them. Its own parametric ReLU has none, and
        took 40 % of P- and R-Net's time and 30 % of O-Net's.
        """
        x = self.convolve(x, next(weights), next(weights))
        slopes = next(weights).reshape(-1, 1, 1, 1)
        parts = [self._scaled(x, slopes), self._scaled(self.add("Relu", [x]), 1 - slopes)]
        return self.add("Add", parts)

    def pooled_convolution(self, x: str, weights: Iterator[Floats]) -> str:
        """As `convolution` and `pool` by 2; but the pooling, which leaves less, comes first.

        A parametric ReLU that never falls takes the largest of its inputs to the largest of its
        outputs. One whose slope `s` is negative is the larger one of `x` and `s x`; so for its
        channels `s x` is convolved and pooled, too.
        """
        kernel, bias, slopes = next(weights), next(weights), next(weights).ravel()
        rising, falling = np.flatnonzero(slopes >= 0), np.flatnonzero(slopes < 0)
        order = np.concatenate([rising, falling])
        turned = slopes[falling]
        x = self.convolve(
            x,
            np.concatenate([kernel[..., order], kernel[..., falling] * turned], axis=-1),
            np.concatenate([bias[order], bias[falling] * turned]),
        )
        sizes = [len(rising), len(falling), len(falling)]
        parts = self.split(self.pool(x, 2, padded=True), sizes)
        first = self.add("PRelu", [parts[0], self.constant(slopes[rising].reshape(-1, 1, 1))])
        x = self.add("Concat", [first, self.add("Max", parts[1:])], axis=1)
        return self.add("Gather", [x, self.constant(np.argsort(order))], axis=1)

    def split(self, x: str, sizes: list[int]) -> list[str]:
        """Split into so many channels each."""
        names = [f"{x}_{place}" for place in range(len(sizes))]
        inputs = [x, self.constant(np.array(sizes))]
        self._nodes.append(helper.make_node("Split", inputs, names, axis=1))
        return names

    def _scaled(self, x: str, factors: Floats) -> str:
        """Each channel times its factor, `[channels, 1, 1, 1]`."""
        return self.add("Conv", [x, self.constant(factors)], group=len(factors))

    def pool(self, x: str, size: int, padded: bool) -> str:
        return self.add(
            "MaxPool",
            [x],
            kernel_shape=[size, size],
            strides=[2, 2],
            auto_pad="SAME_UPPER" if padded else "VALID",
        )

    def dense(self, x: str, kernel: Floats, bias: Floats) -> str:
        return self.add("Gemm", [x, self.constant(kernel), self.constant(bias)])

    def model(self, inputs: list[onnx.ValueInfoProto], outputs: list[str]) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes,
            "mtcnn",
            inputs,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
            self._constants,
        )
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=_IR_VERSION)
