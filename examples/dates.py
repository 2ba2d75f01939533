"""Dates, translated
=================

"3 May 1979", "5/21/06" or "tuesday 24 august 1999" become "1999-08-24".

The tutorials' machine translation with attention, character by character. An encoder reads a date
as people write it, in one of nine forms, and a decoder writes it as ISO 8601 has it: names of
months become numbers, parts change places, and years of two digits get a century. Dates are those
from 1970 to 2029; those held out occur in no form in training. A date counts if all its characters
are right. The baselines are the most frequent character of each position, and a logistic regression
for each position on all characters that were read, counted from the beginning and from the end.

Run it with ``python examples/dates.py``, for about half a minute; it draws
``examples/output/dates.png``. An argument sets the number of random states.
"""

# %%
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skrnn import AttentionDisplay, Seq2SeqClassifier, SequencePadder, TokenEncoder

OUTPUT = Path(globals().get("__file__", "")).parent / "output"
SEEDS = range(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
N_TRAIN, N_TEST = 3000, 1000
FORMS = [
    "{d.day} {month} {d.year}",
    "{d.day} {month:.3} {d.year}",
    "{month} {d.day}, {d.year}",
    "{month:.3} {d.day} {yy}",
    "{weekday} {d.day} {month} {d.year}",
    "{weekday} {month} {d.day} {d.year}",
    "{d.month}/{d.day}/{d.year}",
    "{d.month}/{d.day}/{yy}",
    "{d.day:02}.{d.month:02}.{yy}",
]
MONTHS = "January February March April May June July August September October November December"
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def written(d, form, lower):
    """A date as people write it; names are English, whatever the language of the system."""
    month, weekday = MONTHS.split()[d.month - 1], WEEKDAYS.split()[d.weekday()]
    text = form.format(d=d, month=month, weekday=weekday, yy=f"{d.year % 100:02}")
    return text.lower() if lower else text


# %%
# Dates, each once
rng = np.random.RandomState(0)
every = np.arange(date(1970, 1, 1).toordinal(), date(2030, 1, 1).toordinal())
days = [date.fromordinal(i) for i in rng.permutation(every)[: N_TRAIN + N_TEST].tolist()]
forms = rng.randint(len(FORMS), size=len(days))
texts = [written(d, FORMS[k], rng.randint(2)) for d, k in zip(days, forms, strict=True)]
y = np.array([list(d.isoformat()) for d in days])  # (4000, 10): all have ten characters
train, test = slice(N_TRAIN), slice(N_TRAIN, None)
print(f"{N_TRAIN} dates to learn from, {N_TEST} held out")


def report(name, predicted, seconds=None):
    """Print the shares of what is right; return that of dates."""
    right = predicted == y[test]
    took = "" if seconds is None else f", trained in {seconds:.1f} s"
    dates = right.all(axis=1).mean()
    print(f"{name:24s} dates {100 * dates:5.1f} %, characters {100 * right.mean():5.1f} %{took}")
    return dates


# %%
# Baselines, of each position
ids = TokenEncoder("char").fit_transform(texts)
from_the_end = SequencePadder(side="left").fit_transform(ids)[:, :, 0]
rows = np.nan_to_num(np.hstack([ids, from_the_end]))  # 0 where there is no character
frequent = MultiOutputClassifier(DummyClassifier()).fit(rows[train], y[train])
report("most frequent", frequent.predict(rows[test]))
start = time.perf_counter()
varying = [k for k in range(y.shape[1]) if len(set(y[train, k])) > 1]  # not the hyphens
linear = make_pipeline(
    OneHotEncoder(handle_unknown="ignore"),
    MultiOutputClassifier(LogisticRegression(max_iter=300)),
).fit(rows[train], y[train][:, varying])
predicted = np.repeat(y[:1], N_TEST, axis=0)
predicted[:, varying] = linear.predict(rows[test])
report("logistic regression", predicted, time.perf_counter() - start)

# %%
# The network
shares = []
for seed in SEEDS:
    start = time.perf_counter()
    model = Seq2SeqClassifier(
        48, attention="dot", embedding_size=16, max_iter=20, random_state=seed
    )
    pipe = make_pipeline(TokenEncoder("char"), model).fit(texts[train], y[train])
    seconds = time.perf_counter() - start
    predicted = pipe.predict(texts[test])
    shares.append(report(f"network, random state {seed}", predicted, seconds))
print(f"network, median: {100 * np.median(shares):.1f} % of the dates")

# %%
# The first held-out date of each form, as the last network writes it
first = [N_TRAIN + int(np.argmax(forms[test] == k)) for k in range(len(FORMS))]
for i in first:
    print(f"{texts[i]:>28} → {''.join(predicted[i - N_TRAIN])}")

# %%
# The picture: where each character comes from. The encoder has read all of a day or a month at
# the sign behind it, so that the decoder looks there for its first digit, too.
shown = [first[k] for k in (0, 4, 7, 8)]
display = AttentionDisplay.from_estimator(pipe, texts, samples=shown)
for ax, i in zip(display.axes_, shown, strict=True):
    ax.set_title(texts[i])
OUTPUT.mkdir(exist_ok=True)
display.figure_.savefig(OUTPUT / "dates.png", dpi=120)
print(f"picture: {OUTPUT / 'dates.png'}")
# sphinx_gallery_thumbnail_path = '../examples/dates.png'
