"""The picture of attention: which steps a decoder looked at for each one that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from .._sklearn.pipelines import last_step
from .._transformers.token_encoder import TokenEncoder
from .._validation.sequences import check_sequences
from .axes import make_axes, name_cells
from .steps import names_read, names_written, shown, with_names
from .style import import_pyplot, shades

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_MOST_SAMPLES = 9
_CELL = 0.24  # inches
_SINGLE, _SMALL = (2.4, 8.0), (2.0, 4.0)  # inches: shortest and longest side of a map
_BESIDE, _BELOW = 1.8, 0.9  # inches: for names, and to the right the colour bar
_LONGEST = 3  # ratio of the sides up to which cells are squares


class AttentionDisplay:
    """Heat map of attention weights: what was read from left to right, and written downwards.

    Each row is a step of the decoder. Its weights add up to 1 over the steps of the encoder.
    Use `from_estimator` or `from_weights` to create one.

    Parameters
    ----------
    weights : list of ndarray of shape (n_target_steps_i, n_steps_i)
        Weights of each sample.
    read : list of lists or None, default=None
        Names of the steps that were read, of each sample. None: their numbers.
    written : list of lists or None, default=None
        Names of the steps that were written, of each sample. None: their numbers.
    samples : list or None, default=None
        Numbers of the samples, for the titles of several. None: from 0 on.
    xlabel : str, default="read"
        Name of the axis of what was read.
    ylabel : str, default="written"
        Name of the axis of what was written.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the first sample.
    axes_ : list of matplotlib Axes
        Axes of each sample.
    figure_ : matplotlib Figure
        Figure containing the heat maps.
    im_ : matplotlib AxesImage
        Heat map of the first sample.
    images_ : list of matplotlib AxesImage
        Heat maps of each sample, with one colour scale.
    colorbar_ : matplotlib Colorbar or None
        The scale, if there is one.

    See Also
    --------
    Seq2SeqClassifier.attention_weights : The weights.
    Seq2SeqRegressor.attention_weights : The weights.

    Examples
    --------
    Spell words backwards, and look at where each letter comes from:

    >>> import numpy as np
    >>> from sklearn.pipeline import make_pipeline
    >>> from skrnn import AttentionDisplay, Seq2SeqClassifier, TokenEncoder
    >>> rng = np.random.RandomState(0)
    >>> words = ["".join(rng.choice(list("abc"), rng.randint(1, 5))) for _ in range(400)]
    >>> model = Seq2SeqClassifier(attention="dot", embedding_size=4, max_iter=20, random_state=0)
    >>> pipe = make_pipeline(TokenEncoder("char"), model)
    >>> pipe = pipe.fit(words, [list(word[::-1]) for word in words])
    >>> display = AttentionDisplay.from_estimator(pipe, ["abc"])
    >>> [label.get_text() for label in display.ax_.get_xticklabels()]
    ['a', 'b', 'c']
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['c', 'b', 'a', '(end)']
    """

    ax_: Axes
    axes_: list[Axes]
    colorbar_: Colorbar | None
    figure_: Figure | Any
    im_: AxesImage
    images_: list[AxesImage]

    def __init__(
        self,
        *,
        weights: list[np.ndarray],
        read: Sequence[Sequence[Any]] | None = None,
        written: Sequence[Sequence[Any]] | None = None,
        samples: list[int] | None = None,
        xlabel: str = "read",
        ylabel: str = "written",
    ):
        self.weights = weights
        self.read = read
        self.written = written
        self.samples = samples
        self.xlabel = xlabel
        self.ylabel = ylabel

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: ArrayLike,
        *,
        samples: int | Sequence[int] | None = None,
        encoder: TokenEncoder | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
        colorbar: bool = True,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Predict, and plot which steps the decoder looked at.

        Tokens, labels and single numbers are named, numbers as the network reads them. Steps of
        several numbers are counted. Missing steps at the end of X are left out.

        Parameters
        ----------
        estimator : Seq2SeqClassifier, Seq2SeqRegressor, Pipeline or search
            Fitted estimator with attention, a pipeline that ends in one, or a search over either.
        X : array-like or list
            Sequences, as in `predict` of the estimator; of a pipeline with a `TokenEncoder`, texts.
        samples : int, list of int or None, default=None
            Positions in X of the samples to draw. None: all, but at most the first nine.
        encoder : TokenEncoder or None, default=None
            The encoder that made X, which names its tokens. None: that of the pipeline, if it has
            one; otherwise tokens have their ids.
        xlabel : str or None, default=None
            Name of what was read. None: "read", or "step read" where steps are counted.
        ylabel : str or None, default=None
            Name of what was written. None: "written", or "step written" where steps are counted.
        colorbar : bool, default=True
            Whether to draw the scale of the weights.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each sample. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `imshow`.

        Returns
        -------
        display : AttentionDisplay
            The display, with its plot.

        Raises
        ------
        ValueError
            If X is malformed, the network has no attention, or X has no such samples.
        TypeError
            If the estimator has no attention weights at all, or encoder is no `TokenEncoder`.
        """
        model, X, before = last_step(estimator, X)
        encoders = [step for step in before if isinstance(step, TokenEncoder)]
        encoder = encoders[-1] if encoder is None and encoders else encoder
        if not hasattr(model, "attention_weights"):
            raise TypeError(
                f"{type(model).__name__} has no attention_weights to draw: pass a fitted "
                "Seq2SeqClassifier or Seq2SeqRegressor, or a pipeline or search that ends in one."
            )
        check_is_fitted(model)
        X, numbers = _picked(X, samples)
        weights, sequences = model.attention_weights(X), check_sequences(model, X, reset=False)
        of_tokens = model.embedding_size is not None
        read, kind = names_read(sequences, encoder, of_tokens=of_tokens)
        written, kind_written = names_written(model.predict(X), weights.shape[1])
        display = cls(
            **with_names(list(weights), read, written),
            samples=numbers,
            xlabel=kind if xlabel is None else xlabel,
            ylabel=kind_written if ylabel is None else ylabel,
        )
        return display.plot(ax, colorbar=colorbar, **kwargs)

    @classmethod
    def from_weights(
        cls,
        weights: ArrayLike,
        *,
        read: Sequence[Any] | None = None,
        written: Sequence[Any] | None = None,
        xlabel: str = "read",
        ylabel: str = "written",
        colorbar: bool = True,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        **kwargs: Any,
    ) -> Self:
        """Plot weights that are known.

        Parameters
        ----------
        weights : array-like of shape (n_target_steps, n_steps), or several
            Weights of one sample, or those of several: an array ``(n_samples, n_target_steps,
            n_steps)``, or a list. Rows that are NaN are left out, as `attention_weights` has them
            after the end of a sequence.
        read : sequence of names, or several, default=None
            Names of the steps that were read: strings or numbers. Of several samples, a sequence of
            names for each. Further columns of weights are left out if they are 0. None: numbers.
        written : sequence of names, or several, default=None
            Names of the steps that were written. If the weights have one more row, it is the end of
            the sequence. None: numbers.
        xlabel : str, default="read"
            Name of the axis of what was read.
        ylabel : str, default="written"
            Name of the axis of what was written.
        colorbar : bool, default=True
            Whether to draw the scale of the weights.
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each sample. None creates a figure.
        **kwargs : dict
            Passed to Matplotlib's `imshow`.

        Returns
        -------
        display : AttentionDisplay
            The display, with its plot.

        Raises
        ------
        ValueError
            If the weights have no two or three dimensions, or don't fit the names.
        """
        several: list[Any] = list(weights) if np.iterable(weights) else [weights]
        if all(np.ndim(own) == 1 for own in several):  # the rows of one sample
            several, read, written = [several], _one(read), _one(written)
        several = [np.asarray(own, float) for own in several]
        display = cls(**with_names(several, read, written), xlabel=xlabel, ylabel=ylabel)
        return display.plot(ax, colorbar=colorbar, **kwargs)

    def plot(
        self,
        ax: Axes | Sequence[Axes] | np.ndarray | None = None,
        *,
        colorbar: bool = True,
        **kwargs: Any,
    ) -> Self:
        """Plot the heat maps.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of these, default=None
            Axes to plot on, one for each sample. None creates a figure.
        colorbar : bool, default=True
            Whether to draw the scale of the weights.
        **kwargs : dict
            Passed to Matplotlib's `imshow`.

        Returns
        -------
        display : AttentionDisplay
            The object itself.
        """
        plt = import_pyplot(type(self).__name__)
        n = len(self.weights)
        numbers = list(range(n)) if self.samples is None else self.samples
        sizes = {"size": self._size(_SINGLE), "small": self._size(_SMALL)}
        self.axes_ = make_axes(plt, ax, numbers, kind="samples", **sizes)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.images_ = []
        scale = {"vmin": 0, "vmax": max(float(own.max()) for own in self.weights)}
        for i, (own, number) in enumerate(zip(self.axes_, numbers, strict=True)):
            S, T = self.weights[i].shape
            aspect = "equal" if max(S, T) <= _LONGEST * min(S, T) else "auto"
            options = {"cmap": shades(plt), "aspect": aspect, "interpolation": "nearest", **scale}
            self.images_.append(own.imshow(self.weights[i], **{**options, **kwargs}))
            own.set(xlabel=self.xlabel, ylabel=self.ylabel)
            name_cells(own, "x", self._names(self.read, i, T))
            name_cells(own, "y", self._names(self.written, i, S))
            if n > 1:
                own.set_title(f"sample {number}")
        self.im_, self.colorbar_ = self.images_[0], None
        if colorbar:
            height = self.figure_.bbox.height / self.figure_.dpi  # inches, of a subfigure as well
            thin: dict = {"shrink": 0.8, "aspect": max(20, 5 * height), "panchor": False}
            self.colorbar_ = self.figure_.colorbar(
                self.im_, ax=self.axes_, label="attention", **thin
            )
        return self

    def _names(self, names: Sequence[Sequence[Any]] | None, i: int, n: int) -> list[str]:
        return [shown(name) for name in (range(n) if names is None else names[i])]

    def _size(self, sides: tuple[float, float]) -> tuple[float, float]:
        """Inches of one picture, of whose map these are the shortest and the longest side."""
        S, T = np.max([own.shape for own in self.weights], axis=0)
        height, width = np.clip([_CELL * S, _CELL * T], *sides)
        return float(width) + _BESIDE, float(height) + _BELOW


def _picked(X: Any, samples: Any) -> tuple[Any, list[int]]:
    """The samples to draw, and their positions in X."""
    n = len(X)
    if samples is None:
        numbers = list(range(min(n, _MOST_SAMPLES)))
    else:
        wanted = np.ravel(samples)
        if wanted.dtype.kind not in "iu" or not wanted.size or not np.isin(wanted, range(n)).all():
            raise ValueError(
                f"samples={samples!r}: X has {n} samples; pass a position from 0 to {n - 1}, or a "
                "list of these."
            )
        numbers = wanted.tolist()
    if hasattr(X, "iloc"):
        return X.iloc[numbers], numbers
    return [X[i] for i in numbers] if isinstance(X, list | tuple) else X[numbers], numbers


def _one(names: Sequence | None) -> list[Sequence] | None:
    return None if names is None else [names]
