"""Every example runs in a process of its own, prints what it claims and draws its picture."""

import re

import numpy as np
import pandas as pd
import pytest

from skrnn.cells import CELLS
from skrnn.datasets import load_alice
from tests.helpers.scripts import EXAMPLES, figure, figures, run


def test_sunspots(tmp_path):
    output = run("sunspots.py", tmp_path)
    persistence = figure(output, "persistence")
    assert figure(output, "RNN, untouched") < 0.7 * persistence
    assert figure(output, "RNN, tuned") < figure(output, "linear, tuned") < persistence


def test_sine_free(tmp_path):
    output = run("sine_free.py", tmp_path)
    last = figure(output, "the last value")
    limits = {"default": 0.05, "LSTM 16, lbfgs": 0.01, "Elman 8, lm": 0.001}
    for name, limit in limits.items():
        rmse, _, phase, _ = figures(output, name)
        assert rmse < min(limit, 0.1 * last), name
        if name != "LSTM 16, lbfgs":
            assert phase < 0.01, name


def test_next_word(tmp_path):
    output = run("next_word.py", tmp_path)
    assert "I love recurrent neural networks: 10 of 10 starts" in output
    assert figure(output, "perplexity of a word") < 3  # of some 30 words


def test_characters(tmp_path):
    """At least 20 % below the trigram, and better than a longer n-gram; texts without labels."""
    output = run("characters.py", tmp_path)
    trigram, longer, network = (
        figure(output, f"  {name}") for name in ("trigram", "5-gram", "network")
    )
    assert longer < trigram < 66 / 5  # of 66 characters
    assert network < 0.8 * trigram
    assert network < longer
    written = re.search(r"^temperature 0\.3: … (.+)", output, flags=re.MULTILINE)[1]
    known = set(re.findall(r"\w+", "\n".join(load_alice().data)))
    assert np.mean([word in known for word in re.findall(r"\w+", written)]) > 0.7


def test_dna(tmp_path):
    """Better for each random state, as it knows order and distance, of which k-mers say nothing."""
    output = run("dna.py", tmp_path)
    for seed in range(3):
        k_mers, network = (
            figure(output, f"random state {seed}, {name}") for name in ("k-mers", "network")
        )
        assert k_mers > 0.55
        assert 1 - network < 0.5 * (1 - k_mers)
    *_, order, distance = figures(output, "network ")
    assert min(order, distance) > 0.7 > 0.5 > max(figures(output, "k-mers ")[-2:])


def test_dates(tmp_path):
    """Of one random state: nearly all dates, and hardly any of the errors of a linear model."""
    output = run("dates.py", tmp_path, "1")
    frequent, linear, network = (
        figure(output, name) for name in ("most frequent", "logistic regression", "network, random")
    )
    assert frequent < 1
    assert network >= 97
    assert 100 - network < 0.3 * (100 - linear)
    days = re.findall(r"^ *(.+) → (\d{4}-\d\d-\d\d)$", output, flags=re.MULTILINE)
    assert len(days) == 9  # forms
    assert sum(pd.Timestamp(text) == pd.Timestamp(iso) for text, iso in days[:7]) >= 6


def test_forecast(tmp_path):
    output = run("forecast.py", tmp_path)
    assert output.startswith("season: 12 rows, logarithm: True")
    mae, mase = figures(output, "Forecaster")
    assert mae < 0.3 * figures(output, "seasonal naive")[0]
    assert mase < 0.6
    assert int(re.search(r"(\d+) of 24 months lie inside", output)[1]) >= 20
    backtest_mase, skill = figures(output, "backtest")
    assert backtest_mase < 0.7
    assert skill > 0.4


def test_long_lags(tmp_path):
    """Of one seed: worst MSE on the adding problem, XOR's, next symbols that are legal, and
    strings remembered.
    """
    output = run("long_lags.py", tmp_path, "1")

    _, guess, linear, _, legal_by_two, *_ = figures(output, "baseline ")
    assert 0.16 < guess < 0.175
    for cell in ("lstm", "gru", "peephole_lstm"):
        _, adding, _, xor, right, legal, remembered, _ = figures(output, f"{cell} ")
        assert adding < 0.01
        assert xor < 0.02 * linear
        assert legal > 99 > legal_by_two
        assert right == remembered == 100
    # in this budget
    _, adding, _, xor, *_ = figures(output, "elman ")
    assert adding > 0.1
    assert xor < 0.02 * linear


def test_weather(tmp_path):
    """Of temperature and humidity: better than persistence, not far off the linear model."""
    output = run("weather.py", tmp_path)
    for hours, gain in [(1, 0.95), (6, 0.87)]:
        rnn = figures(output, f"{hours} h ahead: RNN")
        assert len(rnn) == 2
        assert all(rnn < gain * figures(output, f"{hours} h ahead: persistence"))
        assert all(rnn < 1.05 * figures(output, f"{hours} h ahead: linear"))


def test_lag_importance(tmp_path):
    """The lags that matter, no others; of the weather, that the temperature now comes first."""
    output = run("lag_importance.py", tmp_path)
    table = re.findall(r"^([a-z]+_lag\d+) +(-?\d+\.\d+)", output, flags=re.MULTILINE)
    made_up, weather = table[:5], table[5:]
    assert {name for name, _ in made_up[:2]} == {"a_lag2", "b_lag5"}
    assert all(float(fall) > 0.5 for _, fall in made_up[:2])
    assert all(float(fall) < 0.02 for _, fall in made_up[2:])
    rnn, linear = figures(output, "  RNN")
    assert rnn > 0.8 > 0.5 > linear
    assert weather[0][0] == "temperature_lag0"


def test_addition(tmp_path):
    """Sums that it hasn't seen, whose characters a linear model gets wrong."""
    output = run("addition.py", tmp_path)
    linear = figure(output, "logistic regression")
    for name in ("encoder, decoder", "with attention"):
        assert figure(output, name) >= 0.98 > 0.5 > linear


def test_digits(tmp_path):
    output = run("digits.py", tmp_path, "1")
    rnn = figure(output, "  RNN, median of 1 seed(s)")
    assert rnn > figure(output, "  support vector machine") > figure(output, "  logistic")
    assert rnn >= 0.97


def test_cluster(tmp_path):
    pytest.importorskip("distributed", reason="the extra cluster brings it")
    output = run("cluster.py", tmp_path)
    tasks = [int(n) for n in re.findall(r"^worker \d: (\d+) tasks", output, flags=re.MULTILINE)]
    assert len(tasks) == 2
    assert all(tasks)
    assert len(re.findall(r" 0\.0$", output, flags=re.MULTILINE)) == 3  # the bits are the same
    assert figure(output, "backtest: MASE") < 0.7
    assert figure(output, "mean of four starts") > 0.99


def test_own_cell(tmp_path):
    output = run("own_cell.py", tmp_path)
    for cell in [*CELLS, "minimal gated unit"]:
        assert figure(output, f"{cell} ") < figure(output, "persistence"), cell


@pytest.mark.parametrize("n_files", [1, 2])
def test_prices(tmp_path, n_files):
    rng = np.random.RandomState(0)
    days = pd.bdate_range("2015-01-01", periods=600, name="Date").delete([50, 51, 200])
    # a price that returns to its mean, which persistence doesn't know
    price = np.zeros(len(days))
    for t in range(1, len(days)):
        price[t] = 0.3 * price[t - 1] + rng.normal()
    frame = pd.DataFrame({"Open": 100 + price}, index=days).iloc[::-1]
    cuts = [frame] if n_files == 1 else [frame.iloc[100:], frame.iloc[:100]]
    paths = [tmp_path / f"{i}.csv" for i in range(n_files)]
    for cut, path in zip(cuts, paths, strict=True):
        cut.to_csv(path)
    output = run("prices.py", tmp_path, *map(str, paths))
    assert figure(output, "RNN") < figure(output, "persistence")


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("[!_]*.py")), ids=lambda p: p.name)
def test_scripts_are_cells(path):
    text = path.read_text()
    assert text.count("# %%") >= 3
    assert "(__file__" not in text  # neither a notebook nor the gallery has it


def test_sort_and_reverse(tmp_path):
    output = run("sort_and_reverse.py", tmp_path)
    linear, plain, attention = (
        figures(output, line)
        for line in ("Ridge on the 8 numbers", "encoder, decoder", "with attention")
    )
    assert linear[1] > 0.999  # each reversed number is one of the inputs
    assert 1 - attention[0] < 0.2 * (1 - linear[0])
    assert 1 - plain[0] < 0.5 * (1 - linear[0])
    assert 1 - attention[1] < 0.5 * (1 - plain[1])


def test_progress(tmp_path):
    pytest.importorskip("sklearn.callback", reason="scikit-learn has callbacks from 1.9 on")
    output = run("progress.py", tmp_path)
    assert re.search(r"GridSearchCV - search #0 .* 100%", output)
    epochs = [int(n) for n in re.findall(r"(\d+) epochs", output)]
    assert epochs[0] == 60
    assert epochs[1] < 60
    errors = [float(e) for e in re.findall(r"held-out error (\S+)", output)]
    assert max(errors[:2]) < errors[2]  # persistence
