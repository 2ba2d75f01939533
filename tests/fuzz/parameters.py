"""Parameters of the estimators: small networks of all kinds, and values that are refused."""

import numpy as np

from skrnn import cells
from tests.helpers.toy_cell import LeakyCell

from .draw import chance, one_of

CELLS = [*cells.CELLS, cells.GRUCell, cells.JordanCell(decay=0.3), LeakyCell()]

VALID = {  # what each parameter may be in a small network
    "hidden_size": [1, 2, 3, 4, np.int64(3), (2, 3), [2, 2], np.array([3, 1])],
    "cell": CELLS,
    "activation": ["identity", "logistic", "relu", "tanh"],
    "bidirectional": [False, True],
    "learn_initial_state": [False, True],
    "dropout": [0.0, 0.3],
    "recurrent_dropout": [0, 0.5],
    "solver": ["auto", "adam", "lbfgs", "lm", "rmsprop", "sgd"],
    "alpha": ["auto", 0, 1e-4, 1.0, 100, 1e12, 1e300],
    "batch_size": ["auto", 1, 2, 5, 1000],
    "learning_rate": ["constant", "invscaling", "adaptive", "cosine"],
    "learning_rate_init": [1e-4, 0.01, 0.5, 100.0],
    "power_t": [0, 0.5, 2.0],
    "momentum": [0, 0.9, 1.0],
    "nesterovs_momentum": [True, False],
    "beta_1": [0.0, 0.9],
    "beta_2": [0.0, 0.999],
    "epsilon": [1e-8, 1e-300, 1.0],
    "n_init": [1, 2, 3],
    "ensemble": [False, False, True],
    "max_iter": [1, 2, 3, 4],
    "shuffle": [True, False],
    "tol": [0.0, 1e-3, 0.9],
    "n_iter_no_change": [1, 2, 10],
    "early_stopping": [False, True],
    "validation_fraction": [0.1, 0.5],
    "clip_norm": [None, 1.0, 1e-6, 1e6],
    "clip_value": [None, 0.1, 1e3],
    "bptt_steps": [None, None, 1, 2, 100],
    "washout": [0, 0, 1, 3],
    "n_jobs": [None, 1, 2, -1],
    "random_state": [0, 1, 2**32 - 1, np.int64(7)],
    "verbose": [False, True, 0],
    "warm_start": [False, True],
}
VALID_OF_REGRESSORS = {
    "loss": ["squared_error", "absolute_error", "huber", "poisson", "quantile"],
    "quantile": [0.5, 0.05, [0.1, 0.5, 0.9], np.array([0.2, 0.8]), [0.5]],
    "huber_delta": [1.35, 1e-3, 1e6],
    "normalize_y": [True, False],
}
VALID_OF_ENCODER_DECODERS = {
    "attention": [None, "dot", "dot"],
    "teacher_forcing": [0.0, 0.5, 1, 1.0],
    "solver": ["auto", "adam", "lbfgs", "rmsprop", "sgd"],
    "alpha": [0, 1e-4, 1.0, 100, 1e12],
}
VALID_OF_LABEL_DECODERS = {
    "beam_width": [1, 2, 3, 20, np.int64(2)],
    "length_penalty": [0, 0.6, 1.0, 3],
    "max_steps": [None, None, 1, 7],
    "class_weight": [None, "balanced"],
}
VALID_OF_CLASSIFIERS = {
    "alpha": ["auto", "auto", *VALID["alpha"]],
    "class_weight": [None, "balanced", {0: 2.0}, {"a": 0.5, "b": 3}],
}

NUMBERS = ["a", [1.0], {}, -1, np.nan, -np.inf, 1j]  # refused by all that take numbers
FLAGS = ["yes", 2, None, 1.5]
INVALID = {
    "hidden_size": [0, "a", [], [0], [2, 1.5], [[2]], [2, "a"], None, np.nan, 2.5, {3}],
    "cell": ["LSTM", 3, None, object, int, "", [cells.GRUCell]],
    "activation": ["sin", None, 1, np.tanh],
    **dict.fromkeys(["bidirectional", "learn_initial_state", "nesterovs_momentum"], FLAGS),
    **dict.fromkeys(["shuffle", "early_stopping", "warm_start"], FLAGS),
    **{key: [*NUMBERS, 1.0, None] for key in ["dropout", "recurrent_dropout", "beta_1", "beta_2"]},
    "solver": ["newton", None, 0, "ADAM"],
    "alpha": [*NUMBERS, None],
    "batch_size": [*NUMBERS, 0, 1.5, None],
    "learning_rate": ["fast", None, 0.1],
    "learning_rate_init": [*NUMBERS, 0, None],
    "power_t": [*NUMBERS, None],
    "momentum": [*NUMBERS, 1.1, None],
    "epsilon": [*NUMBERS, 0, None],
    **{key: [*NUMBERS, 0, 1.5, None] for key in ["n_init", "max_iter", "n_iter_no_change"]},
    "tol": [*NUMBERS, 1.0, None],
    "validation_fraction": [*NUMBERS, 0, 1, None],
    **{key: [*NUMBERS, 0] for key in ["clip_norm", "clip_value"]},
    "bptt_steps": [*NUMBERS, 0, 1.5],
    "embedding_size": [*NUMBERS, 0, 1.5],
    "n_tokens": [*NUMBERS, 0, 1.5, 3],  # without an embedding
    "washout": [*NUMBERS, 1.5, None],
    "n_features_per_step": [*NUMBERS, 0, 1.5, None],
    "static_features": ["nowhere", 99, -99, [0, 0], 1.5, [[0]], [None], np.nan],
    "n_jobs": ["a", 0, 1.5, [1]],
    "random_state": ["a", -1, 1.5, [1]],
    "verbose": ["yes", -1, None, 1.5],
}
INVALID_OF_REGRESSORS = {
    "loss": ["mse", None, 1],
    "quantile": [
        0,
        1,
        1.5,
        -0.1,
        "a",
        None,
        [],
        [0.9, 0.1],
        [0.5, 0.5],
        [0.1, "a"],
        np.nan,
        [[0.5]],
    ],
    "huber_delta": [*NUMBERS, 0, None],
    "normalize_y": FLAGS,
}
INVALID_OF_CLASSIFIERS = {"class_weight": ["heavy", 1, [1, 2], {"nowhere": -1.0}]}
INVALID_OF_LABEL_DECODERS = {
    **{key: [*NUMBERS, 0, 1.5] for key in ["beam_width", "max_steps"]},
    "length_penalty": [*NUMBERS, None, np.inf],
    "attention": ["general", True, 1],
    "teacher_forcing": [*NUMBERS, 1.1, None],
    "class_weight": ["heavy", 1, {"nowhere": 2.0}],
    "solver": ["lm", None],
    "alpha": [*NUMBERS, "auto", None],
    "cell": ["jordan", "LSTM", None],
    "embedding_size": [*NUMBERS, 0, 1.5],
}


def parameters(rng, *, classify):
    """Draw valid parameters: a small network, and some more choices."""
    valid = VALID | (VALID_OF_CLASSIFIERS if classify else VALID_OF_REGRESSORS)
    drawn = {"hidden_size": 2, "max_iter": 2, "random_state": 0}
    always = ["hidden_size", "cell", "max_iter", "solver", "activation"]
    rate = one_of(rng, [0.0, 0.1, 0.3])
    for name, options in valid.items():
        if (name in always and chance(rng, 0.6)) or chance(rng, rate):
            drawn[name] = one_of(rng, options)
    return drawn


def invalid_parameter(rng, *, classify):
    """Draw the name of a parameter, and a value that it doesn't take."""
    invalid = INVALID | (INVALID_OF_CLASSIFIERS if classify else INVALID_OF_REGRESSORS)
    name = one_of(rng, sorted(invalid))
    return name, one_of(rng, invalid[name])
