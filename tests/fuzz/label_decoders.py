"""Cases of encoder-decoders that write labels, with arguments that are well formed."""

import copy
import pickle
import re

import numpy as np
import pandas as pd
from scipy.special import log_softmax
from sklearn.base import clone

from skrnn import Seq2SeqClassifier
from tests.helpers.oracle_encoder_decoder import predict as equations

from .data import Input, sequences
from .draw import chance, one_of
from .encoder_decoders import REFUSALS as OF_ALL
from .encoder_decoders import WITHOUT
from .malformed import malformed
from .malformed import plain as plain_floats
from .parameters import (
    INVALID_OF_LABEL_DECODERS,
    VALID_OF_ENCODER_DECODERS,
    VALID_OF_LABEL_DECODERS,
    parameters,
)
from .properties import apart
from .targets import labels, weights
from .watch import REFUSED, differs

REFUSALS = re.compile(f"{OF_ALL.pattern}|there is no encoder")
BOXED = "objects", "objects of lists"


def label_decoder(rng, watch, notes):
    """A fit, and what holds for its sequences of labels."""
    X = static_alone(rng) if chance(rng, 0.1) else sequences(rng)
    drawn = parameters_for(rng, X)
    model, n = Seq2SeqClassifier(**drawn), len(X.sequences)
    plain, classes, ends = label_sequences(rng, n)
    y, container = contained(rng, plain, ends)
    if container in ("column", "items", "series"):  # one label of each sequence
        plain = [own[:1] for own in plain]
    weight = weights(rng, X, 1)
    shape = [x.shape for x in X.sequences[:4]]
    notes += [model, f"X: {X.container} of {X.kind} {shape} {X.dtype} {X.size}"]
    notes += [f"y: {container} of {classes.dtype}", f"weight {type(weight).__name__}"]
    watch.names |= set(model.get_params())
    own = {}
    if model.early_stopping and chance(rng, 0.5):
        own = {"X_val": X.value, "y_val": y, "sample_weight_val": weight}
        notes.append("X_val")
    fitted = watch.unchanged("fit", model, model.fit, X.value, y, weight, reasons=REFUSALS, **own)
    if fitted is REFUSED:
        return
    found = watch.call("predict", model.predict, X.value)
    if found is REFUSED:
        return
    check_values(watch, model, found, plain, ends, boxed=container in BOXED)
    check_bits(rng, watch, model, X, y, plain, ends, weight, own)
    check_copies(watch, model, X, found)
    check_searches(rng, watch, model, X, found, ends)
    check_score(watch, model, X, y, plain, found, weight)
    check_attention(watch, model, X, found, ends)
    more_training(watch, model, X, y, weight)
    refused(rng, watch, notes, model, X, y, weight)


def static_alone(rng):
    """Static covariates without a step to read."""
    n, M = 2 + rng.randint(12), 1 + rng.randint(3)
    dtype = np.dtype(one_of(rng, [float, np.float32]))
    X = rng.normal(size=(n, M)).astype(dtype)
    names = [f"c{i}" for i in range(M)]
    framed = chance(rng, 0.3)
    own = {"static_features": names if framed else list(range(M))}
    value = pd.DataFrame(X, columns=names) if framed else X
    parts = [np.array(x[np.newaxis]) for x in X]
    return Input(value, parts, "rows", "pandas" if framed else "array", dtype, own, 0, M, "normal")


def parameters_for(rng, X):
    """Valid parameters for these sequences."""
    drawn = parameters(rng, classify=True) | X.parameters
    drawn = {name: value for name, value in drawn.items() if name not in WITHOUT}
    for name, options in (VALID_OF_ENCODER_DECODERS | VALID_OF_LABEL_DECODERS).items():
        if name in drawn or chance(rng, 0.4):
            drawn[name] = one_of(rng, options)
    if X.n_features == 0:
        drawn |= {"attention": None, "bidirectional": False}
    elif X.n_features == 1 and X.size in ("binary", "counts", "zero") and chance(rng, 0.7):
        drawn |= {"embedding_size": one_of(rng, [1, 3]), "n_tokens": one_of(rng, [None, 30])}
    return drawn


def label_sequences(rng, n):
    """Sequences of labels, their classes, and whether they may have any length."""
    S, ends = 1 + rng.randint(4), chance(rng, 0.65)
    rows = labels(rng, (n, S))
    lengths = rng.randint(0, S + 1, size=n) if ends and chance(rng, 0.8) else np.full(n, S)
    lengths[0] = S
    parts = [own[:length] for own, length in zip(rows, lengths, strict=True)]
    return parts, np.unique(np.concatenate(parts)), ends


def contained(rng, parts, ends):
    """The sequences in a container, and its name."""
    if ends:
        hows = ["arrays", "lists", "tuples", "objects", "objects of lists", "pandas", "polars"]
        hows += ["padded"] * (parts[0].dtype.kind in "fO")
        how = one_of(rng, hows)
    else:
        how = one_of(rng, ["array", "frame", "objects in two axes", "column", "items", "series"])
        if how in ("column", "items", "series"):
            one = [own[0] for own in parts]
            if how == "column":
                return np.array(one, parts[0].dtype), how
            is_text = isinstance(one[0], str)  # a list of texts is refused
            return pd.Series(one) if how == "series" or is_text else one, how
        whole = np.stack(parts)
        if how == "frame":
            return pd.DataFrame(whole), how
        return whole if how == "array" else whole.astype(object), how
    lists = [own.tolist() for own in parts]
    if how in BOXED:
        boxed = np.empty(len(parts), object)
        for i, own in enumerate(parts if how == "objects" else lists):
            boxed[i] = own
        return boxed, how
    if how == "padded":
        missing = None if parts[0].dtype == object else np.nan
        return [np.append(own, [missing] * rng.randint(3)) for own in parts], how
    made = {
        "arrays": lambda: list(parts),
        "lists": lambda: lists,
        "tuples": lambda: tuple(map(tuple, lists)),
        "pandas": lambda: pd.Series(lists, index=rng.permutation(len(parts))),
        "polars": lambda: polars_lists(lists),
    }
    return made[how](), how


def polars_lists(lists):
    """A series of lists."""
    import polars as pl

    return pl.Series("y", lists)


def check_values(watch, model, found, plain, ends, *, boxed):
    """The container, the type and the lengths that the docs promise."""
    dtype, longest = model.classes_.dtype, max(map(len, plain))
    limit = longest if not ends else model.max_steps or 2 * longest
    kind = np.ndarray if boxed or not ends else list
    if type(found) is not kind or len(found) != len(plain):
        watch.find("container of predictions", f"{type(found)} of {len(found)}")
    if not ends and found.dtype != dtype:
        watch.find("dtype of labels", f"{found.dtype} not {dtype}")
    for own in found if ends else []:
        if own.ndim != 1 or len(own) > limit or own.dtype != dtype:
            watch.find("shape or dtype of a prediction", f"{own.shape} {own.dtype}, not {dtype}")
    if not np.isfinite(model.parameters_).all() or not np.isfinite(model.loss_curve_).all():
        watch.find("weight or loss not finite", f"{model.loss_curve_}")


def check_bits(rng, watch, model, X, y, plain, ends, weight, own):
    """The same seed gives the same bits, with any number of threads and from any container."""
    again = clone(model).set_params(n_jobs=one_of(rng, [None, 1, 2]))
    if chance(rng, 0.5):
        y = list(plain) if ends else y
    if watch.call("fit again", again.fit, X.value, y, weight, **own) is REFUSED:
        watch.find("refused when fitted again", "")
    elif differs(again.parameters_, model.parameters_):
        watch.find("same seed, other bits", "")


def check_copies(watch, model, X, found):
    """A pickle predicts the same, and so does a model that gets its own weights."""
    for name, copied in [
        ("pickle", pickle.loads(pickle.dumps(model))),
        ("set_weights", copy.deepcopy(model).set_weights(model.get_weights())),
    ]:
        again = watch.call(name, copied.predict, X.value)
        if again is not REFUSED and differs(again, found):
            watch.find(f"{name} predicts otherwise", differs(again, found))


def check_searches(rng, watch, model, X, found, ends):
    """Sequences in order of their scores, each once, with the probabilities of the equations."""
    decoded = watch.call("decode", model.decode, X.value, reasons=re.compile("too large|bounds"))
    if decoded is REFUSED:
        return
    width, n = model.beam_width, len(found)
    V, longest = len(model.classes_), max((len(own) for own in found), default=1) if ends else 1
    n_best = min(width, V if ends and longest else 2)
    best = watch.call("decode n best", model.decode, X.value, n_best=n_best)
    if best is REFUSED:
        return
    sequences, log_proba = best
    if log_proba.shape != (n, n_best) or not np.isfinite(log_proba).all() or (log_proba > 0).any():
        watch.find("log-probabilities", f"{log_proba.shape} {log_proba.min()} {log_proba.max()}")
    for own, prediction in zip(sequences, found, strict=True):
        if not np.array_equal(own[0], prediction):
            watch.find("the best sequence isn't the prediction", f"{own[0]} {prediction}")
        if len({tuple(np.ravel(one).tolist()) for one in own}) < n_best:
            watch.find("a sequence twice", str(own))
    i = rng.randint(n)
    check_alone(watch, model, X, i, log_proba[i], n_best)
    check_equations(watch, model, X, i, sequences[i], log_proba[i], ends)


def check_alone(watch, model, X, i, log_proba, n_best):
    """A sequence alone has the same likelihoods, but for rounding and what is as likely."""
    if any(isinstance(own, str) for own in np.ravel(X.parameters.get("static_features", ()))):
        return
    alone = watch.call("decode one", model.decode, X.of(X.sequences[i : i + 1]), n_best=n_best)
    if alone is REFUSED or np.abs(model.parameters_).max() > 1e3:
        return
    tolerance = 1e-2 if X.dtype == np.float32 else 1e-6
    if not np.allclose(alone[1][0], log_proba, rtol=tolerance, atol=tolerance):
        watch.find("a sequence alone has other likelihoods", f"{alone[1][0]} {log_proba}")


def check_equations(watch, model, X, i, sequences, log_proba, ends):
    """The log-probability of a sequence, by the documented equations."""
    theta = {name: w.astype(float) for name, w in model.get_weights().items()}
    x = X.sequences[i].astype(float)
    if np.abs(model.parameters_).max() > 1e3 or X.size not in ("normal", "binary", "counts"):
        return
    x, covariates = x[:, : X.n_features], x[:, X.n_features :]
    known = ~np.isnan(covariates).any(axis=1) & ~(np.isnan(x).all(axis=1) & bool(X.n_features))
    if (X.static and not known.any()) or not len(x):
        return
    static = covariates[known][0] if X.static else None
    numbers = {label: k for k, label in enumerate(model.classes_.tolist())}
    V = len(numbers)
    for written, expected in zip(sequences, log_proba, strict=True):
        codes = [numbers[label] for label in np.ravel(written).tolist()]
        inputs = np.array([V, *codes])[: len(codes) + ends, np.newaxis]
        outputs = []
        for own in apart(theta):
            options = {"n_steps": len(inputs), "inputs": inputs}
            with np.errstate(all="ignore"):
                outputs.append(equations(model._topology, own, x, static, **options))
        log_p = log_softmax(np.mean(outputs, axis=0), axis=1)
        got = sum(log_p[s, k] for s, k in enumerate([*codes, V] if ends else codes))
        tolerance = 1e-2 if X.dtype == np.float32 else 1e-6
        if np.isfinite(got) and not np.isclose(got, expected, rtol=tolerance, atol=tolerance):
            watch.find("not the equations", f"{got} {expected} of {codes}")


def check_score(watch, model, X, y, plain, found, weight):
    """The share of sequences that are right throughout."""
    got = watch.call("score", model.score, X.value, y, weight)
    if got is REFUSED:
        return
    right = [np.array_equal(np.ravel(a), np.ravel(b)) for a, b in zip(found, plain, strict=True)]
    if weight is not None and not 1e-9 < np.max(weight) < 1e9:
        return
    expected = np.average(right, weights=weight)
    if not np.isclose(got, expected, atol=1e-5):
        watch.find("not the score", f"{got}, not {expected}")


def check_attention(watch, model, X, found, ends):
    """Weights of the valid steps, which add up to 1 at each step that is written."""
    if not model.attention:
        return
    a = watch.call("attention_weights", model.attention_weights, X.value)
    if a is REFUSED:
        return
    for own, x, written in zip(a, X.sequences, found, strict=True):
        missing = np.isnan(x[:, : X.n_features]).all(axis=1)
        total = own.sum(axis=1)
        n = len(written) + 1 if ends else len(total)
        if own[:n, : len(x)][:, missing].any() or own[:n, len(x) :].any():
            watch.find("attention to missing steps", "")
        if not np.allclose(total[:n], float((~missing).any()), atol=1e-4):
            watch.find("attention doesn't add up to 1", f"{total}")
        if model.n_init == 1 and not np.isnan(total[n:]).all():
            watch.find("attention after the end", f"{total} {n}")


def more_training(watch, model, X, y, weight):
    """Training goes on."""
    resumed = copy.deepcopy(model).set_params(warm_start=True, max_iter=1)
    if watch.unchanged("warm start", resumed, resumed.fit, X.value, y, weight) is not REFUSED:
        watch.call("predict", resumed.predict, X.value)
    if model.solver != "lbfgs":
        more = copy.deepcopy(model)
        given = {"sample_weight": weight}
        if watch.unchanged("partial_fit", more, more.partial_fit, X.value, y, **given) is REFUSED:
            return
        watch.call("predict", more.predict, X.value)


def refused(rng, watch, notes, model, X, y, weight):
    """A malformed argument, or a parameter that isn't valid."""
    if chance(rng, 0.3):
        name = one_of(rng, sorted(INVALID_OF_LABEL_DECODERS))
        value = one_of(rng, INVALID_OF_LABEL_DECODERS[name])
        notes.append(f"{name}={value!r}")
        bad = copy.deepcopy(model).set_params(**{name: value})
        watch.unchanged("fit", bad, bad.fit, X.value, y, weight, about=name, must_refuse=name)
        return
    model = copy.deepcopy(model).set_params(warm_start=False)
    call = one_of(rng, ["fit", "score", "predict", "decode"])
    given = {"X": X.value}
    if call in ("fit", "score"):
        given |= {"y": y, "sample_weight": weight}
    argument = one_of(rng, sorted(given))
    base = plain_floats(X.of(X.sequences)) if argument == "X" else np.arange(len(X.sequences)) % 2.0
    given[argument], name, cause = malformed(rng, argument, base, classify=True)
    notes.append(f"{call}: {argument} is {name}")
    if argument == "X" and name in ("one too few", "one too many") and call not in ("fit", "score"):
        cause = ""  # predictions of other sequences
    function = getattr(model, call)
    watch.unchanged(call, model, function, **given, about=argument, must_refuse=cause)
