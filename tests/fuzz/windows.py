"""Cases of windows of a table, alone and in pipelines."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from skrnn import RNNRegressor, SequenceScaler, SlidingWindow, sliding_windows
from tests.helpers.oracle_windows import windows_by_hand

from . import data
from .draw import chance, one_of
from .watch import REFUSED, expect

NAMES = np.array(["b", "a", "c"], object)  # of series


def rows_of_a_table(rng, n=None, size=None):
    """Rows (n, D) of one size, some missing."""
    dtype = one_of(rng, [float, float, np.float32])
    X, _ = data.values(rng, (n or rng.randint(1, 30), rng.randint(1, 4)), dtype, size)
    if chance(rng, 0.4):
        X[rng.uniform(size=len(X)) < 0.2] = np.nan
    if chance(rng, 0.3):
        X[rng.uniform(size=X.shape) < 0.1] = np.nan
    return X


def in_frame(rng, X):
    """The rows in a container."""
    names = [f"c{i}" for i in range(X.shape[1])]
    index = one_of(rng, [pd.RangeIndex(len(X)), pd.date_range("2020", periods=len(X), freq="D")])
    how = one_of(rng, ["array", "array", "pandas", "polars", "list"])
    if how == "pandas":
        return pd.DataFrame(X, index, names)
    if how == "polars":
        return pl.DataFrame(X, schema=names, orient="row")
    return X.tolist() if how == "list" and X.dtype == float else X


def window(rng, **parameters):
    """A `SlidingWindow` of any kind."""
    length = rng.randint(1, 6)
    return SlidingWindow(
        length=length,
        delay=one_of(rng, [0, 0, 0, 1, 2]),
        dilation=one_of(rng, [1, 1, 2, 3]),
        min_periods=rng.randint(0, length + 1),
        pad_value=one_of(rng, [np.nan, np.nan, 0.0, -7.5]),
        **parameters,
    )


def windows(rng, watch, notes):
    """Windows of a table equal those cut by hand, in either layout."""
    X, own = rows_of_a_table(rng), window(rng, context="pad")
    watch.names |= set(own.get_params())
    ids = rng.randint(3, size=len(X)) if chance(rng, 0.3) else None
    table = X if ids is None else np.column_stack([X, ids]).astype(X.dtype)
    value = in_frame(rng, table)
    if ids is not None:
        own.set_params(groups=X.shape[1])
        if chance(rng, 0.5):  # text, as names of series often are
            columns = {f"c{i}": column for i, column in enumerate(X.T)}
            value = one_of(rng, [pd.DataFrame, pl.DataFrame])(columns | {"id": NAMES[ids]})
            own.set_params(groups="id")
    notes += [own, f"{type(value).__name__} {X.shape} {X.dtype}", f"ids {ids}"]
    backward(watch, own.fit, value)
    if watch.unchanged("fit", own, own.fit, value) is REFUSED:
        return
    got = watch.call("fit_transform", clone(own).fit_transform, value)
    options = {
        name: getattr(own, name)
        for name in ("length", "delay", "dilation", "min_periods", "pad_value")
    }
    expect(watch, "windows aren't those cut by hand", got, windows_by_hand(X, **options, ids=ids))
    expect(
        watch,
        "fit_transform isn't fit, transform",
        got,
        watch.call("transform", own.transform, value),
    )
    flat = clone(own).set_params(layout="flat")
    rows = watch.call("flat", flat.fit_transform, value)
    if rows is not REFUSED:
        expect(watch, "flat windows", np.asarray(rows), np.asarray(got).reshape(len(X), -1))
        if rows.shape[1] != len(flat.get_feature_names_out()):
            watch.find("number of names of flat windows", f"{rows.shape}")
    copied = pickle.loads(pickle.dumps(own))
    expect(watch, "a pickle cuts other windows", watch.call("pickle", copied.transform, value), got)
    continued(rng, watch, own, X, ids, options)
    static(rng, watch, own, X, ids, options)


def continued(rng, watch, own, X, ids, options):
    """Rows after those of `fit` get windows that reach back into these, if they follow."""
    n, how = len(X) // 2, one_of(rng, ["continue", "auto", "a gap"])
    table = X if ids is None else np.column_stack([X, ids]).astype(X.dtype)
    # rows that look like the fitted ones are taken for these
    if not n or np.isnan(X).any() or len(np.unique(X[:, 0])) < len(X):
        return
    later = clone(own).set_params(context="continue" if how == "continue" else "auto")
    if how != "continue":
        index = one_of(rng, [range(5, 5 + len(X)), pd.date_range("2020", periods=len(X))])
        table = pd.DataFrame(table, index)
        if how == "a gap":  # wider than any step
            table.index = [
                *table.index[:n],
                *(table.index[n:] + 50 * (table.index[1] - table.index[0])),
            ]
        if ids is not None:
            return  # whether each series follows depends on its own index
    if watch.call("fit", later.fit, table[:n]) is REFUSED:
        return
    got, options = watch.call(how, later.transform, table[n:]), options | {"ids": ids}
    if how == "a gap":
        expect(watch, "windows after a gap", got, windows_by_hand(X[n:], **options))
    else:
        expect(watch, "windows that continue", got, windows_by_hand(X, **options)[n:])


def static(rng, watch, own, X, ids, options):
    """Static covariates are at each step of a sequence, and once in a flat row."""
    if ids is None or np.isnan(X).any():
        return
    table = np.column_stack([X, ids, 1.5 * ids]).astype(X.dtype)
    own = clone(own).set_params(static_features=[X.shape[1] + 1])
    got = watch.call("static", own.fit_transform, table)
    whole = table[:, [*range(X.shape[1]), -1]]
    expected = windows_by_hand(whole, **options, ids=ids)
    expect(watch, "windows with static covariates", got, expected)
    flat = watch.call("static, flat", own.set_params(layout="flat").fit_transform, table)
    dynamic = expected[..., :-1].reshape(len(X), -1)
    expect(
        watch, "flat windows with static covariates", flat, np.column_stack([dynamic, table[:, -1]])
    )


def backward(watch, function, value, **options):
    """Dates in descending order are refused."""
    if isinstance(value, pd.DataFrame) and len(value) > 1 and value.index.dtype.kind == "M":
        watch.call("newest first", function, value[::-1], **options, must_refuse="newest row first")


def windows_and_targets(rng, watch, notes):
    """`sliding_windows` equals loops."""
    X = rows_of_a_table(rng)
    options = {name: rng.randint(1, 4) for name in ("length", "horizon", "stride", "dilation")}
    value = X[:, 0] if chance(rng, 0.3) else in_frame(rng, X)
    X = X[:, :1] if np.ndim(value) == 1 else X
    watch.names |= {"series", "targets", *options}
    notes += [options, f"{type(value).__name__} {np.shape(value)}"]
    chosen = list(range(X.shape[1]))
    if chance(rng, 0.3):
        chosen = list(rng.permutation(X.shape[1])[: rng.randint(1, X.shape[1] + 1)])
    options["targets"] = chosen
    got = watch.call("sliding_windows", sliding_windows, value, **options)
    backward(watch, sliding_windows, value, **options)
    if got is REFUSED:
        return
    length, horizon, stride, dilation, _ = options.values()
    reach = (length - 1) * dilation + 1
    starts = range(0, len(X) - reach - horizon + 1, stride)
    expect(watch, "sliding_windows: X", got[0], [X[i : i + reach : dilation] for i in starts])
    targets = [X[i + reach : i + reach + horizon, chosen].ravel() for i in starts]
    expect(watch, "sliding_windows: y", got[1].reshape(len(targets), -1), targets)


def pipeline(rng, watch, notes):
    """A table, windows, a network: as many predictions as rows, the same bits again."""
    size = one_of(rng, ["normal", "binary", "constant", "raw"])  # scikit-learn's scalers take these
    X = rows_of_a_table(rng, rng.randint(8, 30), size)
    scaler = one_of(rng, [StandardScaler(), MinMaxScaler(), RobustScaler()])
    model = RNNRegressor(2, max_iter=2, random_state=0, solver=one_of(rng, ["adam", "lm"]))
    cut = window(rng)
    steps = [
        ("impute", SimpleImputer(keep_empty_features=True)),
        ("scale", scaler),
        ("window", cut),
        ("rnn", model),
    ]
    if chance(rng, 0.3):
        steps.insert(3, ("sequences", SequenceScaler()))
    pipe, value = Pipeline(steps), in_frame(rng, X)
    output = one_of(rng, ["default", "pandas", "polars"])
    pipe.set_output(transform=output)
    y = rng.normal(size=len(X))
    watch.names |= {*cut.get_params(), *model.get_params(), "scaler"}
    notes += [pipe, f"{type(value).__name__} {X.shape}", f"output {output}"]
    if watch.call("fit", pipe.fit, value, y) is REFUSED:
        return
    first = watch.call("predict", pipe.predict, value)
    if first is REFUSED:
        return
    if first.shape != (len(X),) or not np.isfinite(first).all():
        watch.find("predictions of a pipeline", f"{first}")
    again = clone(pipe)
    if watch.call("fit again", again.fit, value, y) is not REFUSED:
        expect(
            watch, "the pipeline fitted again", watch.call("predict", again.predict, value), first
        )
    copied = pickle.loads(pickle.dumps(pipe))
    expect(watch, "a pickle of the pipeline", watch.call("predict", copied.predict, value), first)
