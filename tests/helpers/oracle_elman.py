"""A naive network, one sequence, one step and one number at a time: the tests' oracle.

It follows the textbook (Werbos, "Backpropagation through time", 1990) and shares no code
with the engine.
"""

import numpy as np

F = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(float)),
    "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
    "identity": (lambda z: z, lambda h: np.ones_like(h)),
}
NAMES = ["layer0.input", "layer0.recurrent", "layer0.bias", "readout.input", "readout.bias"]


def states(weights, x, activation, h=None):
    """h_0, ..., h_T of one sequence x (T, D); a NaN step repeats the state."""
    U, W, b, _, _ = (weights[name] for name in NAMES)
    f = F[activation][0]
    hs = [np.zeros(len(b)) if h is None else h]
    for x_t in x:
        hs.append(hs[-1] if np.isnan(x_t).all() else f(U @ x_t + W @ hs[-1] + b))
    return hs


def outputs(weights, x, activation, h=None):
    """y_1, ..., y_T of one sequence, (T, K)."""
    V, c = weights["readout.input"], weights["readout.bias"]
    return np.array([V @ h_t + c for h_t in states(weights, x, activation, h)[1:]])


def predict(weights, X, activation, per_step):
    """Outputs of all sequences: (N, T, K) or (N, K)."""
    Y = np.array([outputs(weights, x, activation) for x in X])
    return Y if per_step else Y[:, -1]


def sequence_gradient(weights, x, y, activation, *, h=None, first=0):
    """Gradient of sum_t |y_t - target_t|^2 / 2 over one sequence, and that sum.

    y (T, K) is NaN where there is no target. Gradients stop at step ``first``.
    """
    _, W, _, V, _ = (weights[name] for name in NAMES)
    derivative = F[activation][1]
    hs = states(weights, x, activation, h)
    ys = outputs(weights, x, activation, h)
    gradient = {name: np.zeros_like(weights[name]) for name in NAMES}
    dh, loss = np.zeros(len(W)), 0.0
    for t in reversed(range(first, len(x))):
        error = np.where(np.isnan(y[t]), 0, ys[t] - y[t])
        loss += (error**2).sum() / 2
        gradient["readout.input"] += np.outer(error, hs[t + 1])
        gradient["readout.bias"] += error
        dh = dh + V.T @ error
        if np.isnan(x[t]).all():
            continue
        dz = dh * derivative(hs[t + 1])
        gradient["layer0.input"] += np.outer(dz, x[t])
        gradient["layer0.recurrent"] += np.outer(dz, hs[t])
        gradient["layer0.bias"] += dz
        dh = W.T @ dz
    return loss, gradient


def last_only(y, n_steps):
    """Targets (T, K) of one sequence with the target y (K,) after its last step."""
    return np.vstack([np.full((n_steps - 1, len(y)), np.nan), y])


class Adam:
    """Kingma and Ba, algorithm 1, as printed."""

    def __init__(self, learning_rate):
        self.learning_rate, self.t, self.m, self.v = learning_rate, 0, {}, {}

    def step(self, weights, gradient):
        self.t += 1
        for name, g in gradient.items():
            self.m[name] = 0.9 * self.m.get(name, 0) + 0.1 * g
            self.v[name] = 0.999 * self.v.get(name, 0) + 0.001 * g**2
            m_hat = self.m[name] / (1 - 0.9**self.t)
            v_hat = self.v[name] / (1 - 0.999**self.t)
            weights[name] = weights[name] - self.learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
