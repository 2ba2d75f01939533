"""Tasks that others have published: data, protocol, source, figure, and settings that suit.

Each task is a function of ``choose``. With it, the test part is left alone: other draws, or the end
of the training part, take its place. The settings in ``informed`` were found there. A published
figure with an asterisk is as others quote it, as the source itself couldn't be read.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from _free_run import by_state, by_windows
from _series import mackey_glass, narma10, split, split_driven
from _tools import opening_prices
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, mean_absolute_error, mean_squared_error

from skrnn.datasets import load_airline, load_sunspots


@dataclass(frozen=True)
class Measure:
    """A figure of the test part, that of others, and that of a prediction without a model."""

    name: str
    published: str
    naive: float
    score: Callable  # of a fitted model
    form: str = ".3g"
    networks_only: bool = False  # no figure for models that read windows of one length


@dataclass(frozen=True)
class Task:
    """Training data, what is measured on the test data, and settings that were chosen."""

    name: str
    protocol: str
    source: str
    X: np.ndarray  # (N, T, D)
    y: np.ndarray  # (N,), or a label for each step: (N, T)
    measures: list[Measure]
    informed: dict
    n_seeds: int = 5


def forecasts(metric, X, y):
    """A score: the metric of the predictions."""
    return lambda model: metric(y, model.predict(X))


def rmse(y, predicted):
    return np.sqrt(mean_squared_error(y, predicted))


def nrmse(y, predicted):
    return rmse(y, predicted) / np.std(y)


def from_zero_to_one(series, n_train):
    """The series with the training part between 0 and 1, and the factor that undoes it."""
    low, high = series[:n_train].min(), series[:n_train].max()
    return (series - low) / (high - low), high - low


# --- series ---


def prices(choose, files):
    train, test = map(opening_prices, files)
    series, n_test = (train, 100) if choose else (np.concatenate([train, test]), len(test))
    X, y, X_test, y_test = split(series, 60, n_test)
    last = series[-n_test - 1 : -1]
    return Task(
        "price, 60 → 1",
        f"{len(y):,} windows of 60 days, next day's Open; the {n_test} days of the second file",
        "a widely copied Keras tutorial with the files of D. Mwiti's (2018), SimpleRNN(5); "
        "text not found",
        X,
        y,
        [
            Measure(name, published, metric(y_test, last), forecasts(metric, X_test, y_test), ".4g")
            for name, published, metric in [
                ("MSE", "53.03*", mean_squared_error),
                ("MAE", "5.82*", mean_absolute_error),
            ]
        ],
        {"hidden_size": 2, "alpha": 30.0},
        n_seeds=10,
    )


def sine(choose):
    series = np.sin(np.arange(150 if choose else 200))
    X, y, X_test, y_test = split(series, 50, 30 if choose else 50)
    return Task(
        "sine, 50 → 1",
        "sin(0), …, sin(199); 100 windows of 50 steps to train, the next 50 to test",
        "F. Shaikh, Build a recurrent neural network from scratch in Python, Analytics Vidhya, "
        "2019",
        X,
        y,
        [Measure("RMSE", "0.127*", rmse(y_test, series[-len(y_test) - 1 : -1]),
                 forecasts(rmse, X_test, y_test))],
        {"alpha": 1e-8, "tol": 3e-3},
    )  # fmt: skip


def mackey(choose):
    n, n_test, n_runs, horizon = 2000, 6000, 50, 84
    start = 0 if choose else 10_000
    series, unit = from_zero_to_one(mackey_glass(start + n + n_test)[start:], n)
    X, y, X_test, y_test = split(series, 20, n_test)
    starts = np.arange(n_runs) * ((n_test - horizon) // n_runs)
    last = X_test[:, -1, 0]
    truth = y_test[starts + horizon - 1]

    def mse(model):
        return mean_squared_error(y_test, model.predict(X_test)) * unit**2

    def free(run):
        def score(model):
            error = run(model, X_test[starts], horizon)[:, -1] - truth
            return np.sqrt(np.mean(error**2)) / y_test.std()

        return score

    naive = np.sqrt(np.mean((last[starts] - truth) ** 2)) / y_test.std()
    return Task(
        "Mackey-Glass 17",
        "2,000 values, one per unit of time, windows of 20; 6,000 test values, and 50 free runs "
        "of 84 steps that begin in them",
        "H. Jaeger, The “echo state” approach, GMD Report 148, 2001: 0.00028 with 400 units, "
        "trained on 3,000 values; H. Jaeger, H. Haas, Harnessing nonlinearity, Science 304, 2004: "
        "10^-4.2* with 1,000 units. One step: an echo state network of 1,000 units; text not found",
        X,
        y,
        [
            Measure("MSE, one step", "2.0e-8*", mean_squared_error(y_test, last) * unit**2, mse),
            Measure("NRMSE84, windows", "0.00028; 0.000063*", naive, free(by_windows)),
            Measure("NRMSE84, state carried", "", naive, free(by_state), networks_only=True),
        ],
        {"hidden_size": 12, "solver": "lm", "alpha": 1e-7},
    )


def narma(choose):
    n_test, length = 1000, 40
    u, series = narma10(2000 + n_test + length, seed=1 if choose else 0)
    X, y, X_test, y_test = split_driven(u, series, length, n_test)
    return Task(
        "NARMA10",
        "2,000 windows of 40 inputs u, the output that follows; 1,000 to test",
        "A. F. Atiya, A. G. Parlos, IEEE Transactions on Neural Networks 11, 2000 (the system); "
        "H. Jaeger, Adaptive nonlinear system identification with echo state networks, NIPS 15, "
        "2003: NMSE 0.032*",
        X,
        y,
        [Measure("NRMSE", "0.18*", nrmse(y_test, series[-n_test - 1 : -1]),
                 forecasts(nrmse, X_test, y_test))],
        {"hidden_size": 16, "solver": "lm", "alpha": 0.01},
    )  # fmt: skip


def sunspots(choose):
    series = load_sunspots().series
    whole = series[:280].var()  # 1700 to 1979
    series, n_test, n_first = (series[:221], 40, 20) if choose else (series[:280], 59, 35)
    X, y, X_test, y_test = split(series, 12, n_test)
    last = series[-n_test - 1 : -1]

    def arv(rows):
        return lambda model: mean_squared_error(y_test[rows], model.predict(X_test[rows])) / whole

    parts = {"arv, 1921–1955": ("0.086*", slice(n_first)),
             "arv, 1956–1979": ("0.35*", slice(n_first, None))}  # fmt: skip
    return Task(
        "sunspots",
        "1700 to 1920 to train, windows of 12 years, one year ahead; MSE by the variance of 1700 "
        "to 1979",
        "A. S. Weigend, B. A. Huberman, D. E. Rumelhart, Predicting the future: a connectionist "
        "approach, International Journal of Neural Systems 1, 1990; threshold autoregression "
        "(H. Tong, K. S. Lim, 1980): 0.097* and 0.28*",
        X,
        y,
        [
            Measure(name, published, np.mean((last - y_test)[rows] ** 2) / whole, arv(rows))
            for name, (published, rows) in parts.items()
        ],
        {"alpha": 1.0},
    )


def airline(choose):
    series = load_airline().series
    series, n_test = (series[:96], 24) if choose else (series, 48)
    X, y, X_test, y_test = split(series, 12, n_test)
    return Task(
        "airline",
        "the first 96 months to train, windows of 12, one month ahead; 48 months to test",
        "J. Brownlee, Time series prediction with LSTM recurrent neural networks in Python with "
        "Keras, 2016: the last month as the only input, 46 of the months",
        X,
        y,
        [Measure("RMSE", "47.53", rmse(y_test, series[-n_test - 1 : -1]),
                 forecasts(rmse, X_test, y_test))],
        {"cell": "gru", "hidden_size": 4, "alpha": 3.0},
    )  # fmt: skip


def adding(choose, n=1000, n_test=2560, T=100):
    """Sequences whose marked two values are to be added, as Hochreiter and Schmidhuber draw them.

    These have T steps each; the original draws up to a tenth more.
    """
    rng, N = np.random.RandomState(1 if choose else 0), n + n_test
    X = np.stack([rng.uniform(-1, 1, size=(N, T)), np.zeros((N, T))], axis=2)
    rows, first, second = np.arange(N), rng.randint(10, size=N), rng.randint(T // 2 - 2, size=N)
    second += second >= first
    X[:, [0, -1], 1] = -1
    X[rows, first, 1] = X[rows, second, 1] = 1
    X[X[:, 0, 1] == 1, 0, 0] = 0
    y = 0.5 + (X[rows, first, 0] + X[rows, second, 0]) / 4
    X, y, X_test, y_test = X[:n], y[:n], X[n:], y[n:]

    def wrong(y, predicted):
        return np.mean(np.abs(y - predicted) > 0.04)

    mean = np.full(n_test, y.mean())
    return Task(
        "adding problem",
        "1,000 sequences of 100 steps to train, 2,560 to test; wrong if off by more than 0.04",
        "S. Hochreiter, J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997, "
        "experiment 4: LSTM, after 74,000* sequences",
        X,
        y,
        [
            Measure("MSE", "", mean_squared_error(y_test, mean),
                    forecasts(mean_squared_error, X_test, y_test)),
            Measure("wrong", "1 of 2,560*", wrong(y_test, mean),
                    forecasts(wrong, X_test, y_test), ".2%"),
        ],
        {"cell": "lstm", "hidden_size": 3, "solver": "lm", "alpha": 1.0, "n_init": 5,
         "max_iter": 300},
        n_seeds=3,
    )  # fmt: skip


# --- labels ---


def digits(choose):
    data = load_digits()
    X, y, n = data.images / 16, data.target, 898
    if choose:
        X, y, n = X[:n], y[:n], 600
    return Task(
        "digits, row by row",
        "8 rows of 8 pixels; the first 898 images to train, the other 899 to test",
        "scikit-learn, Recognizing hand-written digits: SVC(gamma=0.001) on the flat images",
        X[:n],
        y[:n],
        [Measure("accuracy", "97%", np.mean(y[n:] == np.bincount(y[:n]).argmax()),
                 forecasts(accuracy_score, X[n:], y[n:]), ".1%")],
        {"bidirectional": True},
        n_seeds=3,
    )  # fmt: skip


def xor_bits(rng, n):
    """Triples of bits: two at random, then their exclusive or."""
    pairs = rng.randint(2, size=(n, 2))
    return np.column_stack([pairs, pairs[:, 0] ^ pairs[:, 1]]).ravel()


def temporal_xor(choose):
    rng = np.random.RandomState(1 if choose else 0)
    bits, test = xor_bits(rng, 1000), xor_bits(rng, 1000)
    X, y = bits.reshape(20, 150, 1) * 2.0 - 1, np.append(bits[1:], 0).reshape(20, 150)
    third = slice(1, None, 3)  # where the next bit follows from the last two
    X_test, y_test = test.reshape(1, -1, 1) * 2.0 - 1, test[2::3]

    def third_bits(model):
        return accuracy_score(y_test, model.predict(X_test)[0, third])

    return Task(
        "temporal XOR",
        "3,000 bits, each third the XOR of the two before it; predict the next bit at each step, "
        "in 20 sequences of 150; accuracy at third bits of 3,000 others",
        "J. L. Elman, Finding structure in time, Cognitive Science 14, 1990: a plot only, whose "
        "error falls at third bits after 600 passes with 2 units",
        X,
        y,
        [Measure("accuracy", "", np.mean(y_test == test[1::3]), third_bits, ".1%")],
        {"cell": "elman", "hidden_size": 8, "alpha": 0.01, "n_iter_no_change": 100},
        n_seeds=3,
    )


def parity(choose):
    rng = np.random.RandomState(1 if choose else 0)
    strings = np.array(np.meshgrid(*[[0, 1]] * 8)).reshape(8, -1).T[rng.permutation(256)]
    long = rng.randint(2, size=(500, 50))

    def signs(bits):
        return bits[:, :, np.newaxis] * 2.0 - 1

    def odd(bits):
        return bits.sum(axis=1) % 2

    train, test = strings[:128], strings[128:]
    common = np.bincount(odd(train)).argmax()
    return Task(
        "parity",
        "whether 8 bits have an odd number of ones; half of the 256 strings to train, the rest to "
        "test, and 500 strings of 50 bits",
        "Y. Bengio, P. Simard, P. Frasconi, Learning long-term dependencies with gradient descent "
        "is difficult, IEEE Transactions on Neural Networks 5, 1994: trained on 25 to 50 bits, "
        "5 % wrong after 54,000 trials of discrete error propagation",
        signs(train),
        odd(train),
        [
            Measure("accuracy, 8 bits", "", np.mean(odd(test) == common),
                    forecasts(accuracy_score, signs(test), odd(test)), ".1%"),
            Measure("accuracy, 50 bits", "95%*", np.mean(odd(long) == common),
                    forecasts(accuracy_score, signs(long), odd(long)), ".1%", networks_only=True),
        ],
        {"hidden_size": 2, "solver": "lm", "alpha": 0.01, "n_init": 20},
    )  # fmt: skip


TASKS = [sine, mackey, narma, sunspots, airline, adding, digits, temporal_xor, parity]
