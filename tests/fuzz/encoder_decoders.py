"""Cases of encoder-decoders, with arguments that are well formed."""

import pickle
import re

import numpy as np
from sklearn.base import clone

from skrnn import Seq2SeqRegressor

from .data import sequences, values
from .draw import chance, one_of
from .estimators import REASONS
from .parameters import VALID_OF_ENCODER_DECODERS, parameters
from .targets import weights
from .watch import REFUSED, differs

WITHOUT = "washout", "bptt_steps", "linear_part"
REFUSALS = re.compile(f"{REASONS.pattern}|a decoder reads anyway|teacher_forcing=")


def encoder_decoder(rng, watch, notes):
    """A fit, and what holds for its predictions."""
    X = sequences(rng)
    drawn = parameters(rng, classify=False) | X.parameters
    drawn = {name: value for name, value in drawn.items() if name not in WITHOUT}
    for name, options in VALID_OF_ENCODER_DECODERS.items():
        if name in drawn or chance(rng, 0.4):
            drawn[name] = one_of(rng, options)
    model = Seq2SeqRegressor(**drawn)
    y, shape = targets(rng, len(X.sequences))
    weight = weights(rng, X, 1)
    notes += [model, f"X: {X.container} of {X.kind} {X.dtype} {X.size}", f"y for {shape}"]
    watch.names |= set(model.get_params())
    fitted = watch.unchanged("fit", model, model.fit, X.value, y, weight, reasons=REFUSALS)
    if fitted is REFUSED:
        return
    found = watch.call("predict", model.predict, X.value)
    if found is REFUSED:
        return
    if isinstance(drawn.get("quantile"), list | np.ndarray) and drawn.get("loss") == "quantile":
        shape = (*(shape[:-1] if len(shape) > 2 else shape), np.size(drawn["quantile"]))
    if found.shape != shape or found.dtype != X.dtype or not np.isfinite(found).all():
        watch.find("shape or dtype of predictions", f"{found.shape} {found.dtype}, not {shape}")
    again = clone(model).set_params(n_jobs=one_of(rng, [None, 1, 2]))
    if watch.call("fit again", again.fit, X.value, y, weight) is REFUSED:
        watch.find("refused when fitted again", "")
    elif differs(again.parameters_, model.parameters_):
        watch.find("same seed, other bits", "")
    if differs(pickle.loads(pickle.dumps(model)).predict(X.value), found):
        watch.find("pickle predicts otherwise", "")
    alone = watch.call("predict one", model.predict, X.of(X.sequences[:1]))
    size = 1e4 * np.abs(found).max()  # of rounding errors
    if alone is not REFUSED and np.abs(alone - found[:1]).max() > np.finfo(X.dtype).eps * size:
        watch.find("a sequence alone is predicted otherwise", f"{alone} {found[:1]}")
    watch.call("score", model.score, X.value, y)
    if model.solver != "lbfgs":
        watch.unchanged("partial_fit", model, model.partial_fit, X.value, y, sample_weight=weight)


def targets(rng, n):
    """Y for n sequences, and the shape of predictions."""
    S, K, ndim = 1 + rng.randint(5), 1 + rng.randint(3), 1 + rng.randint(3)
    y, _ = values(rng, (n, S, K))
    if ndim == 1:
        return y[:, 0, 0], (n,)
    y = y if ndim == 3 else y[..., 0]
    lengths = 1 + rng.randint(S, size=n)
    lengths[rng.randint(n)] = S
    if chance(rng, 0.3):
        return y, y.shape
    if chance(rng, 0.5):
        y = y.copy()
        for own, length in zip(y, lengths, strict=True):
            own[length:] = np.nan
        return y, y.shape
    if (lengths == S).all():
        return list(y), y.shape
    return [own[:length] for own, length in zip(y, lengths, strict=True)], y.shape
