"""One to one: a step, and what a state is
=======================================

One step of input gives one output. An ordinary model does this, too: a row in, a number out. A
recurrent network also keeps a *state*, an array that each step changes and hands on to the next.
It is all that the network remembers. The first part works out one step by hand, as textbooks do.
The second part steps through a series, and shows what the state is worth.

Run it with ``python examples/tutorials/one_to_one.py``; it draws
``examples/tutorials/output/one_to_one.png``.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from _shapes import draw_shape
from sklearn.linear_model import LinearRegression

from skrnn import RNNRegressor
from skrnn.interop import from_weights

OUTPUT = Path(globals().get("__file__", "")).parent / "output"

# %%
# A step by hand
# --------------
#
# The textbook has two hidden units, reads x = 1 and then x = 2, and rounds the state between them.
#
# .. list-table::
#    :header-rows: 1
#
#    * - the textbook, in NumPy
#      - skrnn
#    * - the weights of ``[h, x]`` in one matrix ``W`` (3, 2)
#      - ``from_weights`` takes it in two parts, transposed: of the state, and of the input
#    * - ``h = np.tanh(np.hstack([h, x]) @ W + b)``, then ``y = h @ V + c``
#      - ``y, h = model.step(x, h)``
#    * - a loop over the steps
#      - the same loop, or ``model.predict`` of all steps at once
W = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
weights = {
    "layer0.recurrent": W[:2].T,
    "layer0.input": W[2:].T,
    "layer0.bias": [0.1, -0.1],
    "readout.input": [[1.0, 2.0]],
    "readout.bias": [0.1],
}
model = from_weights(weights, RNNRegressor(hidden_size=2))
outputs, states = [], []
for x, state in [(1.0, None), (2.0, [0.537, 0.462])]:  # None: it starts from zeros
    output, state = model.step([x], state=state)
    outputs.append(output)
    states.append(state)

published = [0.85972772, 0.88365397, 2.72703566]
table = pd.DataFrame(
    {"textbook": published, "skrnn": [*states[1], outputs[1]]},
    index=["state, unit 1", "state, unit 2", "output"],
)
print(f"state after x = 1: {states[0].round(3)}")
print(table.to_string(float_format="{:.8f}".format))

# %%
# Step after step
# ---------------
#
# Now the weights are learned. The network reads one value of a sine and predicts the next. The
# same value occurs on the way up and on the way down, so that a model of one value can't know what
# follows. The state can.
#
# .. list-table::
#    :header-rows: 1
#
#    * - tutorials, in PyTorch or Keras
#      - skrnn
#    * - ``stateful=True``, or a loop that hands on ``h.detach()``
#      - ``bptt_steps=1``: each step of training starts from the state before it
#    * - an optimizer, a loss, and a loop over epochs
#      - ``fit(X, y)``, where X is (1, T, 1), one long sequence, and y is (1, T, 1)
#    * - ``y, h = rnn(x, h)`` in a loop over live values
#      - ``y, state = model.step(x, state)`` in the same loop
series = np.sin(np.arange(200))
X, y = series[None, :-1, None], series[None, 1:, None]  # (1, 199, 1): the next value at each step
network = RNNRegressor(
    hidden_size=8,
    solver="adam",
    bptt_steps=1,
    alpha=0,  # the series has no noise, so a penalty has nothing to prevent
    learning_rate_init=0.001,
    max_iter=300,
    n_iter_no_change=300,
    random_state=0,
)
network.fit(X[:, :150], y[:, :150])

_, state = network.predict(X[:, :150], return_state=True)  # the past
stepped, forgetful = [], []
for x in X[:, 150:].swapaxes(0, 1):  # values come in one by one, (1, 1)
    prediction, state = network.step(x, state)
    stepped.append(prediction[0])
    forgetful.append(network.step(x)[0][0])  # the same network, its state thrown away

# %%
# Is it better? The baselines are the last value, and a linear model of it.
linear = LinearRegression().fit(X[0, :150], y[0, :150, 0])
forecasts = {
    "last value": X[0, 150:, 0],
    "linear model of it": linear.predict(X[0, 150:]),
    "without the state": np.ravel(forgetful),
    "step by step": np.ravel(stepped),
}
truth = y[0, 150:, 0]
rmse = {name: np.sqrt(np.mean((own - truth) ** 2)) for name, own in forecasts.items()}
print(pd.DataFrame({"RMSE": rmse}).to_string(float_format="{:.4f}".format))

# %%
# On the left, the worked step: each step reads one number and the state before it. On the right,
# the last values of the sine.
figure, (shape, result) = plt.subplots(
    1, 2, figsize=(9, 3), width_ratios=[1.25, 1], layout="constrained"
)
draw_shape(
    shape,
    ["1", "2"],
    [f"{output:.3f}" for output in outputs],
    states=[f"{one:.3f}, {other:.3f}" for one, other in states],
    carried=True,
    width=0.7,
)
shape.set_title("One input, one output, and a state that goes on")
times = np.arange(151, 200)[-20:]
result.plot(times, truth[-20:], color="0.6", linewidth=5, alpha=0.6, label="series")
for name, color in [("without the state", "C3"), ("step by step", "C0")]:
    result.plot(times, forecasts[name][-20:], color=color, marker=".", label=name)
result.set(title="The next value of a sine", xlabel="step", ylim=(-1.2, 3.2))
result.legend(loc="upper center", ncols=2, fontsize=8)
OUTPUT.mkdir(exist_ok=True)
figure.savefig(OUTPUT / "one_to_one.png", dpi=100)
print(f"picture: {OUTPUT / 'one_to_one.png'}")
