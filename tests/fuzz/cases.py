"""A case: what one seed draws, calls and checks."""

import signal
import threading
import time
import traceback
import warnings
from contextlib import contextmanager

import numpy as np

from .draw import one_of
from .encoder_decoders import encoder_decoder
from .estimators import well_formed
from .label_decoders import label_decoder
from .refusals import refused_by_estimators, refused_by_functions, refused_by_transformers
from .transformers import encoded, flattened, ordered, padded, patched, scaled
from .watch import Watch
from .windows import pipeline, windows, windows_and_targets

SLOW = 20  # seconds

ARGUMENTS = {
    "X",
    "y",
    "sample_weight",
    "X_val",
    "y_val",
    "sample_weight_val",
    "x",
    "state",
    "initial_state",
    "weights",
    "classes",
}

KINDS = [  # each as often as it is here
    *[well_formed] * 10,
    *[refused_by_estimators] * 6,
    *[windows, windows, windows_and_targets, pipeline],
    *[encoder_decoder, encoder_decoder, *[label_decoder] * 4],
    *[scaled, padded, patched, ordered, flattened, encoded],
    *[refused_by_transformers, refused_by_functions],
]


def run_case(seed):
    """Run the case of a seed; return the seed, what was drawn, as text, and the findings."""
    rng, notes = np.random.RandomState(seed), []
    kind, watch = one_of(rng, KINDS), Watch(ARGUMENTS)
    start = time.monotonic()
    try:
        with limited(2 * SLOW), warnings.catch_warnings():
            warnings.simplefilter("error")  # of the fuzzer's own code
            kind(rng, watch, notes)
    except TimeoutError:
        watch.find("endless", f"stopped after {2 * SLOW} s", traceback.format_exc())
    except Exception as error:
        watch.find("the fuzzer itself failed", repr(error), traceback.format_exc())
    if time.monotonic() - start > SLOW:
        watch.find("slow", f"more than {SLOW} s")
    drawn = " ".join("; ".join(map(str, notes)).split())
    return seed, f"{kind.__name__}: {drawn}", watch.findings


@contextmanager
def limited(seconds):
    """Raise TimeoutError in the block after some time, where signals can do so."""

    def stop(signum, frame):
        raise TimeoutError

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
