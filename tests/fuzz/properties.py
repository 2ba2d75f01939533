"""What holds for every fitted estimator, whatever its parameters and data."""

import copy
import pickle
import warnings

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.metrics import r2_score

from tests.helpers.data import of_outputs
from tests.helpers.oracle_cells import outputs as equations_of_cells

from .draw import chance, one_of
from .frozen import frozen
from .watch import REFUSED


def labels(fitted):
    """The label is the most probable class, or 1 where it is likelier on than off."""
    if not is_classifier(fitted.model):
        return
    labels = fitted.watch.call("predict", fitted.model.predict, fitted.X.value)
    if labels is not REFUSED:
        for own, p in zip(labels, fitted.outputs, strict=True):
            if fitted.model._outputs.multilabel:
                if not np.array_equal(own, np.where(np.abs(p - 0.5) > 1e-6, p > 0.5, own)):
                    fitted.watch.find("label isn't the more probable one", f"{own}, {p}")
                continue
            chosen = np.asarray(own)[..., np.newaxis] == fitted.model.classes_  # one-hot
            if np.size(own) and not np.allclose(
                np.sum(p * chosen, axis=-1), np.max(p, axis=-1), atol=1e-6
            ):
                fitted.watch.find("label isn't the most probable class", f"{own}, {p}")
                break
        if getattr(labels, "dtype", None) not in (None, object, fitted.model.classes_.dtype):
            fitted.watch.find(
                "dtype of labels", f"{labels.dtype} not {fitted.model.classes_.dtype}"
            )


def same_bits(fitted):
    """The same seed, and any number of threads, give the same bits."""
    again = clone(fitted.model).set_params(n_jobs=one_of(fitted.rng, [None, 1, 2, -1]))
    X = fitted.X.value
    if not (fitted.named() or chance(fitted.rng, 0.5)):
        X = fitted.X.of(fitted.X.sequences)
    if (
        fitted.watch.call("fit again", again.fit, X, fitted.y, fitted.weight, **fitted.own)
        is REFUSED
    ):
        fitted.watch.find("refused when fitted again", "")
    else:
        fitted.expect("same seed, other bits", again.parameters_, fitted.model.parameters_)


def copies(fitted):
    """A pickle predicts the same, and predicting changes nothing."""
    before = frozen(fitted.model)
    copied = pickle.loads(pickle.dumps(fitted.model))
    fitted.expect(
        "pickle predicts otherwise", fitted.watch.call("pickle", fitted.of(copied), fitted.X.value)
    )
    if frozen(fitted.model) != before or frozen(copied) != before:
        fitted.watch.find("predicting or pickling changes the estimator", "")


def weights(fitted):
    """`set_weights` undoes a change."""
    copied = copy.deepcopy(fitted.model)
    weights = copied.get_weights()
    fitted.watch.call(
        "set_weights", copied.set_weights, {name: 0 * w for name, w in weights.items()}
    )
    fitted.watch.call("set_weights", copied.set_weights, weights)
    fitted.expect(
        "weights set aren't those that were got", copied.parameters_, fitted.model.parameters_
    )


def score(fitted):
    """The score of the training data is a number, in whatever unit y is."""
    model = fitted.model
    got = fitted.watch.call("score", model.score, fitted.X.value, fitted.y, fitted.weight)
    if got is REFUSED or n_targets(fitted) < 3:
        return
    if np.isnan(got):
        fitted.watch.find("score is NaN", "")
    elif not is_classifier(model) and fitted.y_ndim == 1 and np.ndim(model.quantile) == 0:
        unit = np.abs(fitted.y).max() or 1.0
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of weights that are huge
            true, predicted = np.asarray(fitted.y) / unit, fitted.outputs.astype(float) / unit
            expected = np.nan
            if np.isfinite(predicted).all():
                expected = r2_score(true, predicted, sample_weight=fitted.weight)
        if np.isfinite(expected) and not np.isclose(got, expected, rtol=1e-4, atol=1e-6):
            fitted.watch.find("score depends on the unit of y", f"{got}, not {expected}")


def n_targets(fitted):
    """Sequences, or their valid steps that have a target."""
    if fitted.y_ndim < 3 or is_classifier(fitted.model):
        return len(fitted.X.sequences)
    return sum(
        int((~np.isnan(x[:, : fitted.X.n_features]).all(axis=1) & np.isfinite(y).all(axis=1)).sum())
        for x, y in zip(fitted.X.sequences, map(np.asarray, fitted.y), strict=True)
    )


def subset(fitted):
    """Predictions don't depend on the other sequences."""
    n = len(fitted.X.sequences)
    rows = fitted.rng.permutation(n)[: fitted.rng.randint(1, n + 1)]
    fitted.compare(
        "subset of rows", [fitted.X.sequences[i] for i in rows], [fitted.outputs[i] for i in rows]
    )


def missing_steps(fitted):
    """A missing step repeats the prediction of the step before."""
    if not fitted.per_step or fitted.model.bidirectional:
        return
    for x, y in zip(fitted.X.sequences, fitted.outputs, strict=True):
        missing = np.isnan(x[:, : fitted.X.n_features]).all(axis=1)
        for t in np.flatnonzero(missing[1:]) + 1:
            fitted.expect(
                "missing step", np.atleast_1d(y[t]), np.atleast_1d(y[t - 1]), fitted.tolerance
            )


def padding(fitted):
    """Missing steps before and after a sequence change nothing."""
    if fitted.X.kind == "rows":
        return
    before, after = fitted.rng.randint(0, 3, size=2)
    padded = [
        np.pad(x, ((before, after), (0, 0)), constant_values=np.nan) for x in fitted.X.sequences
    ]
    if not fitted.per_step:
        fitted.compare("padding", padded, fitted.outputs)
        return
    actual = fitted.watch.call("padding", fitted.of(fitted.model), fitted.X.of(padded))
    for own, y in [] if actual is REFUSED else zip(actual, fitted.outputs, strict=True):
        if len(y):
            valid = own[before : before + len(y)]
            fitted.expect("padding", valid, y, fitted.tolerance)


def plain_sequences(fitted):
    """Any container holds the same values."""
    fitted.compare("plain container", fitted.X.sequences, fitted.outputs)


def steps(fitted):
    """`step` after `step` equals `predict`."""
    i = fitted.rng.randint(len(fitted.X.sequences))
    x, y, state = fitted.X.sequences[i], fitted.outputs[i], None
    if fitted.model.bidirectional or not len(x):
        return
    function = fitted.model.step_proba if is_classifier(fitted.model) else fitted.model.step
    got = []
    for own in x:
        own = np.roll(own, fitted.X.static) if fitted.X.kind == "rows" else own
        result = fitted.watch.call("step", function, own, state)
        if result is REFUSED:
            if fitted.tolerance < np.inf:
                fitted.watch.find("step refused", str(own))
            return
        p, state = result
        got.append(p)
    known = begun(fitted, x)
    got = np.asarray(got)[known] if fitted.per_step else np.asarray(got[-1:])
    expected = np.asarray(y)[known] if fitted.per_step else np.asarray(y)[np.newaxis]
    fitted.expect("step isn't predict", got, expected, fitted.tolerance)


def begun(fitted, x):
    """From which steps (T,) on the static covariates of a sequence are known."""
    if not fitted.X.static:
        return np.ones(len(x), bool)
    return np.logical_or.accumulate(~np.isnan(x[:, : fitted.X.n_features]).all(axis=1))


def states(fitted):
    """`predict` with the state after the first steps equals `predict` on all."""
    if fitted.model.bidirectional or fitted.X.kind != "array" or len(fitted.X.sequences[0]) < 2:
        return
    X = np.stack(fitted.X.sequences)
    t = fitted.rng.randint(1, X.shape[1])
    first = fitted.watch.call("return_state", fitted.of(fitted.model), X[:, :t], return_state=True)
    if first is REFUSED:
        return
    y, state = first
    rest = fitted.watch.call("initial_state", fitted.of(fitted.model), X[:, t:], state)
    if rest is not REFUSED:
        whole, expected = rest, np.asarray(fitted.outputs)
        if fitted.per_step:
            known = np.array([begun(fitted, x) for x in fitted.X.sequences])
            whole, expected = np.concatenate([y, rest], axis=1)[known], expected[known]
        fitted.expect("state of the first steps", whole, expected, fitted.tolerance)


def names(fitted):
    """Columns in another order are refused."""

    def swapped(frame):
        return frame[list(frame.columns)[::-1]]

    X, listed = fitted.X.value, fitted.X.kind == "list"
    if fitted.X.container not in ("pandas", "polars") or fitted.X.sequences[0].shape[1] < 2:
        return
    X, name = list(map(swapped, X)) if listed else swapped(X), "columns in another order"
    fitted.watch.call(name, fitted.of(fitted.model), X, must_refuse="names")
    if listed and len(X[0]) and not fitted.model.bidirectional:
        fitted.watch.call(f"step: {name}", fitted.model.step, X[0][:1], must_refuse="names")


def linear_part(weights, x, covariates):
    """What the linear part adds at each step (T, K): the first valid step stands for earlier ones.

    At missing steps it stays; before the first valid one, its inputs count as 0.
    """
    A, valid = weights["linear.input"], ~np.isnan(x).all(axis=1)
    L, scaled = A.shape[1], (x - weights["inputs.mean"]) / weights["inputs.scale"]
    bias = weights["linear.bias"]
    if "linear.static" in weights and valid.any():
        own = (covariates[valid][0] - weights["static.mean"]) / weights["static.scale"]
        bias = bias + weights["linear.static"] @ own
    outputs = []
    for t in range(len(x)):
        seen = scaled[: t + 1][valid[: t + 1]]
        last = [seen[0]] * L + list(seen) if len(seen) else [np.zeros(A.shape[2])] * L
        outputs.append(bias + sum(A[:, k] @ own for k, own in enumerate(last[-L:])))
    return np.array(outputs)


def apart(weights):
    """The weights of each network of an ensemble."""
    if not any(name.startswith("network") for name in weights):
        return [weights]
    own = {}
    for name, w in weights.items():
        network, _, rest = name.partition(".")
        own.setdefault(network, {})[rest] = w
    return list(own.values())


def equations_of_network(fitted, weights, x, covariates):
    """Outputs (T, K), or those after the last step (K,)."""
    for name in [name for name in weights if name.endswith(".static")]:
        layer = name.removesuffix(".static")
        start = weights.pop(name) @ covariates[~np.isnan(x).all(axis=1)][0]
        key = f"{layer}.initial_state"
        weights[key] = weights.get(key, 0) + start
    if "embedding" in weights:
        vectors = weights.pop("embedding")[np.nan_to_num(x[:, 0]).astype(int)]
        x = np.where(np.isnan(x), np.nan, vectors)
    steps, last = equations_of_cells(fitted.model._topology, weights, x)
    return steps if fitted.per_step else last


def equations(fitted):
    """Predictions are those of the documented equations, with the weights that one gets."""
    i, model = fitted.rng.randint(len(fitted.X.sequences)), fitted.model
    weights = {name: w.astype(float) for name, w in model.get_weights().items()}
    x, D = fitted.X.sequences[i].astype(float), fitted.X.n_features
    x, covariates = x[:, :D], x[:, D:]
    if np.isnan(x).all():  # or no step
        return
    if model.activation in ("identity", "relu") and np.nanmax(np.abs(x)) > 1e6:
        return  # h = n + z (h - n) loses what is far smaller than n
    linear = linear_part(weights, x, covariates) if "linear.bias" in weights else None
    if "inputs.mean" in weights:
        x = (x - weights["inputs.mean"]) / weights["inputs.scale"]
    if "static.mean" in weights:
        covariates = (covariates - weights["static.mean"]) / weights["static.scale"]
    readout_scale = weights.get("readout.scale", 1)
    outside = ("inputs.", "static.", "linear.", "readout.scale")
    weights = {name: w for name, w in weights.items() if not name.startswith(outside)}
    with np.errstate(all="ignore"):
        f = np.mean([equations_of_network(fitted, own, x, covariates) for own in apart(weights)], 0)
        f = f * readout_scale
        if linear is not None:
            f = f + (linear if fitted.per_step else linear[-1])
        if getattr(model, "loss", None) == "poisson":
            f = np.exp(f)
        elif np.ndim(getattr(model, "quantile", 0.5)) and model.loss == "quantile":
            f = np.sort(f)
        expected = of_outputs(model, f)
    if not is_classifier(model) and fitted.outputs[i].ndim < expected.ndim:
        expected = expected[..., 0]
    if np.isfinite(expected).all():
        own = fitted.outputs[i].astype(float)
        fitted.expect(
            "not the equations", np.atleast_1d(own), np.atleast_1d(expected), fitted.tolerance
        )


PROPERTIES = [
    labels,
    same_bits,
    copies,
    weights,
    score,
    subset,
    missing_steps,
    padding,
    plain_sequences,
    steps,
    states,
    names,
    equations,
]


def check_properties(fitted):
    """Check all of them."""
    if fitted.outputs is REFUSED:  # beyond all bounds
        return
    fitted.container_and_values()
    fitted.tolerance = fitted.conditioning()
    for check in PROPERTIES:
        check(fitted)
