"""Which samples share rows, by comparing sets of rows."""

import numpy as np


def overlapping(rows, held_out):
    """Which samples share one of their rows, given for each sample, with a held-out one."""
    taken = {row for i in held_out for row in rows[i]}
    return np.array([bool(taken & set(own)) for own in rows])
