"""The tutorials, redone: their figures, and ours below those of the baselines."""

import re

import numpy as np
import pandas as pd

from tests.helpers.scripts import EXAMPLES, figure, figures, run


def test_one_to_one(tmp_path):
    """The worked step to all digits; of the sine, what the state is worth."""
    output = run("tutorials/one_to_one.py", tmp_path)
    assert "state after x = 1: [0.537 0.462]" in output
    published = {"state, unit 1": 0.85972772, "state, unit 2": 0.88365397, "output": 2.72703566}
    for name, value in published.items():
        assert (figures(output, f"{name} ") == value).all()
    rivals = ["last value", "linear model of it", "without the state"]
    assert figure(output, "step by step") < 0.1 * min(figure(output, name) for name in rivals)


def test_one_to_many(tmp_path):
    output = run("tutorials/one_to_many.py", tmp_path)
    linear = figure(output, "linear model")
    assert linear < figure(output, "mean curve")
    assert figure(output, "Seq2SeqRegressor, as first state") < 0.3 * linear
    assert figure(output, "RNNRegressor, at each step") < 0.1 * linear


def test_many_to_one(tmp_path):
    output = run("tutorials/many_to_one.py", tmp_path)
    sine, price = output.split("The price")
    alone = figure(sine, "skrnn, network alone")
    assert alone < figure(sine, "Ridge") < figure(sine, "tutorial") < figure(sine, "last value")
    assert figure(sine, "skrnn, default") < 1e-6
    linear, model = figures(price, "linear model of 60 days"), figures(price, "skrnn, default")
    assert (model < linear).all()
    assert (linear < 0.95 * figures(price, "last value")).all()


def test_many_to_one_reads_prices(tmp_path):
    """Of two files, in any order of rows, the second one has the days to test on."""
    days = pd.bdate_range("2020-01-01", periods=300, name="Date")
    frame = pd.DataFrame({"Open": 100 + np.sin(np.arange(300))}, index=days).iloc[::-1]
    paths = [tmp_path / name for name in ("train.csv", "test.csv")]
    for path, part in zip(paths, (frame.iloc[20:], frame.iloc[:20]), strict=True):
        part.to_csv(path)
    output = run("tutorials/many_to_one.py", tmp_path, *map(str, paths))
    _, price = output.split("The price")
    assert "on 20 days" in price
    assert figure(price, "skrnn, default") < 0.01 * figure(price, "last value")


def test_many_to_many(tmp_path):
    output = run("tutorials/many_to_many.py", tmp_path)
    for rival in ("of the step", "of all bits"):
        bits, sums = figures(output, f"logistic regression {rival}")
        assert bits < 0.6
        assert sums < 0.1
    for name in ("skrnn ", "skrnn, 32 bits"):
        bits, sums = figures(output, name)
        assert bits >= 0.99
        assert sums >= 0.95
    words = re.findall(r"^(tutorial|most frequent follower|skrnn) +([a-z]+)$", output, re.MULTILINE)
    assert dict(words)["tutorial"] == dict(words)["skrnn"] != dict(words)["most frequent follower"]


def test_encoder_decoder(tmp_path):
    """Sums that it hasn't seen, whose characters a linear model gets wrong."""
    output = run("tutorials/encoder_decoder.py", tmp_path)
    characters, answers = figures(output, "skrnn")
    assert characters >= figure(output, "tutorial")
    assert answers >= 0.98 > 0.5 > figures(output, "logistic regression")[1]
    assert len(re.findall(r"^\d+\+\d+ = \d+: (\d+ \(\d+%\)(, )?){3}$", output, re.MULTILINE)) == 3


def test_pictures_are_small_and_of_each_script():
    scripts = {path.stem for path in (EXAMPLES / "tutorials").glob("[!_]*.py")}
    pictures = {path.stem: path for path in (EXAMPLES / "tutorials").glob("*.png")}
    assert set(pictures) == scripts
    assert all(path.stat().st_size < 60_000 for path in pictures.values())
