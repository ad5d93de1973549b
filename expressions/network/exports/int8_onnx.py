"""ONNX with int8 inside: a third of the time, where a processor has instructions for it.

The ranges of its activations are learnt from the examples that TFLite's are learnt from. Weights
use seven of their eight bits: processors without VNNI add two products in sixteen bits, where two
of eight do not fit.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from expressions.network.exports.conversion import INPUT
from expressions.pipeline.outputs import whole_file

# All that stands between convolutions, so that numbers stay int8 from one to the next.
_QUANTIZED = ["Conv", "Relu", "Add", "MaxPool", "GlobalAveragePool", "MatMul", "Gemm"]
_BATCH = 32


def to_int8_onnx(plain: Path, path: Path, examples: NDArray[np.float32]) -> None:
    """Write the network of an ONNX file with int8 weights and activations, float32 in and out.

    Args:
        plain: the file, as `conversion.to_onnx` writes it.
        path: where to write.
        examples: `[n, 48, 48, 1]`, grey 0 to 255.
    """
    with TemporaryDirectory() as folder:
        folded, quantized = Path(folder) / "folded.onnx", Path(folder) / "quantized.onnx"
        quant_pre_process(plain, folded, skip_symbolic_shape=True)
        quantize_static(
            folded,
            quantized,
            _Batches(examples),
            op_types_to_quantize=_QUANTIZED,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_first_layers(folded),
        )
        network = onnx.load(quantized)
    _name_used_operators(network)
    onnx.checker.check_model(network, full_check=True)
    with whole_file(path) as partial:
        partial.write_bytes(network.SerializeToString(deterministic=True))


def _first_layers(path: Path) -> list[str]:
    """The names of the nodes up to the first convolution; why, `int8` says."""
    nodes = onnx.load(path).graph.node
    first = [node.op_type for node in nodes].index("Conv")
    return [node.name for node in nodes[: first + 1]]


def _name_used_operators(network: onnx.ModelProto) -> None:
    """Leave out the sets of operators that the runtime names whether or not they are used."""
    used = {node.domain for node in network.graph.node}
    kept = [domain for domain in network.opset_import if domain.domain in used]
    del network.opset_import[:]
    network.opset_import.extend(kept)


class _Batches:
    """Examples as `quantize_static` asks for them."""

    def __init__(self, examples: NDArray[np.float32]) -> None:
        starts = range(0, len(examples), _BATCH)
        self._batches = ({INPUT: examples[start : start + _BATCH]} for start in starts)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._batches, None)
