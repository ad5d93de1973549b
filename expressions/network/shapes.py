"""The table of the networks; Keras, JAX and the check of `train.network` read it.

It needs neither of the two, and nothing beyond Python.
"""

from typing import NamedTuple


class Shape(NamedTuple):
    """A residual network: a stem that halves the picture, basic blocks, the mean of their features.

    The blocks are those of He et al. 2016 (arXiv:1512.03385).
    """

    stem: tuple[int, ...]
    """Widths. One: a 5×5 convolution of stride 2. Several: 3×3 ones, then maximum pooling."""
    blocks: tuple[tuple[int, int], ...]
    """Width and stride of each; behind a stem of several, maximum pooling does what strides do."""
    squeeze: bool = False
    """Squeeze and excitation behind every block (Hu et al. 2018, arXiv:1709.01507)."""
    skipped: float = 0
    """How often the last block is left out for a picture in training, the others linearly less
    (stochastic depth, Huang et al. 2016, arXiv:1603.09382)."""

    @property
    def pooled(self) -> bool:
        """Whether maxima halve the picture, in place of strides."""
        return len(self.stem) > 1

    def squeezed_width(self, block_width: int) -> int:
        """How many features are left of a block's between squeeze and excitation."""
        return max(_NARROWEST_SQUEEZE, block_width // 8)


_NARROWEST_SQUEEZE = 8

SHAPES: dict[str, Shape] = {
    # 0.7 M parameters, about 1,100 pictures/s in training on 2 cores with AMX: the blocks work at
    # 12×12 and 6×6, where that processor's convolutions are fastest.
    "thin_residual": Shape((32,), ((64, 2), (64, 1), (128, 2), (128, 1))),
    # 0.46 M parameters: below 0.5 MiB as int8. Learns best from a wider network (`train.teacher`).
    "small_residual": Shape((16, 24), ((32, 1), (64, 2), (64, 1), (96, 2), (96, 1))),
    # 1.2 M parameters, about 550 pictures/s. A block at 24×24, where small wrinkles show.
    "wide_residual": Shape((48,), ((48, 1), (96, 2), (96, 1), (160, 2), (160, 1))),
    # 1.2 M parameters, twice the work of `wide_residual`: looks at every pixel before it halves the
    # picture. A GPU trains it in minutes (accelerator/README.md).
    "deep_residual": Shape((32, 64), ((64, 1), (64, 1), (96, 2), (96, 1), (144, 2), (144, 1))),
    # 2.8 M parameters, three times the work of `wide_residual`: a teacher, without a GPU as well.
    "big_residual": Shape((32, 64), ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1))),
    # 2.8 M parameters: the teacher of `deep_residual` on a GPU, where it takes four minutes.
    "big_squeeze": Shape(
        (32, 64), ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1)), True, 0.1
    ),
}

ORIGINAL = "original"
"""The one network that is no residual one; `architectures.original` describes it."""

NETWORKS = (ORIGINAL, *SHAPES)
"""What `train.network` may name."""
