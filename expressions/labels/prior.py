"""How often each emotion is expected before a face is seen, and what that does to an answer.

A network's probabilities hold for faces that show the emotions as often as its training did. Where
they are expected in other shares, and each emotion looks as it did, Bayes' rule says what the
probabilities are then (Saerens et al. 2002, doi:10.1162/089976602753284446):

    p'(emotion | face)  ~  p(emotion | face) * expected share / training's share

That holds for what a network learnt, the shares of the votes. Calibration divides its logits by a
temperature, which makes it as sure as most voters are together on FER+'s pictures. Other people's
photographs are read wrongly more often; so under another prior than `training` the temperature is
taken back, and an answer is as sure as one voter would be.

`training` expects what the training had: nothing changes. `even` expects all emotions alike, which
is the logit adjustment of Menon et al. 2021 (arXiv:2007.07314) with their factor 1. `tempered` lies
between both: the training's shares to the power 1 - `tempered_power`, their factor, which is chosen
on held-out pictures. `estimated` expects what the faces at hand say themselves, by expectation
maximisation. `intended` expects all alike, and its answer is what a face was meant to show, which
`labels.intention` tells from what is seen.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from expressions.labels.intention import Intention

Shares = NDArray[np.float64]
"""`[classes]`, which add up to 1."""

FEWEST_FACES = 50
"""Of fewer, no shares are estimated."""

STEPS_OF_POWER = 20
"""`tempered_power` is chosen in so many steps from 0 to 1."""

# As if each emotion had been seen on so many faces more: a few faces say little of what is rare,
# and a model that misreads many takes what it finds for what there is. Chosen between the posed
# faces of JAFFE, which lose an accuracy of 0.02 with 5, and draws of 50 of FER+'s validation
# pictures, which lose as much with 40.
_FACES_BEFORE = 20.0
_CLOSE, _MOST_STEPS = 1e-6, 1000
_ROUNDING = 1e-9
_DECIMALS = 6
# What no picture of a training shows has no share to divide by.
_LEAST_SHARE = 1e-4


class Prior(StrEnum):
    """What is expected."""

    TRAINING = "training"
    TEMPERED = "tempered"
    EVEN = "even"
    ESTIMATED = "estimated"
    INTENDED = "intended"


BESIDE_TRAINING = tuple(prior for prior in Prior if prior is not Prior.TRAINING)
"""Those that change what a model says, and are measured beside it."""

DEFAULT = Prior.ESTIMATED
"""Of models whose training's shares are known; of others it is `TRAINING`."""

FOR_FEW_FACES = Prior.TEMPERED
"""Takes the place of `ESTIMATED` where there are too few faces, or where they come one by one."""


class TrainingShares(NamedTuple):
    """What a model's training showed of each class, and how far `tempered` goes from it."""

    classes: tuple[str, ...]
    shares: Shares
    tempered_power: float
    """From 0 to 1, see `tempered_shares`."""
    temperature: float = 1.0
    """What the logits were divided by after the training; above 0."""
    intention: Intention | None = None
    """How its answers tell what a face was meant to show, if that is known."""

    def among(self, names: Sequence[str]) -> "TrainingShares":
        """Return the same for some of the classes, in the order of `names`.

        Of some alone it is not known what a face was meant to show.
        """
        chosen = tuple(names)
        shares = among(self.shares, self.classes, chosen)
        intention = self.intention if chosen == self.classes else None
        return self._replace(classes=chosen, shares=shares, intention=intention)


class Expectation(NamedTuple):
    """What is expected of some faces."""

    prior: Prior
    training: TrainingShares
    shares: Shares
    """What is expected."""

    def of(self, probabilities: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return a model's probabilities, `[n, classes]`, under this expectation; NaN stays."""
        if self.prior is Prior.TRAINING:
            return np.asarray(probabilities, np.float64)
        intention = self.training.intention
        if self.prior is Prior.INTENDED and intention is not None:
            return intention.of(probabilities, self.training.classes)
        return expecting(probabilities, self.training, self.shares)


def expect(prior: Prior, training: TrainingShares, faces: NDArray[np.floating[Any]]) -> Expectation:
    """Return what is expected where `prior` is asked for.

    Args:
        prior: the wish; where there are too few faces, `FOR_FEW_FACES` takes the place of
            `ESTIMATED`; where it is not known what was meant, `EVEN` that of `INTENDED`.
        training: the model's.
        faces: `[n, classes]`, what the model says of the faces at hand; only for `ESTIMATED`.
    """
    if prior is Prior.ESTIMATED:
        shares = estimate(faces, training)
        if shares is not None:
            return Expectation(prior, training, shares)
        prior = FOR_FEW_FACES
    if prior is Prior.INTENDED and training.intention is None:
        prior = Prior.EVEN
    powers = {Prior.TRAINING: 0.0, Prior.TEMPERED: training.tempered_power}
    return Expectation(prior, training, tempered_shares(training.shares, powers.get(prior, 1.0)))


def mean_target(targets: NDArray[np.floating[Any]]) -> Shares:
    """Return the share of each class in training targets, `[n, classes]`; n is at least 1."""
    shares = targets.mean(axis=0, dtype=np.float64)
    return np.asarray(shares / shares.sum())


def among(shares: Shares, classes: Sequence[str], names: Sequence[str]) -> Shares:
    """Return the shares of the classes that are among `names`, in the order of those.

    Args:
        shares: of `classes`.
        classes: all of `names` and perhaps more.
        names: those that are left.
    """
    left = shares[[classes.index(name) for name in names]]
    return np.asarray(left / left.sum())


def describe_training(training: TrainingShares | None) -> dict[str, Any]:
    """Return what `model.json` says of a training; nothing where its shares are not known."""
    if training is None:
        return {}
    shares = training.shares.round(_DECIMALS).tolist()
    told = {"prior": shares, "tempered_power": training.tempered_power}
    meant = {str(Prior.INTENDED): training.intention.describe()} if training.intention else {}
    return told | meant


def tempered_shares(training: Shares, power: float) -> Shares:
    """Return the training's shares made more even: at a power of 0 not at all, at 1 all alike."""
    shares = _divisible(training) ** (1 - power)
    return np.asarray(shares / shares.sum())


def expecting(
    probabilities: NDArray[np.floating[Any]], training: TrainingShares, expected: Shares
) -> NDArray[np.float64]:
    """Return what one voter would say of faces that show the classes in the `expected` shares.

    Args:
        probabilities: `[n, classes]` as the model gives them; rows add up to 1, or are NaN.
        training: what the model was trained with.
        expected: the shares that the faces are taken from.
    """
    votes = np.asarray(probabilities, np.float64) ** training.temperature
    weighted = votes * (expected / _divisible(training.shares))
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def estimate(probabilities: NDArray[np.floating[Any]], training: TrainingShares) -> Shares | None:
    """Return the shares in which faces show the classes, as they themselves say.

    Expectation maximisation (Saerens et al. 2002): the mean of the probabilities under some shares
    is the next estimate of the shares, until it stays. Each class counts as if it had been seen on
    some faces more, so that none vanishes for good.

    Args:
        probabilities: as `expecting` takes them.
        training: what the network was trained with.

    Returns:
        None where there are fewer than `FEWEST_FACES` rows that are not NaN.
    """
    known = probabilities[~np.isnan(probabilities).any(axis=1)]
    if len(known) < FEWEST_FACES:
        return None
    # Shares are of what most voters say of each face, which the answers are calibrated for.
    calibrated, shares = training._replace(temperature=1.0), training.shares
    for _ in range(_MOST_STEPS):
        counts = expecting(known, calibrated, shares).sum(axis=0) + _FACES_BEFORE
        before, shares = shares, counts / counts.sum()
        if np.abs(shares - before).max() < _CLOSE:
            break
    return shares


def choose_tempered_power(
    probabilities: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    training: TrainingShares,
    cost: float,
) -> float:
    """Return the power of `tempered`: the largest that costs little.

    Args:
        probabilities: `[n, classes]`, of validation pictures.
        labels: `[n]`, their true classes.
        training: what the model was trained with; its `tempered_power` does not count.
        cost: the accuracy, from 0 to 1, that may be lost with it and with every smaller power.
    """

    def accuracy(power: float) -> float:
        expected = tempered_shares(training.shares, power)
        answers = expecting(probabilities, training, expected)
        return float((answers.argmax(axis=1) == labels).mean())

    least = accuracy(0) - cost
    powers = [step / STEPS_OF_POWER for step in range(STEPS_OF_POWER + 1)]
    cheap = takewhile(lambda power: accuracy(power) >= least - _ROUNDING, powers)
    return list(cheap)[-1]


def _divisible(shares: Shares) -> Shares:
    return np.asarray(np.maximum(shares, _LEAST_SHARE))
