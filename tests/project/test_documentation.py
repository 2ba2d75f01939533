"""Everything public is documented in numpydoc's form, and says what the code does."""

import inspect
import re

import numpy as np
import pytest
from sklearn.base import clone

import skrnn
from skrnn import cells, datasets, interop

PUBLIC = [
    *(getattr(skrnn, name) for name in skrnn.__all__ if name not in ("cells", "interop")),
    *(getattr(datasets, name) for name in datasets.__all__),
    *(getattr(interop, name) for name in interop.__all__),
]
CELLS = [getattr(cells, name) for name in cells.__all__ if name != "CELLS"]
METHODS = [
    pytest.param(getattr(cls, name), id=f"{cls.__name__}.{name}")
    for cls in PUBLIC
    if inspect.isclass(cls)
    for name in dir(cls)
    if not name.startswith("_") and callable(getattr(cls, name))
    if (getattr(getattr(cls, name), "__module__", None) or "").startswith("skrnn")
]


def section(doc, title):
    """The text below a numpydoc heading."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", doc, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def documented(doc, title):
    """Name and type of each entry, as numpydoc has them: ``name : type``."""
    text = re.sub(r"\\\n\s+", "", section(doc, title))  # types over two lines
    entries = re.findall(r"^\*{0,2}(\w[\w, ]*) : (.+)$", text, re.MULTILINE)
    return {name.strip(): text for names, text in entries for name in names.split(",")}


def described(doc, title):
    """Type and description of each entry, on one line each; one entry may have several names."""
    text = re.sub(r"\\\n\s+", "", section(doc, title))
    entries = re.findall(r"^(\w[\w, ]*) : (.+)\n((?:(?: +.*)?\n?)*)", text, re.MULTILINE)
    return {name: (kind, " ".join(body.split())) for name, kind, body in entries}


@pytest.mark.parametrize("thing", PUBLIC + CELLS, ids=lambda t: t.__name__)
def test_public_things_have_parameters_and_an_example(thing):
    doc = inspect.getdoc(thing)
    parameters = inspect.signature(thing).parameters
    entries = documented(doc, "Parameters")
    assert list(entries) == list(parameters)
    for name, parameter in parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            default = parameter.default
            text = f'"{default}"' if isinstance(default, str) else f"{default}"
            text = f"np.{default.__name__}" if isinstance(default, type) else text
            assert re.search(rf"default={re.escape(text)}$", entries[name]), name
        assert parameter.annotation is not inspect.Parameter.empty or name in ("X", "y"), name
    assert ">>> " in section(doc, "Examples")


@pytest.mark.parametrize("method", METHODS)
def test_methods_document_parameters_and_results(method):
    doc = inspect.getdoc(method)
    signature = inspect.signature(method)
    parameters = [name for name in signature.parameters if name != "self"]
    assert list(documented(doc, "Parameters")) == parameters
    assert section(doc, "Returns")


@pytest.mark.parametrize("thing", [*PUBLIC, *CELLS, *METHODS], ids=lambda t: t.__name__)
def test_help_shows_short_signatures(thing):
    """ArrayLike stays a word, rather than the union that it stands for."""
    signature = inspect.signature(thing)
    assert all(len(str(parameter)) <= 100 for parameter in signature.parameters.values())
    assert len(str(signature.return_annotation)) <= 100


X, Y = np.random.RandomState(0).normal(size=(20, 4, 1)), np.arange(20) % 3
ESTIMATORS = [
    pytest.param(estimator, data, id=type(estimator).__name__)
    for estimator, data in [
        (skrnn.RNNRegressor(max_iter=1), X),
        (skrnn.RNNClassifier(max_iter=1), X),
        (skrnn.RNNClassifier(max_iter=1, embedding_size=2), X > 0),
        (skrnn.Seq2SeqClassifier(max_iter=1), X),
        (skrnn.Seq2SeqRegressor(max_iter=1), X),
        (skrnn.RowsToSequences(), X[..., 0]),
        (skrnn.SequencePadder(), X),
        (skrnn.SequencePatcher(2), X),
        (skrnn.SequenceScaler(), X),
        (skrnn.SlidingWindow(2), X[:, 0]),
        (skrnn.TokenEncoder(), ["a b", "c"] * 10),
    ]
]


@pytest.mark.parametrize(("estimator", "data"), ESTIMATORS)
def test_fitted_attributes_are_documented(estimator, data):
    estimator = clone(estimator).fit(data, Y)
    fitted = {name for name in vars(estimator) if name.endswith("_")}
    attributes = documented(inspect.getdoc(type(estimator)), "Attributes")
    names = set() if isinstance(estimator, skrnn.TokenEncoder) else {"feature_names_in_"}
    of_tokens = {"n_tokens_"} if hasattr(estimator, "n_tokens") else set()
    assert fitted | of_tokens | names == set(attributes)


# What may differ between the texts of the estimators, and why.
OWN_TYPES = {
    "y",  # of a classifier of tokens, there may be none
    "hidden_size",  # each has its own default
    "cell",  # each has its own default
}
OWN_TEXTS = {
    "y",  # targets or labels
    "y_val",  # its scale or its classes
    "n_outputs_",  # two classes share one output
    "alpha",  # what "auto" means
    "alpha_",  # a linear part has one, too
    "loss_curve_",  # a linear part has one, too
}
ADDED = {  # sentences that the classifier has beside the shared text
    "early_stopping": "With one label per sequence, it has the last samples of each class.",
}


def shared_entries():
    pairs = [
        (skrnn.RNNRegressor, skrnn.RNNClassifier, "Parameters"),
        (skrnn.RNNRegressor, skrnn.RNNClassifier, "Attributes"),
        (skrnn.RNNRegressor.fit, skrnn.RNNClassifier.fit, "Parameters"),
        (skrnn.RNNRegressor.partial_fit, skrnn.RNNClassifier.partial_fit, "Parameters"),
    ]
    for regressor, other, title in pairs:
        owner = regressor.__name__ if inspect.isfunction(regressor) else title
        for name, *texts in both_texts(regressor, other, title):
            yield pytest.param(name, *texts, id=f"{owner}-{name}")


def both_texts(one, other, title):
    """Name of each entry that two things have, and what they say of it."""
    one, other = (described(inspect.getdoc(thing), title) for thing in (one, other))
    for name in sorted(one.keys() & other.keys()):
        yield name, one[name], other[name]


@pytest.mark.parametrize(("name", "of_regressor", "of_classifier"), sorted(shared_entries()))
def test_estimators_share_the_texts_of_what_they_share(name, of_regressor, of_classifier):
    (kind, text), (other_kind, other_text) = of_regressor, of_classifier
    assert text
    assert (kind == other_kind) == (name not in OWN_TYPES)
    if name in ADDED:
        assert ADDED[name] in other_text
        other_text = other_text.replace(f" {ADDED[name]}", "")
    assert (text == other_text) == (name not in OWN_TEXTS)


@pytest.mark.parametrize("title", ["Parameters", "Attributes"])
def test_the_encoder_decoder_shares_texts_with_the_regressor(title):
    own = {
        "Parameters": [
            *("alpha", "batch_size", "bidirectional", "cell", "early_stopping", "ensemble"),
            *("hidden_size", "learn_initial_state", "n_init", "normalize_y", "quantile"),
            *("random_state", "solver", "static_features"),
        ],
        "Attributes": ["alpha_", "loss_curve_", "validation_loss_curve_"],
    }
    classes = skrnn.RNNRegressor, skrnn.Seq2SeqRegressor
    # references have numbers of their own
    texts = [
        (name, [(k, re.sub(r" \[\d\]_", "", t)) for k, t in found])
        for name, *found in both_texts(*classes, title)
    ]
    assert {name for name, (one, other) in texts if one != other} == set(own[title])
    assert len(texts) > len(own[title])


def test_shared_texts_are_compared_for_every_shared_parameter():
    names = {param.values[0] for param in shared_entries()}
    classes = skrnn.RNNRegressor, skrnn.RNNClassifier
    one, other = (inspect.signature(cls).parameters.keys() for cls in classes)
    assert names >= (one & other) | OWN_TYPES | OWN_TEXTS | set(ADDED)


def test_equations_name_their_source():
    doc = inspect.getdoc(skrnn.RNNRegressor)
    assert ".. math::" in doc
    assert "Elman" in section(doc, "References")
    for cell in cells.CELLS.values():
        doc = inspect.getdoc(cell)
        assert ".. math::" in doc
        assert re.search(r"et al\.|, \"", doc)
        assert re.search(r"\(?(19|20)\d\d", doc)


def test_changelog_knows_every_public_name():
    from pathlib import Path

    text = (Path(skrnn.__file__).parents[1] / "CHANGELOG.md").read_text()
    for thing in PUBLIC + CELLS:
        assert f"`{thing.__name__}`" in text
