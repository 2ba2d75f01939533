"""Conversion of PyTorch's recurrent layers with a linear readout."""

from typing import TYPE_CHECKING

from .._validation.options import Activation
from ..cells import CellName
from ..regressor import RNNRegressor
from ._checks import check_dtypes, class_name, full_name
from ._weights import Architecture, fitted_regressor

if TYPE_CHECKING:
    import torch

# by class: the cell, and the gates in PyTorch's order
_MODULES: dict[str, tuple[CellName, str]] = {
    "RNN": ("elman", "h"),
    "LSTM": ("lstm", "ifgo"),
    "GRU": ("gru", "rzn"),
}


def from_torch(
    recurrent: "torch.nn.RNN | torch.nn.LSTM | torch.nn.GRU",
    readout: "torch.nn.Linear",
    *,
    per_step: bool = False,
) -> RNNRegressor:
    """Convert recurrent layers of PyTorch, and the linear layer above them, to an estimator.

    Parameters
    ----------
    recurrent : torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU
        Recurrent layers with H hidden units, in one direction or both, in float32 or float64.
        The estimator reads ``(n_samples, n_steps, n_features)``, whatever ``batch_first`` is.
    readout : torch.nn.Linear
        Linear layer from the outputs of the last recurrent layer to K outputs. It reads H
        values, or 2H if the layers are bidirectional.
    per_step : bool, default=False
        Whether the estimator predicts at every step, or once per sequence after the last step.

    Returns
    -------
    model : RNNRegressor
        Fitted estimator, without ``loss_`` and ``solver_``. With ``warm_start=True``, `fit`
        resumes from these weights, with the default training parameters.

    Raises
    ------
    TypeError
        If a module is not of one of these classes. Subclasses are refused.
    ValueError
        If a setting, size or dtype has no counterpart in the estimator.

    Notes
    -----
    The weights are reordered gate by gate into those of `RNNRegressor.get_weights`:

    - nn.RNN: cell "elman";
    - nn.LSTM, gates i, f, g, o: cell "lstm", gates o, i, f, g;
    - nn.GRU, gates r, z, n: cell "gru", r, z in ``gates``, n in ``candidate``.

    ``bias_ih`` and ``bias_hh`` are added where the cell has one bias. The candidate of "gru"
    keeps both. Missing biases become 0, and `fit` trains them.

    With ``per_step=False``, a bidirectional readout reads the final state of each direction:
    ``torch.cat([h_n[-2], h_n[-1]], dim=1)``. This differs from ``output[:, -1]``, where the
    backward direction has read one step only.

    The estimator gets the module's ``dropout``, which acts in training only. It differs from
    PyTorch's: it masks the same units at all steps of a sequence, and the readout's inputs too.

    Examples
    --------
    PyTorch isn't a dependency, so this example isn't run with the others:

    >>> import torch  # doctest: +SKIP
    >>> lstm, linear = torch.nn.LSTM(3, 16, num_layers=2), torch.nn.Linear(16, 1)  # doctest: +SKIP
    >>> from_torch(lstm, linear).predict(torch.randn(5, 20, 3).numpy()).shape  # doctest: +SKIP
    (5,)
    """
    name = class_name(recurrent, "torch.nn.modules")
    if name not in _MODULES:
        raise TypeError(
            f"recurrent is a {full_name(recurrent)}: only torch.nn.RNN, nn.LSTM and nn.GRU can be "
            "converted. Pass the parts of a larger module, as in from_torch(model.lstm, "
            "model.linear)."
        )
    if class_name(readout, "torch.nn.modules") != "Linear":
        raise TypeError(
            f"readout is a {full_name(readout)}: only nn.Linear can be converted. Pass the linear "
            "layer above the recurrent ones."
        )
    if recurrent.proj_size:
        raise ValueError(
            f"recurrent has proj_size={recurrent.proj_size}: only 0 can be converted. Train it "
            "without a projection."
        )
    both = recurrent.bidirectional
    size = recurrent.hidden_size * (2 if both else 1)
    if readout.in_features != size:
        raise ValueError(
            f"readout has in_features={readout.in_features}, but recurrent has {size} outputs "
            f"(bidirectional={both}): pass the Linear layer that reads them."
        )
    linear = [w for w in (readout.weight, readout.bias) if w is not None]
    groups = [("recurrent", own) for own in recurrent.all_weights] + [("readout", linear)]
    check_dtypes((part, str(w.dtype).removeprefix("torch.")) for part, own in groups for w in own)
    arrays = [[w.detach().cpu().numpy() for w in own] for _, own in groups]
    cell, gates = _MODULES[name]
    activation: Activation = getattr(recurrent, "nonlinearity", "tanh")
    return fitted_regressor(
        Architecture(cell, gates, activation, both),
        arrays,
        per_step=bool(per_step),
        # PyTorch has no dropout after the last layer
        dropout=float(recurrent.dropout) if recurrent.num_layers > 1 else 0.0,
    )
