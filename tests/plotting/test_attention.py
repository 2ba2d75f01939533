"""AttentionDisplay: the picture of what a decoder looked at."""

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skrnn import AttentionDisplay, Seq2SeqClassifier, Seq2SeqRegressor, TokenEncoder

WORDS = ["ab c", "c", "bca", "a", "cab", "b a"] * 4
SMALL = {"attention": "dot", "max_iter": 3, "random_state": 0}


def classifier(**parameters):
    return Seq2SeqClassifier(4, embedding_size=3, **{**SMALL, **parameters})


def regressor(**parameters):
    return Seq2SeqRegressor(4, **{**SMALL, **parameters})


def names(ax):
    """The names at both axes: of what was read, of what was written."""
    return tuple(
        [label.get_text() for label in own] for own in (ax.get_xticklabels(), ax.get_yticklabels())
    )


def labels(ax):
    return ax.get_xlabel(), ax.get_ylabel()


@pytest.fixture(scope="module")
def spelled():
    """A pipeline that spells words backwards, more or less."""
    pipe = make_pipeline(TokenEncoder("char"), classifier(max_iter=12))
    return pipe.fit(WORDS, [list(word[::-1].upper()) for word in WORDS])


def drawn(image):
    return np.asarray(image.get_array())


def test_tokens_at_both_axes_and_the_end(spelled, pyplot):
    display = AttentionDisplay.from_estimator(spelled, WORDS, samples=2)
    read, written = names(display.ax_)
    (predicted,) = spelled.predict(WORDS[2:3])
    assert read == ["b", "c", "a"]
    assert written == [*np.where(predicted == " ", "␣", predicted), "(end)"]
    assert labels(display.ax_) == ("read", "written")
    weights = drawn(display.im_)
    expected = spelled[-1].attention_weights(spelled[0].transform(["bca"]))[0]
    assert_allclose(weights, expected, rtol=1e-6)
    assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert display.figure_ is display.ax_.figure
    assert display.im_ in display.ax_.get_images()
    assert display.colorbar_.mappable is display.im_
    assert not display.ax_.get_title()


def test_missing_steps_at_the_end_are_left_out(spelled, pyplot):
    """Of a batch whose longest word is another, the picture of a word is that of it alone."""
    display = AttentionDisplay.from_estimator(spelled, WORDS, samples=[0, 1, 5])
    assert [ax.get_title() for ax in display.axes_] == ["sample 0", "sample 1", "sample 5"]
    largest = max(drawn(image).max() for image in display.images_)
    for image, ax, word in zip(display.images_, display.axes_, ["ab c", "c", "b a"], strict=True):
        assert names(ax)[0] == list(word.replace(" ", "␣"))
        alone = AttentionDisplay.from_estimator(spelled, [word])
        assert_allclose(drawn(image), drawn(alone.im_), rtol=1e-6)
        assert names(ax) == names(alone.ax_)
        assert_allclose(image.get_clim(), (0, largest))
    assert len(AttentionDisplay.from_estimator(spelled, WORDS).axes_) == 9  # of 24


def test_names_of_tokens(spelled, pyplot):
    encoder = TokenEncoder("char", start=True, stop=True)
    X = encoder.fit_transform(WORDS)
    model = classifier().fit(X, [list(word) for word in WORDS])
    X = encoder.transform(["ax"])
    named = AttentionDisplay.from_estimator(model, X, encoder=encoder, xlabel="word")
    assert names(named.ax_)[0] == ["(start)", "a", "�", "(stop)"]
    assert labels(named.ax_) == ("word", "written")
    boxed = np.empty(len(WORDS), object)
    boxed[:] = [list(word) for word in WORDS]
    again = classifier().fit(encoder.transform(WORDS), boxed)
    assert names(AttentionDisplay.from_estimator(again, X).ax_)[1] == names(named.ax_)[1]
    without = AttentionDisplay.from_estimator(model, X)
    assert names(without.ax_)[0] == ["1", str(encoder.vocabulary_["a"]), "0", "2"]
    other = TokenEncoder("char").fit(["uvwxyz"])
    replaced = AttentionDisplay.from_estimator(spelled, ["c"], encoder=other)
    assert names(replaced.ax_)[0] == [list("?uvwxyz")[spelled[0].vocabulary_["c"]]]
    with pytest.raises(ValueError, match=r"the token 3, but encoder has n_tokens_=2"):
        AttentionDisplay.from_estimator(model, X, encoder=TokenEncoder("char").fit(["a"]))
    with pytest.raises(TypeError, match="encoder='char' must be a fitted TokenEncoder"):
        AttentionDisplay.from_estimator(model, X, encoder="char")


def polars_series(values):
    return pytest.importorskip("polars").Series(values)


@pytest.mark.parametrize("container", [list, np.array, pd.Series, polars_series])
def test_containers_and_searches(container, pyplot):
    pipe = make_pipeline(TokenEncoder("char"), classifier())
    search = GridSearchCV(pipe, {"seq2seqclassifier__hidden_size": [2]}, cv=2, error_score="raise")
    search.fit(WORDS, [list(word) for word in WORDS])
    X = container(WORDS[:3])
    X = X.set_axis([7, 8, 9]) if container is pd.Series else X
    display = AttentionDisplay.from_estimator(search, X, samples=1)
    assert names(display.ax_)[0] == ["c"]
    alone = make_pipeline(search.best_estimator_[-1])  # no transformer: X is tokens
    X = search.best_estimator_[0].transform(WORDS)
    assert names(AttentionDisplay.from_estimator(alone, list(X), samples=1).ax_)[0] == ["3"]


def test_labels_of_one_length_and_of_numbers(rng, pyplot):
    X, y = rng.normal(size=(30, 4, 1)), rng.randint(3, size=(30, 2))
    X[1, 2:], X[1, 0] = np.nan, np.nan
    model = Seq2SeqClassifier(3, **SMALL).fit(X, y)
    read, written = names(AttentionDisplay.from_estimator(model, X, samples=1).ax_)
    assert read == ["", f"{X[1, 1, 0]:.3g}"]  # a missing step between has no name
    assert written == [str(label) for label in model.predict(X)[1]]
    model.fit(X, y[:, 0])
    assert names(AttentionDisplay.from_estimator(model, X, samples=1).ax_)[1] == [
        str(model.predict(X)[1])
    ]


def test_numbers_and_steps_of_regressors(rng, pyplot):
    X, y = rng.normal(size=(30, 4, 2)), rng.normal(size=(30, 3, 2))
    X[1, 2:] = np.nan
    for read, kind in ([0, 1], "step read"), (X[1, :2, 0], "read"):
        part = X if kind == "step read" else X[:, :, :1]
        model = regressor().fit(part, y)
        display = AttentionDisplay.from_estimator(model, part, samples=1)
        assert names(display.ax_) == ([f"{x:.3g}" for x in read], ["0", "1", "2"])
        assert labels(display.ax_) == (kind, "step written")
        assert_allclose(drawn(display.im_), model.attention_weights(part)[1, :, :2], rtol=1e-9)
    for own in (y[:, :, 0], y[:, :, :1], y[:, 0, 0]):
        model.fit(part, own)
        display = AttentionDisplay.from_estimator(model, part, samples=1)
        predicted = model.predict(part)[1].ravel()
        assert names(display.ax_)[1] == [f"{value:.3g}" for value in predicted]
        assert labels(display.ax_) == ("read", "written")
    quantiles = regressor(loss="quantile", quantile=[0.1, 0.9]).fit(part, y[:, :, 0])
    assert names(AttentionDisplay.from_estimator(quantiles, part, samples=1).ax_)[1] == list("012")


def test_known_weights(rng, pyplot):
    weights = rng.dirichlet(np.ones(3), size=(2, 4))
    weights[1, :, 2], weights[1, 2:] = 0, np.nan
    one, other = AttentionDisplay.from_weights(weights).axes_
    assert (names(one), names(other)) == ((list("012"), list("0123")), (list("012"), list("01")))
    display = AttentionDisplay.from_weights(
        weights, read=["abc", "de"], written=[[1.5, 2, 3], [r"$\no$", "y"]], xlabel="English"
    )
    assert names(display.axes_[0]) == (list("abc"), ["1.5", "2", "3", "(end)"])
    assert names(display.axes_[1]) == (list("de"), [r"$\no$", "y"])
    assert_array_equal(drawn(display.images_[1]), weights[1, :2, :2])
    assert labels(display.ax_) == ("English", "written")
    display.figure_.canvas.draw()  # names that look like formulas are none
    single = AttentionDisplay.from_weights(weights[0].tolist(), read="abc")
    assert names(single.ax_)[0] == list("abc")
    assert_array_equal(drawn(single.im_), weights[0])
    assert single.im_.get_extent() == [-0.5, 2.5, 3.5, -0.5]  # written downwards


def test_own_axes_and_options(rng, pyplot):
    weights = rng.dirichlet(np.ones(3), size=(2, 4))
    figure, axes = pyplot.subplots(1, 2)
    display = AttentionDisplay.from_weights(
        weights, ax=axes, colorbar=False, cmap="magma", vmax=1, aspect="auto"
    )
    assert display.axes_ == list(axes)
    assert display.figure_ is figure
    assert display.colorbar_ is None
    assert len(figure.axes) == 2
    assert [image.get_cmap().name for image in display.images_] == ["magma"] * 2
    assert display.im_.get_clim() == (0, 1)
    assert display.ax_.get_aspect() == "auto"


def test_axes_of_a_subfigure(rng, pyplot):
    weights = rng.dirichlet(np.ones(4), size=3)
    whole = pyplot.figure(figsize=(8, 4))
    left, _ = whole.subfigures(1, 2)
    display = AttentionDisplay.from_weights(weights, ax=left.subplots())
    assert display.figure_ is left
    assert display.colorbar_.ax in left.axes


@pytest.mark.parametrize(
    ("n", "word", "shown"), [(30, "a", 30), (30, "recurrent", 30), (60, "a", 60), (400, "a", 40)]
)
def test_names_do_not_overlap(n, word, shown, rng, pyplot):
    weights = rng.dirichlet(np.ones(n), size=n)
    display = AttentionDisplay.from_weights(weights, read=[word] * n)
    display.figure_.canvas.draw()
    for axis, start, stop in (display.ax_.xaxis, "x0", "x1"), (display.ax_.yaxis, "y1", "y0"):
        boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
        assert len(boxes) >= shown
        sign = 1 if start == "x0" else -1
        for one, other in pairwise(boxes):
            assert sign * getattr(one, stop) <= sign * getattr(other, start)


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_are_those_of_the_style(style, pyplot):
    with pyplot.style.context(style):
        display = AttentionDisplay.from_weights([[0.0, 0.4, 1.0]])
        ends = pyplot.rcParams["axes.facecolor"], pyplot.rcParams["text.color"]
        first = pyplot.rcParams["axes.prop_cycle"].by_key()["color"][0]
    from matplotlib.colors import to_rgb

    found = display.im_.cmap(display.im_.norm([0.0, 0.4, 1.0]))[:, :3]
    assert_allclose(found, [to_rgb(name) for name in (ends[0], first, ends[1])], atol=0.02)


def test_what_cannot_be_drawn_is_refused(spelled, rng, pyplot, monkeypatch):
    from_estimator, from_weights = AttentionDisplay.from_estimator, AttentionDisplay.from_weights
    X, y = rng.normal(size=(30, 4)), rng.normal(size=(30, 3))
    with pytest.raises(ValueError, match="set attention='dot'"):
        from_estimator(regressor(attention=None).fit(X, y), X)
    with pytest.raises(ValueError, match="not fitted"):
        from_estimator(regressor(), X)
    with pytest.raises(TypeError, match="Ridge has no attention_weights to draw: pass a fitted"):
        from_estimator(make_pipeline(FunctionTransformer(), Ridge()).fit(X, y), X)
    for samples in (24, -1, [], [0, 24], "a", 0.5, True):
        with pytest.raises(ValueError, match=r"samples=.*: X has 24 samples"):
            from_estimator(spelled, WORDS, samples=samples)
    with pytest.raises(ValueError, match=r"there are 2 samples, \[3, 4\].*choose some by samples="):
        from_estimator(spelled, WORDS, samples=[3, 4], ax=pyplot.gca())
    weights = rng.dirichlet(np.ones(3), size=4)
    for wrong in (np.zeros((2, 2, 2, 2)), [weights, weights[0]], weights * [1, 1, np.nan]):
        with pytest.raises(ValueError, match=r"weights\[\d\], of the shape"):
            from_weights(wrong)
    for wrong in (np.full((2, 2), np.nan), [], [[]], 1.0):
        with pytest.raises(ValueError, match="weights"):
            from_weights(wrong)
    with pytest.raises(ValueError, match=r"read\[0\] names 2 steps, but weights\[0\] has 3 col"):
        from_weights(weights, read="ab")
    with pytest.raises(ValueError, match=r"written\[0\] names 2 steps, but weights\[0\] has 4 row"):
        from_weights(weights, written="ab")
    with pytest.raises(ValueError, match="read has names for 3 samples, but weights has 1"):
        from_weights([weights], read="abc")
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'AttentionDisplay needs .*pip install "skrnn\[plot\]"'):
        from_weights(weights)
