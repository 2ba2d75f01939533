"""Training runs that end after a given time, with the test error on the way, for ``solvers.py``."""

import time
from dataclasses import dataclass

import numpy as np
from _tools import Job, torch_network
from sklearn.metrics import root_mean_squared_error

from skrnn import RNNRegressor

H = 8  # units
BATCH_SIZE = 32  # the default of up to 200 gives short series very few updates per epoch
ENDLESS = 10**9  # epochs: only the time ends a training run
SPACING = 1.03  # least ratio of the times of two successive test errors: the resolution


@dataclass(frozen=True)
class Data:
    """A job: windows and targets, the RMSE of "same as before", and the penalty."""

    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    persistence: float
    alpha: float


class Stopwatch:
    """Test errors, divided by persistence's, against seconds of training; tests take no time."""

    def __init__(self, data: Data, budget: float):
        self.data, self.budget = data, budget
        self.seconds, self.errors = [], []
        self.over, self.loss = False, np.inf
        self._paused, self._start = None, time.perf_counter()

    def pause(self):
        self._paused = time.perf_counter()

    def look(self, predict, *, last=False) -> bool:
        """Note the error if it is due, and restart the clock; return whether the time is up."""
        elapsed = self._paused - self._start
        self.over = self.over or last or elapsed >= self.budget
        if self.over or not self.seconds or elapsed >= SPACING * self.seconds[-1]:
            predicted = np.ravel(predict())
            # predictions that aren't finite count as an infinite error
            ok = np.isfinite(predicted).all()
            error = root_mean_squared_error(self.data.y_test, predicted) if ok else np.inf
            self.seconds.append(elapsed)
            self.errors.append(error / self.data.persistence)
        self._start += time.perf_counter() - self._paused
        return self.over


# --- skrnn ---


class Pause:
    """A callback before `Look` that stops the clock, as `Look`'s fitted estimator takes time."""

    def __init__(self, watch):
        self.watch = watch

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        self.watch.pause()


class Look(Pause):
    """A callback that notes the test error after an epoch, and stops when the time is up."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        ended = context.parent is None  # of the whole fit: a solver that gave up comes here early
        if fitted_estimator is None or self.watch.over:
            return self.watch.over
        return self.watch.look(lambda: fitted_estimator.predict(self.watch.data.X_test), last=ended)


def train_skrnn(data, watch, seed, solver, rate, *, endless=True):
    """Train until the time is up, or until the defaults of `tol` and `max_iter` end it."""
    options = {} if rate is None else {"learning_rate_init": rate, "batch_size": BATCH_SIZE}
    if endless:
        options |= {"max_iter": ENDLESS, "n_iter_no_change": ENDLESS, "tol": 0}
    model = RNNRegressor(H, solver=solver, alpha=data.alpha, random_state=seed, n_jobs=1, **options)
    model.set_callbacks(Pause(watch), Look(watch))
    model.fit(data.X, data.y)
    watch.loss = model.loss_


# --- PyTorch ---


def torch_objective(data, seed):
    """The modules, the objective of some training rows, and a function to predict the test."""
    import torch

    torch.set_num_threads(1)
    modules, predict = torch_network(Job("Elman", H, *data.X.shape[1:], BATCH_SIZE), seed)
    modules.double()
    mean, scale = data.y.mean(), data.y.std()
    x, x_test = (torch.from_numpy(a.transpose(1, 0, 2).copy()) for a in (data.X, data.X_test))
    targets = torch.from_numpy((data.y - mean) / scale)[:, None]
    decayed = [modules[0].weight_ih_l0, modules[0].weight_hh_l0]

    def objective(rows=slice(None)):
        penalty = sum((weights**2).sum() for weights in decayed)
        misfit = torch.nn.functional.mse_loss(predict(x[:, rows]), targets[rows])
        return 0.5 * (misfit + data.alpha / len(targets) * penalty)

    def predict_test():
        with torch.no_grad():
            return predict(x_test).numpy() * scale + mean

    return modules, objective, predict_test


def train_torch(data, watch, seed, solver, rate):
    """Train until the time is up."""
    import torch

    modules, objective, predict_test = torch_objective(data, seed)
    if solver == "adam":
        optimizer = torch.optim.Adam(modules.parameters(), lr=rate, fused=True)
    else:
        optimizer = torch.optim.LBFGS(
            modules.parameters(),
            history_size=10,  # SciPy's
            line_search_fn="strong_wolfe",
            tolerance_grad=0,
            tolerance_change=0,
        )

    def closure(rows=slice(None)):
        optimizer.zero_grad()
        loss = objective(rows)
        loss.backward()
        return loss

    while not watch.over:
        if solver == "adam":
            for rows in torch.randperm(len(data.y)).split(BATCH_SIZE):
                closure(rows)
                optimizer.step()
        else:
            optimizer.step(closure)  # up to 20 iterations
        watch.pause()
        watch.look(predict_test)
    with torch.no_grad():
        watch.loss = float(objective())
