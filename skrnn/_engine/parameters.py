"""One flat vector of parameters, and named views of it."""

from collections.abc import Mapping

import numpy as np


class ParameterLayout:
    """Where each named array lies in a flat vector.

    Optimizers, clipping, weight decay and snapshots work on the vector; the network
    works on the views. Views don't survive pickling, so only the vector and the layout
    are ever stored.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Name and shape of each array, in the order in which they lie in the vector.

    Attributes
    ----------
    size : int
        Length P of the vector.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]):
        self.shapes = dict(shapes)
        self._parts: list[tuple[str, slice, tuple[int, ...]]] = []
        self.size = 0
        for name, shape in self.shapes.items():
            stop = self.size + int(np.prod(shape))
            self._parts.append((name, slice(self.size, stop), shape))
            self.size = stop

    def views(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """The named arrays, as views of ``vector`` (..., P); leading axes are kept."""
        leading = vector.shape[:-1]
        if not leading:  # of one network, at each step: an index without "..." is faster
            return {name: vector[part].reshape(shape) for name, part, shape in self._parts}
        return {
            name: vector[..., part].reshape(leading + shape) for name, part, shape in self._parts
        }
