"""Kinds of classification tasks: half of them to choose defaults on, half to report on.

Each function draws a task from a generator: sequences X, labels y, of sequences or of steps, and
the number of sequences to train on.
"""

import numpy as np
from sklearn.datasets import load_digits


def z_normalized(X):
    """Each sequence with mean 0 and standard deviation 1, as in the UCR archive."""
    return (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)


def _sigmoid(t):
    return 1 / (1 + np.exp(-t))


def _bumps(rng, rise_widths, dips, n=200, noise=0.02):
    """A hand that is raised and lowered, 150 steps: classes differ in the slope or in a dip."""
    t, y = np.arange(150), rng.randint(2, size=n)
    start, stop = rng.uniform(25, 45, size=(n, 1)), rng.uniform(100, 120, size=(n, 1))
    width = np.array(rise_widths)[y][:, None] * rng.uniform(0.85, 1.15, size=(n, 1))
    bump = _sigmoid((t - start) / width) - _sigmoid((t - stop) / width)
    depth = np.array(dips)[y][:, None] * rng.uniform(0.8, 1.2, size=(n, 1))
    bump -= depth * np.exp(-0.5 * ((t - stop - 4 * width) / 5) ** 2)
    X = rng.uniform(0.8, 1.2, size=(n, 1)) * bump + noise * rng.normal(size=bump.shape)
    return z_normalized(X)[..., None], y, 50


def bumps_with_a_dip(rng):
    """Only one class sinks below its rest after the bump, as an arm that holds something."""
    return _bumps(rng, [3, 3], [0.0, 0.12])


def steep_bumps(rng):
    """The classes rise and fall in some 12 steps, or in some 20."""
    return _bumps(rng, [3, 5], [0, 0])


def bumps_with_shoulders(rng):
    """One class goes up and down by way of a step halfway."""
    n, t = 200, np.arange(150)
    y = rng.randint(2, size=n)
    start, stop = rng.uniform(25, 40, size=(n, 1)), rng.uniform(105, 120, size=(n, 1))
    outer = _sigmoid((t - start) / 2.5) - _sigmoid((t - stop) / 2.5)
    inner = _sigmoid((t - start - 10) / 2.5) - _sigmoid((t - stop + 10) / 2.5)
    share = np.where(y == 1, 0.35, 0.0)[:, None]
    X = (1 - share) * outer + share * inner + 0.02 * rng.normal(size=outer.shape)
    return z_normalized(X)[..., None], y, 50


def cylinder_bell_funnel(rng):
    """Saito's three classes: a plateau, a ramp up or a ramp down, in noise; 128 steps."""
    n, t = 330, np.arange(128)
    y = rng.randint(3, size=n)
    a = rng.uniform(16, 32, size=(n, 1))
    b = a + rng.uniform(32, 96, size=(n, 1))
    inside, ramp = (t >= a) & (t <= b), (t - a) / (b - a)
    shape = np.choose(y[:, None], [np.ones_like(ramp), ramp, 1 - ramp])
    X = (6 + rng.normal(size=(n, 1))) * shape * inside + rng.normal(size=ramp.shape)
    return z_normalized(X)[..., None], y, 30


def _parity(rng, n_bits, n_train):
    order = rng.permutation(2**n_bits)
    bits = (order[:, None] >> np.arange(n_bits)) & 1
    return bits[..., None].astype(float), bits.sum(axis=1) % 2, n_train


def parity_of_8_bits(rng):
    """All strings of 8 bits, of which 64 are held out."""
    return _parity(rng, 8, 192)


def parity_of_7_bits(rng):
    return _parity(rng, 7, 96)


def parity_of_9_signs(rng):
    """Bits as -1 and 1; 300 of the 512 strings to train on."""
    X, y, n_train = _parity(rng, 9, 300)
    return 2 * X - 1, y, n_train


def random_bytes(rng):
    """Parity of 500 random strings of 8 bits, some of which occur twice; 300 to test."""
    bits = rng.randint(2, size=(800, 8))
    return bits[..., None].astype(float), bits.sum(axis=1) % 2, 500


def digits(rng):
    """Rows of handwritten digits, of writers who are in both parts."""
    data = load_digits()
    order = rng.permutation(len(data.target))
    return data.images[order] / 8 - 1, data.target[order], 500


def columns_of_digits(rng):
    """Columns of five of the digits, of which there are few."""
    data = load_digits(n_class=5)
    order = rng.permutation(len(data.target))
    return data.images[order].transpose(0, 2, 1) / 8 - 1, data.target[order], 100


def strings(rng):
    """Whether an a is followed, at any distance, by a b; of 3 to 12 letters."""
    drawn = ["".join(rng.choice(list("abcd"), rng.randint(3, 13))) for _ in range(600)]
    X = [np.array([[c == k for k in "abcd"] for c in s], float) for s in drawn]
    return X, np.array(["b" in s.partition("a")[2] for s in drawn]), 300


def first_of_two(rng):
    """Which of two symbols comes first, among others that mean nothing; 30 steps, 4 symbols."""
    n, T = 500, 30
    symbols = rng.randint(2, 4, size=(n, T))
    places = np.sort(np.array([rng.choice(T, 2, replace=False) for _ in range(n)]), axis=1)
    y = rng.randint(2, size=n)
    symbols[np.arange(n), places[:, 0]], symbols[np.arange(n), places[:, 1]] = y, 1 - y
    return np.eye(4)[symbols], y, 250


def temporal_order(rng):
    """Two relevant symbols at two places of 20 steps: four classes by their order."""
    n, T = 700, 20
    symbols = rng.randint(2, 6, size=(n, T))
    pair = rng.randint(2, size=(n, 2))
    for column, (low, high) in enumerate([(1, 5), (9, 15)]):
        symbols[np.arange(n), rng.randint(low, high, size=n)] = pair[:, column]
    return np.eye(6)[symbols], pair @ [2, 1], 400


def marked_xor(rng):
    """The XOR of the signs of the two marked values among 12."""
    n, T = 800, 12
    X = np.zeros((n, T, 2))
    X[..., 0] = rng.choice([-1.0, 1.0], size=(n, T))
    places = np.array([rng.choice(T, 2, replace=False) for _ in range(n)])
    X[np.arange(n)[:, None], places, 1] = 1
    signs = X[np.arange(n)[:, None], places, 0]
    return X, signs.prod(axis=1) > 0, 500


def frequencies(rng):
    """Which of four frequencies three noisy sensors have, each with a phase of its own."""
    y = rng.randint(4, size=600)
    turns = np.array([0.05, 0.08, 0.11, 0.14])[y][:, None, None] * np.arange(50)[:, None]
    waves = np.sin(2 * np.pi * turns + rng.uniform(0, 2 * np.pi, size=(600, 1, 3)))
    return waves + 0.7 * rng.normal(size=waves.shape), y, 300


def autocorrelations(rng):
    """AR(1) processes of variance 1 with a coefficient of 0.2 or 0.8; 100 steps."""
    y = rng.randint(2, size=400)
    phi = np.array([0.2, 0.8])[y]
    X = np.empty((400, 100, 1))
    X[:, 0, 0] = rng.normal(size=400)
    for t in range(1, 100):
        X[:, t, 0] = phi * X[:, t - 1, 0] + np.sqrt(1 - phi**2) * rng.normal(size=400)
    return X, y, 100


def noisy(rng):
    """The sign of a sum and a product, with so much noise that no model is right throughout."""
    X = rng.normal(size=(600, 10, 3))
    z = X[..., 0].sum(axis=1) + 2 * X[:, -1, 1] * X[:, -2, 2]
    return X, z + 1.5 * rng.normal(size=600) > 0, 150


def walks(rng):
    """Three classes of what a random walk did lately, with a product of earlier values."""
    X = np.cumsum(rng.normal(size=(500, 30, 1)), axis=1) / 5
    z = X[:, -1, 0] - X[:, 15, 0] + X[:, 8, 0] * X[:, 2, 0]
    return X, np.digitize(z, [-0.5, 0.5]), 250


def few(rng):
    """Two classes of means, 20 sequences to train on."""
    y = rng.randint(2, size=320)
    return rng.normal(size=(320, 10, 2)) + 0.5 * (2 * y[:, None, None] - 1), y, 20


def six_classes(rng):
    """Six classes of four steps of five values, around centres, 60 to train on."""
    centres, y = rng.normal(size=(6, 4, 5)), rng.randint(6, size=460)
    return centres[y] + 1.0 * rng.normal(size=(460, 4, 5)), y, 60


def regimes(rng):
    """At each step, which of three hidden regimes a noisy series is in; it stays for a while."""
    n, T = 90, 40
    y = np.empty((n, T), int)
    y[:, 0] = rng.randint(3, size=n)
    for t in range(1, T):
        y[:, t] = np.where(rng.uniform(size=n) < 0.1, rng.randint(3, size=n), y[:, t - 1])
    return np.array([-1.0, 0.0, 1.0])[y][..., None] + 0.8 * rng.normal(size=(n, T, 1)), y, 40


def running_sign(rng):
    """At each step, whether the sum so far is positive."""
    X = rng.normal(size=(150, 25, 1))
    return X, (X.cumsum(axis=1)[..., 0] > 0).astype(int), 50


def random_labels(rng):
    """Three classes that have nothing to do with X."""
    return rng.normal(size=(400, 20, 2)), rng.randint(3, size=400), 100


def rare_random_labels(rng):
    """Two classes, one of them rare, and X that doesn't tell of them."""
    return rng.normal(size=(360, 30, 1)), (rng.uniform(size=360) < 0.2).astype(int), 60


HALVES = {
    "choose": [
        bumps_with_a_dip,
        cylinder_bell_funnel,
        parity_of_8_bits,
        random_bytes,
        digits,
        strings,
        first_of_two,
        frequencies,
        noisy,
        few,
        regimes,
        random_labels,
    ],
    "report": [
        steep_bumps,
        bumps_with_shoulders,
        parity_of_7_bits,
        parity_of_9_signs,
        columns_of_digits,
        temporal_order,
        marked_xor,
        autocorrelations,
        walks,
        six_classes,
        running_sign,
        rare_random_labels,
    ],
}
CONTROLS = random_labels, rare_random_labels  # nothing to learn
SEEDS = {"choose": range(0, 3), "report": range(100, 103)}
