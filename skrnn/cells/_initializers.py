"""Random initial weights."""

import numpy as np


def glorot_uniform(rng: np.random.RandomState, n_rows: int, n_columns: int) -> np.ndarray:
    """Draw uniformly from ±sqrt(6 / (fan_in + fan_out)), in the shape (n_rows, n_columns).

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010.
    """
    limit = np.sqrt(6 / (n_rows + n_columns))
    return rng.uniform(-limit, limit, size=(n_rows, n_columns))


def orthogonal(rng: np.random.RandomState, n: int) -> np.ndarray:
    """Draw an orthogonal matrix (n, n) uniformly (Haar).

    It keeps the norm of states and of gradients. Saxe, McClelland
    and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", ICLR 2014.
    """
    q, r = np.linalg.qr(rng.normal(size=(n, n)))
    # QR alone isn't uniform, as the signs of R's diagonal depend on the algorithm
    return q * np.sign(np.diag(r))
