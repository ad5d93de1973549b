"""Temperature scaling: probabilities that say how often they are right.

Guo et al. 2017, "On calibration of modern neural networks" (arXiv:1706.04599): the logits are
divided by one number, the temperature, which is fitted on the validation split. No class of one
view changes places with another.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from expressions.network.folding import half_precision

# Beyond these a model is no longer one that temperature could mend.
_LOWEST, _HIGHEST = 0.2, 5.0
_DECIMALS = 4
_LEAST_PROBABILITY = 1e-7


def fit_temperature(views: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log likelihood, between 0.2 and 5, four decimals.

    Args:
        views: `[views, n, classes]`, probabilities of a model that was not calibrated, for each
            view of a picture (as it is, mirrored) over which calibrated ones are averaged in use.
        labels: `[n]`, the true classes.
    """
    logits = np.log(np.maximum(views, _LEAST_PROBABILITY))
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=2)
        return -float(logsumexp(scaled[:, rows, labels], axis=0).mean())

    bounds = (np.log(_LOWEST), np.log(_HIGHEST))
    best = minimize_scalar(loss, bounds=bounds, method="bounded")
    return round(float(np.exp(best.x)), _DECIMALS)


def calibrate(model: Any, temperature: float) -> None:
    """Divide the logits of a `keras.Model` of `networks` by `temperature`, within its weights."""
    head = model.layers[-1]
    head.set_weights([half_precision(value / temperature) for value in head.get_weights()])
