"""`expressions.network.augmentation.views` in JAX: random views of a batch of faces, on the GPU."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from expressions.faces.size import SIDE

# Random erasing covers between 3 % and 20 % of a picture.
_ERASED_SIDES = (8, 22)


class Views(NamedTuple):
    """How far the views go; see `expressions.network.augmentation.views.Augmentation`."""

    rotation: float = 12
    scale: float = 0.1
    shift: float = 0.08
    erase: float = 0.25


def augment(grey: Any, key: Any, views: Views) -> Any:
    """One random view of each face: uint8 `[n, 48, 48]` to float32 from -1 to 1."""
    keys = jax.random.split(key, 12)
    count = len(grey)
    angle = jnp.radians(views.rotation) * _around_zero(keys[0], count)
    scale = 1 + views.scale * _around_zero(keys[1], count)
    shift = views.shift * SIDE * _around_zero(keys[2], count, 2)
    mirror = jnp.where(jax.random.uniform(keys[3], (count,)) < 0.5, -1.0, 1.0)
    cosine, sine = scale * jnp.cos(angle), scale * jnp.sin(angle)
    # The inverse of ((mirror * cosine, -sine), (mirror * sine, cosine)).
    size = mirror * scale**2
    inverse = (cosine / size, sine / size, -sine * mirror / size, cosine * mirror / size)
    middle = (SIDE - 1) / 2
    right, down = jnp.meshgrid(jnp.arange(SIDE) - middle, jnp.arange(SIDE) - middle)
    right, down = right - shift[:, :1, None], down - shift[:, 1:, None]
    a, b, c, d = (value[:, None, None] for value in inverse)
    faces = _sample(grey, a * right + b * down + middle, c * right + d * down + middle)
    return _erase(faces / 255 * 2 - 1, keys[5], views.erase)


def _sample(grey: Any, x: Any, y: Any) -> Any:
    """Bilinear; outside, the picture goes on as its mirror image."""
    left, top = jnp.floor(x), jnp.floor(y)
    across, below = x - left, y - top
    flat = grey.reshape(len(grey), -1)

    def tap(row: Any, column: Any) -> Any:
        places = (_reflect(row) * SIDE + _reflect(column)).reshape(flat.shape)
        return jnp.take_along_axis(flat, places, axis=1).reshape(x.shape).astype(jnp.float32)

    upper = (1 - across) * tap(top, left) + across * tap(top, left + 1)
    lower = (1 - across) * tap(top + 1, left) + across * tap(top + 1, left + 1)
    return (1 - below) * upper + below * lower


def _reflect(places: Any) -> Any:
    places = jnp.mod(places.astype(jnp.int32), 2 * SIDE)
    return jnp.where(places < SIDE, places, 2 * SIDE - 1 - places)


def _erase(faces: Any, key: Any, probability: Any) -> Any:
    count = len(faces)
    hit_key, side_key, place_key = jax.random.split(key, 3)
    hit = jax.random.uniform(hit_key, (count,)) < probability
    side = jax.random.randint(side_key, (count, 2), *_ERASED_SIDES)
    start = jnp.floor(jax.random.uniform(place_key, (count, 2)) * (SIDE + 1 - side))
    places = jnp.arange(SIDE)[None, None]
    inside = (places >= start[..., None]) & (places < (start + side)[..., None])
    erased = inside[:, 0, :, None] & inside[:, 1, None, :] & hit[:, None, None]
    return jnp.where(erased, faces.mean((1, 2), keepdims=True), faces)


def _around_zero(key: Any, *shape: int) -> Any:
    return jax.random.uniform(key, shape, minval=-1, maxval=1)
