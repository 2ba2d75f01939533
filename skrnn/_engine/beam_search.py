"""The search for likely sequences of labels."""

from typing import NamedTuple

import numpy as np

from .cross_entropy import CrossEntropy
from .decoding import Decoded
from .encoder_decoder_topology import EncoderDecoderTopology
from .predictor import Predictor


class _Step(NamedTuple):
    """What a step has added to each of W hypotheses of B sequences, all (B, W)."""

    parent: np.ndarray  # which hypothesis it goes on from
    label: np.ndarray
    log_p: np.ndarray  # of the label; 0 after an end


class BeamSearch:
    r"""Predicts sequences of labels: the best found of

    .. math:: \frac{1}{S^\lambda} \sum_{s=1}^S \log p(y_s \mid y_1, \dots, y_{s-1}, x)

    over hypotheses y of S labels, their end included. At each step, the best W of all hypotheses
    that are one label longer stay; one that has ended stays as it is. With W = 1, the search is
    greedy. Graves, "Sequence transduction with recurrent neural networks", 2012; the penalty of
    the length is that of Wu et al., "Google's neural machine translation system", 2016, without
    its offset. Several networks predict by the mean of their outputs, and read the same labels.

    Parameters
    ----------
    topology : EncoderDecoderTopology
        Its decoder has labels. Its ``n_steps`` are those of the longest hypothesis, and its end.
    width : int
        W.
    length_penalty : float
        :math:`\lambda`.
    n_best : int
        How many hypotheses are wanted of each sequence, W at most.
    """

    def __init__(
        self, topology: EncoderDecoderTopology, width: int, length_penalty: float, n_best: int = 1
    ):
        self.topology = topology
        self._width, self._length_penalty, self._n_best = width, length_penalty, n_best
        self._predictor = Predictor(topology)
        assert isinstance(topology.feedback, CrossEntropy)
        self._loss = topology.feedback

    def twin(self) -> "BeamSearch":
        """The same with buffers of its own, for another thread."""
        return BeamSearch(self.topology, self._width, self._length_penalty, self._n_best)

    def numbers(self, n_steps: int) -> int:
        """Numbers in the buffers for a sequence of T steps."""
        scores = 3 * self._width * self.topology.n_outputs
        return self._predictor.network.numbers(n_steps, self._width) + scores

    def forward(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        static: np.ndarray | None = None,
    ) -> Decoded:
        """Search for inputs x (T, D, B).

        Of the n best hypotheses, the best one first, the outputs (S, 2n, B) have the numbers of
        the labels, and then the logarithms of their probabilities. S are the steps of the longest
        hypothesis that was kept at the end; what follows an end has the number after the last
        label, and 0.
        """
        network, loss = self._predictor.network, self._loss
        decodings = [
            network.decoding(own, x, missing=missing, static=static)
            for own in self._predictor.of_networks(theta)
        ]
        B, W, ends = x.shape[2], self._width, self.topology.ends
        for decoding in decodings:
            decoding.repeat(W)
        read = self.topology.first_read(B * W)
        total = np.full((B, W), -np.inf)
        total[:, 0] = 0  # all hypotheses are the same before the first step
        length, ended = np.zeros((B, W)), np.zeros((B, W), bool)
        steps: list[_Step] = []
        for s in range(self.topology.n_steps):
            outputs = np.mean([decoding.advance(read)[0] for decoding in decodings], axis=0)
            log_p = loss.log_probabilities(outputs.T.astype(np.float64)).reshape(B, W, -1)
            if ends:
                end = log_p.shape[2] - 1
                if s + 1 == self.topology.n_steps:
                    log_p[..., :end] = -np.inf
                log_p[ended] = -np.inf
                log_p[ended, end] = 0
            length += ~ended
            found = self._best(total, log_p, length)
            steps.append(found)
            total = np.take_along_axis(total, found.parent, axis=1) + found.log_p
            if ends:
                length = np.take_along_axis(length, found.parent, axis=1)
                ended = found.label == end
                if ended.all():
                    break
            columns = (np.arange(B)[:, np.newaxis] * W + found.parent).ravel()
            for decoding in decodings:
                decoding.follow(columns)
            read = found.label.reshape(1, 1, -1).astype(read.dtype)
        return Decoded(self._traced(steps))

    def _best(self, total, log_p, length):
        """The step to the best W of all hypotheses (B, W, K), in their order."""
        B, W, K = log_p.shape
        if W == 1:
            best = log_p.reshape(B, -1).argmax(axis=1)[:, np.newaxis]
        else:
            score = self._score(total[..., np.newaxis] + log_p, length).reshape(B, -1)
            best = np.sort(np.argpartition(-score, W - 1, axis=1)[:, :W], axis=1)
            order = np.argsort(-np.take_along_axis(score, best, axis=1), axis=1, kind="stable")
            best = np.take_along_axis(best, order, axis=1)
        own = np.take_along_axis(log_p.reshape(B, -1), best, axis=1)
        return _Step(best // K, best % K, own)

    def _score(self, total, length):
        """What ranks (B, W, K) as the logarithms of the powers, which would overflow."""
        with np.errstate(divide="ignore"):  # log 0 is -inf: nothing is likelier
            score = -np.log(-total)
        score += self._length_penalty * np.log(length)[..., np.newaxis]
        return score

    def _traced(self, steps):
        """Labels and their log-probabilities (S, 2n, B) of the n best hypotheses."""
        B, n = len(steps[0].label), self._n_best
        found = np.empty((len(steps), 2 * n, B), self.topology.dtype)
        at = np.tile(np.arange(n), (B, 1))
        for s in reversed(range(len(steps))):
            found[s, :n] = np.take_along_axis(steps[s].label, at, axis=1).T
            found[s, n:] = np.take_along_axis(steps[s].log_p, at, axis=1).T
            at = np.take_along_axis(steps[s].parent, at, axis=1)
        return found
