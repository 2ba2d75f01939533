"""From an estimator's parameters to a solver."""

from typing import Any

from .._engine.network import Network
from .._training.dataset import SequenceData
from .._training.penalty import PenaltyRule
from .._training.solvers import SCHEDULES, SOLVERS, FirstOrderSolver, Solver

# up to here a Jacobian costs little more than a gradient
_AUTO_LM_PARAMETERS = 500
_AUTO_LM_OUTPUTS = 10
_AUTO_LM_STEPS = 25_000  # outputs times steps, where each step has a target
_NOISE_RATIO = 10.0  # of the penalty to the noise
_AUTO_INCREMENTAL = 1.0  # the noise isn't known from the first call on
_AUTO_JUDGED = 0.1  # a validation set says when to stop, so a weak penalty serves
_AUTO_NOT_JUDGED = 1.0


def supports_partial_fit(estimator: Any) -> bool:
    """Whether the solver updates the weights after each batch; if not, AttributeError says so."""
    solver = SOLVERS.get(estimator.solver)
    if solver is not None and solver.full_batch:
        names = [name for name, own in SOLVERS.items() if not own.full_batch]
        raise AttributeError(
            f"solver={estimator.solver!r} needs all data at once, so it can't train on one chunk "
            f"after the other: use one of {['auto', *names]} for partial_fit."
        )
    return True


def check_takes_parts(estimator: Any) -> None:
    """Raise ValueError if a parameter needs all data at once, which `partial_fit` doesn't see."""
    if estimator.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True.")
    if getattr(estimator, "class_weight", None) == "balanced":
        raise ValueError(
            "class_weight='balanced' is not supported for partial_fit, which doesn't see all "
            "labels at once. Pass a dict, or sample_weight."
        )


def choose_solver(
    estimator: Any, network: Network, data: SequenceData, *, incremental: bool
) -> str:
    """Return the name of the solver for these data, with "auto" resolved.

    Raises ValueError if the solver doesn't support the parameters.
    """
    P, topology, name = network.layout.size, network.topology, estimator.solver
    K = topology.n_outputs
    drops = topology.dropout > 0 or topology.recurrent_dropout > 0
    if name == "auto":
        small = topology.has_jacobian and P <= _AUTO_LM_PARAMETERS and K <= _AUTO_LM_OUTPUTS
        if topology.per_step:
            N, T = len(data.rows), data.X.shape[1]
            # otherwise, the penalty may be far too weak for what "lm" can do
            few = N * T**2 * K <= _AUTO_LM_STEPS
            small = small and few and penalty_of(estimator).follows_noise
        return "lm" if small and not (drops or incremental) else "adam"
    solver = SOLVERS[name]
    if solver.full_batch and drops:
        raise ValueError(
            f"solver={name!r} needs the same loss in every epoch, but dropout={topology.dropout} "
            f"and recurrent_dropout={topology.recurrent_dropout} make it random. Use "
            "solver='adam', or no dropout: alpha regularizes small networks as well."
        )
    forcing = getattr(estimator, "teacher_forcing", 1.0)
    if solver.full_batch and forcing < 1:
        raise ValueError(
            f"solver={name!r} needs the same loss in every epoch, but teacher_forcing={forcing} "
            "draws what the decoder reads. Use teacher_forcing=1.0, or solver='adam'."
        )
    if solver.full_batch and topology.bptt_steps is not None and topology.per_step:
        raise ValueError(
            f"solver={name!r} makes one step per epoch, so with a target for every step there "
            f"is no update after each chunk of bptt_steps={topology.bptt_steps}. Use "
            "bptt_steps=None, or solver='adam'."
        )
    if solver.exact_gradient and topology.bptt_steps is not None:
        raise ValueError(
            f"solver={name!r} searches along the exact gradient, which bptt_steps="
            f"{topology.bptt_steps} cuts off. Use bptt_steps=None, or solver='adam'."
        )
    if solver.max_parameters is not None and solver.max_parameters < P:
        raise ValueError(
            f"solver={name!r} works with matrices of n_weights × n_weights numbers: {P} weights "
            f"are more than its limit of {solver.max_parameters}. "
            f"Lower hidden_size={estimator.hidden_size}, or use solver='adam'."
        )
    return name


def penalty_of(
    estimator: Any, *, incremental: bool = False, is_judged: bool = False
) -> PenaltyRule:
    """The penalty of a fit that doesn't resume another one, with "auto" resolved.

    ``is_judged`` says that a validation set, or repeated sequences, tell noise from the rest.
    """
    if estimator.alpha != "auto":
        return PenaltyRule(float(estimator.alpha))
    if incremental:
        return PenaltyRule(_AUTO_INCREMENTAL)
    if estimator._holds_out_parts:
        return PenaltyRule(_AUTO_JUDGED if is_judged else _AUTO_NOT_JUDGED)
    return PenaltyRule(_NOISE_RATIO, follows_noise=True, with_readout=True)


def schedule_of(estimator: Any, *, incremental: bool = False) -> str:
    """The name of the learning rate's schedule, with "auto" resolved: one that ends serves a fit.

    Training that goes on from call to call has no end.
    """
    if estimator.learning_rate != "auto":
        return estimator.learning_rate
    return "constant" if incremental or estimator.warm_start else "cosine"


def make_solver(estimator: Any, name: str, *, incremental: bool = False) -> Solver:
    """A solver with the estimator's parameters."""
    solver = SOLVERS[name]
    options = {option: getattr(estimator, option) for option in solver.options}
    if not issubclass(solver, FirstOrderSolver):
        return solver(**options)
    schedule = SCHEDULES[schedule_of(estimator, incremental=incremental)](
        estimator.learning_rate_init, power_t=estimator.power_t, max_iter=estimator.max_iter
    )
    clipping = {"clip_norm": estimator.clip_norm, "clip_value": estimator.clip_value}
    return solver(schedule, **clipping, **options)
