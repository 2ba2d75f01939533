"""Cases of malformed arguments and invalid parameters, one at a time."""

import copy

import numpy as np
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from skrnn import (
    RNNClassifier,
    RowsToSequences,
    SequencePadder,
    SequencePatcher,
    SequenceScaler,
    SlidingWindow,
    TokenEncoder,
    flatten_steps,
    sliding_windows,
)

from .draw import chance, one_of
from .estimators import drawn_estimator
from .malformed import malformed, plain
from .parameters import invalid_parameter
from .watch import REFUSED

INVALID = {
    "length": [0, -1, 1.5, "a", None, np.nan],
    "delay": [-1, 1.5, "a", None],
    "dilation": [0, 1.5, "a", None],
    "min_periods": [-1, 99, "a", None],
    "layout": ["wide", None, 1],
    "context": ["none", None, True],
    "groups": ["nowhere", 99, 1.5, [0]],
    "pad_value": ["a", None, np.inf],
    "static_features": ["nowhere", 99, 1.5, [[0]], [None]],
    "side": ["up", None, 0],
    "truncation": ["up", 0],
    "scaler": ["standard", 3, StandardScaler],
    "n_features_per_step": [0, 1.5, "a", None, 99],
    "n_steps": [0, 1.5, "a", 99],
    "first": ["last", None, 0],
    "analyzer": ["words", None, 3],
    "token_pattern": [None, 3],
    **{key: ["yes", None, 2] for key in ["lowercase", "start", "stop"]},
    **{key: [0, -1, 1.5, "a", np.nan] for key in ["max_features", "min_frequency"]},
    "vocabulary": [[], {}, 3, "abc", [1, 1], [None], [[1]], {"a": 0}, {"a": 1, "b": 1}],
    "handle_unknown": ["ignore", None, 0],
    "dtype": [int, None, "ids", np.float16],
}


def refused_by_estimators(rng, watch, notes):
    """One malformed argument, or one invalid parameter, of a fitted and of a fresh estimator."""
    model, X, y, weight, _y_ndim = drawn_estimator(rng, notes)
    watch.names |= set(model.get_params())
    classify = isinstance(model, RNNClassifier)
    fitted = watch.call("fit", model.fit, X.value, y, weight) is not REFUSED
    watch.findings.clear()  # those are of the well-formed cases
    if not fitted:
        return
    calls = ["fit", "partial_fit", "predict", "score", "step", "weights", "parameter", "parameter"]
    call = one_of(rng, calls)
    if call == "parameter":
        name, value = invalid_parameter(rng, classify=classify)
        notes.append(f"{name}={value!r}")
        own = {"loss": "quantile"} if name == "quantile" else {}  # nothing else reads it
        model.set_params(**{name: value}, **own)
        watch.unchanged("fit", model, model.fit, X.value, y, weight, about=name, must_refuse=name)
    elif call in ("fit", "partial_fit", "score"):
        malformed_training(rng, watch, notes, model, call, X=X, y=y, sample_weight=weight)
    else:
        malformed_predictions(rng, watch, notes, model, X, call)


def malformed_training(rng, watch, notes, model, call, *, X, **given):
    """A malformed argument of `fit`, `partial_fit` or `score`."""
    given["X"], classify = X.value, isinstance(model, RNNClassifier)
    if call == "partial_fit":
        trained = hasattr(model, call) and copy.deepcopy(model).partial_fit
        if not trained or watch.call(call, trained, **given) is REFUSED:
            watch.findings.clear()
            return
    validation = call == "fit" and model.early_stopping and chance(rng, 0.5)
    if validation:  # the same, as a validation set
        given |= {f"{name}_val": value for name, value in given.items()}
    argument = one_of(rng, sorted(name for name in given if name.endswith("_val") == validation))
    kind = argument.removesuffix("_val")
    if kind == "X":
        base = plain(X.of(X.sequences))
    elif given[argument] is None:
        base = np.ones(len(X.sequences))
    elif kind == "y" and classify:  # numbers in place of labels
        base = rng.randint(2, size=len(X.sequences)).astype(float)
    else:
        base = plain(given[argument])
    given[argument], name, cause = malformed(rng, kind, base, classify=classify)
    notes.append(f"{call}: {argument} is {name}")
    if call == "fit" and chance(rng, 0.5):
        model = clone(model)
    function = getattr(model, call)
    watch.unchanged(call, model, function, **given, about=argument, must_refuse=cause)


def malformed_predictions(rng, watch, notes, model, X, call):
    """Malformed arguments of `predict`, `step` and `set_weights`."""
    if call == "predict":
        base, fine = plain(X.of(X.sequences)), {"one too few", "one too many"}
    else:  # one step of two sequences
        base = np.ones((2, X.n_features + X.static))
        fine = {"one too few", "one too many", "1-D", "one axis more twice", "an empty array"}
        fine |= {"a number"} if base.shape[1] == 1 else set()
    value, name, cause = malformed(rng, "X", base)
    cause = "" if name in fine else cause
    notes.append(f"{call}: {name}")
    if call == "predict" and chance(rng, 0.3) and not model.bidirectional:
        given = {"X": X.of(X.sequences), "initial_state": value, "about": "initial_state"}
        given["must_refuse"] = "" if value is None else cause
        watch.unchanged(call, model, model.predict, **given)
    elif call == "predict":
        done = watch.unchanged(call, model, model.predict, value, about="X", must_refuse=cause)
        if done is not REFUSED and not isinstance(model, RNNClassifier):
            flat = np.concatenate([np.ravel(own) for own in done])
            if not np.isfinite(flat).all():
                watch.find("prediction not finite", name)
    elif model.bidirectional:
        watch.call("step", model.step, value, about="bidirectional", must_refuse="bidirectional")
    elif call == "step":
        if chance(rng, 0.6):
            watch.unchanged(call, model, model.step, value, about="x", must_refuse=cause)
        else:
            x = X.sequences[0][0] if len(X.sequences[0]) else np.ones(X.n_features + X.static)
            x, cause = np.nan_to_num(x), "" if value is None else cause
            watch.unchanged(call, model, model.step, x, value, about="state", must_refuse=cause)
    else:
        weights = model.get_weights()
        key = one_of(rng, sorted(weights))
        weights[key] = value
        function, what = model.set_weights, "weights"
        watch.unchanged("set_weights", model, function, weights, about=what, must_refuse=cause)


def refused_by_transformers(rng, watch, notes):
    """A malformed table, sequence or parameter."""
    X = np.round(rng.normal(size=(rng.randint(8, 12), 4)), 3)
    X[:, 3] = 7.0
    own = one_of(
        rng,
        [
            *[SlidingWindow(3), SlidingWindow(3, groups=3)],
            *[SequenceScaler(), SequencePadder(), SequencePatcher(3), TokenEncoder()],
            RowsToSequences(2, n_features_per_step=2),
        ],
    )
    own = clone(own)
    watch.names |= set(own.get_params())
    if chance(rng, 0.4) or isinstance(own, TokenEncoder):  # to which all of these are tokens
        name = one_of(rng, sorted(set(INVALID) & set(own.get_params())))
        value = one_of(rng, INVALID[name])
        if isinstance(own, SequencePadder) and name == "length" and value is None:
            return
        notes += [own, f"{name}={value!r}"]
        own.set_params(**{name: value})
        watch.unchanged("fit", own, own.fit, X, about=name, must_refuse=f"{name}={value!r}")
        return
    if not isinstance(own, SlidingWindow | RowsToSequences) and chance(rng, 0.5):
        X = X.reshape(len(X), 2, 2)
    fitted = chance(rng, 0.5)
    if fitted:
        own.fit(X)
    value, name, cause = malformed(rng, "X", X)
    # ids may be text; a padder moves infinities; steps are as many as there are
    if name in ("one too few", "one too many") or name.startswith(("text", "inf")):
        cause = ""
    call = "transform" if fitted else "fit"
    notes += [own, f"{call}: X is {name}"]
    got = watch.unchanged(call, own, getattr(own, call), value, about="X", must_refuse=cause)
    if not fitted and got is not REFUSED:
        watch.call("transform", own.transform, value)


def refused_by_functions(rng, watch, notes):
    """A malformed argument of a function."""
    value, name, cause = malformed(rng, "X", rng.normal(size=(10, 3)))
    if name in ("one too few", "one too many", "one feature more?", "1-D"):
        return
    if chance(rng, 0.5):
        notes.append(f"sliding_windows: {name}")
        function, options = sliding_windows, {"length": 2, "about": "series"}
        watch.call("sliding_windows", function, value, **options, must_refuse=cause)
    else:
        notes.append(f"flatten_steps: X is {name}")
        y, cause = np.ones((10, 3)), "" if name.startswith("inf") else cause  # these aren't missing
        watch.call("flatten_steps", flatten_steps, value, y, about="X", must_refuse=cause)
