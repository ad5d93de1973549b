"""What a face was meant to show, told from what people see in it.

A posed face is labelled by what was asked for, a picture of an image search by the word it was
searched by. FER+'s voters say what they see, and of a faint fear or anger most see nothing. All of
FER-2013's pictures have both labels, so the one can be learnt from the other: by the softmax of a
linear function of a model's logits, as in matrix scaling (Guo et al. 2017, arXiv:1706.04599), in
which every emotion that was meant counts alike.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# An export in int8 gives some emotions no share at all.
_LEAST_PROBABILITY = 1e-6


class Intention(NamedTuple):
    """How answers of a model become those of what was meant."""

    classes: tuple[str, ...]
    """Those that something was meant to be; some or all of the model's."""
    weights: NDArray[np.float64]
    """`[len(classes), all classes of the model]`, of its `logits`."""
    bias: NDArray[np.float64]
    """`[len(classes)]`."""

    def of(
        self, probabilities: NDArray[np.floating[Any]], names: tuple[str, ...]
    ) -> NDArray[np.float64]:
        """Return the probability that each emotion was meant, where all were equally often.

        Args:
            probabilities: `[n, len(names)]` as the model gives them; NaN stays.
            names: all classes of the model. What nothing was meant to be gets no share.
        """
        meant = logits(probabilities) @ self.weights.T + self.bias
        shares = np.exp(meant - meant.max(axis=1, keepdims=True))
        found = np.zeros(probabilities.shape, np.float64)
        found[:, [names.index(name) for name in self.classes]] = shares
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def describe(self) -> dict[str, Any]:
        """Return what `model.json` says of it."""
        return {
            "classes": list(self.classes),
            "weights": self.weights.tolist(),
            "bias": self.bias.tolist(),
        }


def logits(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the logarithms of probabilities, `[n, classes]`, around their mean in each row."""
    logarithms = np.log(np.maximum(np.asarray(probabilities, np.float64), _LEAST_PROBABILITY))
    return np.asarray(logarithms - logarithms.mean(axis=1, keepdims=True))
