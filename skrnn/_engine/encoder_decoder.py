"""Two networks: an encoder reads a sequence, and a decoder writes another one."""

from typing import Any

import numpy as np

from .attention import DotAttention, Memory
from .background import Submit, run_at_once
from .batch import Batch
from .bridge import Bridge
from .decoding import Decoded, Decoding, Encoded
from .dropout import Draws
from .encoder_decoder_topology import EncoderDecoderTopology
from .losses import Loss
from .network import Network
from .parameters import ParameterLayout
from .stack import Stack
from .topology import Topology
from .wide_outputs import reduced_in_blocks

_PARTS = "encoder", "bridge", "decoder"


class EncoderDecoder:
    r"""An encoder that hands its final state to a decoder, and with attention its outputs.

    .. math:: \hat y_s = f(y_{s-1}, \hat y_{s-2}, \dots; x_1, \dots, x_T)

    The decoder reads what came one step before, and 0 at first: in training targets, afterwards
    its own predictions. Sutskever, Vinyals and Le, "Sequence to sequence learning with neural
    networks", NeurIPS 2014. With ``teacher_forcing`` below 1, training replaces a random share of
    these targets by what a first pass predicts, without derivatives: Bengio et al., "Scheduled
    sampling for sequence prediction with recurrent neural networks", NeurIPS 2015, in two passes.

    It has the methods of `Network` that training and prediction need, for one network: the
    parameters ``theta`` are (P,) or (1, P).

    Parameters
    ----------
    topology : EncoderDecoderTopology
    loss : Loss or None
        What `loss_grad` minimizes.
    """

    state_size = 0

    def __init__(self, topology: EncoderDecoderTopology, loss: Loss | None = None):
        self.topology, self.loss = topology, loss or topology.feedback
        encoder = topology.encoder()
        self.encoder = None if encoder is None else Network(encoder)
        self.decoder = Network(topology.decoder(), self.loss)
        both = encoder is not None and encoder.bidirectional
        cells = [direction.cell for direction in self.decoder.directions]
        states = Stack(topology.decoder(), 1, 1).state_layout
        parts = [states.of_direction(i) for i in range(len(cells))] if both else []
        output_rows = cells[-1].hidden_size if both and topology.attention else 0
        self._bridge = Bridge([part.stop - part.start for part in parts], output_rows)
        self._bridge_layout = ParameterLayout(self._bridge.parameter_shapes())
        layouts = {
            "encoder": ParameterLayout({}) if self.encoder is None else self.encoder.layout,
            "bridge": self._bridge_layout,
            "decoder": self.decoder.layout,
        }
        self.layout = ParameterLayout(
            {f"{part}/{k}": s for part in _PARTS for k, s in layouts[part].shapes.items()}
        )
        self._ends = np.cumsum([layouts[part].size for part in _PARTS])
        networks = [network for network in (self.encoder, self.decoder) if network is not None]
        self.step_work = [work for network in networks for work in network.step_work]
        of_attention = topology.attention * (topology.n_steps + 4 * cells[-1].hidden_size)
        self.forward_rows = sum(n.forward_rows for n in networks) + of_attention
        self.tape_rows = sum(n.tape_rows for n in networks) + 2 * of_attention

    def twin(self) -> "EncoderDecoder":
        """The same network with buffers of its own, for another thread."""
        return EncoderDecoder(self.topology, self.loss)

    def numbers(self, n_steps: int, width: int = 1) -> int:
        """Numbers in the buffers for a sequence of T steps, and to write W others step by step."""
        read = 0 if self.encoder is None else self.encoder.numbers(n_steps)
        memory = self.topology.attention * n_steps * (self.topology.readout_size + 1)
        return read + width * (memory + self.decoder.forward_rows)

    def _split(self, theta):
        """The parts of the parameters, as views."""
        return np.split(theta.reshape(-1), self._ends[:-1])

    # --- parameters ---

    def initial_parameters(
        self, rng: np.random.RandomState, memory: float | None = None
    ) -> np.ndarray:
        """Random parameters (P,); see `Network.initial_parameters`."""
        theta = np.empty(self.layout.size, self.topology.dtype)
        encoder, bridge, decoder = self._split(theta)
        if self.encoder is not None:
            encoder[...] = self.encoder.initial_parameters(rng, memory)
        views = self._bridge_layout.views(bridge)
        for name, value in self._bridge.initial_weights(rng).items():
            views[name][...] = value
        decoder[...] = self.decoder.initial_parameters(rng, memory)
        return theta

    def named_weights(self, theta: np.ndarray) -> dict[str, np.ndarray]:
        """Views of ``theta`` by their public names. Names of biases end in "bias"."""
        encoder, bridge, decoder = self._split(theta)
        parts = {
            "encoder": {} if self.encoder is None else self.encoder.named_weights(encoder),
            "bridge": self._bridge.named_weights(self._bridge_layout.views(bridge)),
            "decoder": self.decoder.named_weights(decoder),
        }
        return {f"{part}.{name}": w for part in _PARTS for name, w in parts[part].items()}

    def penalized(self, *, readout: bool = False) -> np.ndarray:
        """1 for each penalized weight, 0 for all others, (P,), by the rule of `Network`."""
        mask = np.empty(self.layout.size, self.topology.dtype)
        encoder, bridge, decoder = self._split(mask)
        if self.encoder is not None:
            encoder[...] = self.encoder.penalized()
        for name, view in self._bridge.named_weights(self._bridge_layout.views(bridge)).items():
            view[...] = not name.endswith("bias")
        decoder[...] = self.decoder.penalized(readout=readout)
        return mask

    def rescaled(self, theta: np.ndarray, factor: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """As `Network.rescaled`, which must not change outputs that the decoder reads."""
        theta = theta.copy()
        decoder = self._split(theta)[2]
        decoder[...] = self.decoder.rescaled(decoder, factor, shift)
        return theta

    def draw_dropout(self, rng: np.random.RandomState, n_sequences: int) -> Draws | None:
        """What is dropped and which targets are read in a batch; None: nothing and all."""
        encoder = None if self.encoder is None else self.encoder.draw_dropout(rng, n_sequences)
        decoder = self.decoder.draw_dropout(rng, n_sequences)
        forced, p = None, self.topology.teacher_forcing
        if p < 1:
            forced = rng.uniform(size=(self.topology.n_steps, n_sequences)) < p
        return None if decoder is None and forced is None else Draws(encoder, decoder, forced)

    # --- forward ---

    def encode(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        static: np.ndarray | None = None,
        dropout: Draws | None = None,
    ) -> Encoded:
        """Read inputs x (T, D, B); the arguments are those of `Network.forward`."""
        if self.encoder is None:
            return Encoded(None, None, None)
        encoder, bridge, _ = self._split(theta)
        masks = None if dropout is None else dropout.encoder
        run = self.encoder.forward(encoder, x, missing=missing, static=static, dropout=masks)
        views, memory = self._bridge_layout.views(bridge), None
        state = self._bridge.state(views, run.final_state())
        if self.topology.attention:
            memory = Memory.of(self._bridge.memory(views, run.outputs), missing)
        return Encoded(run, state, memory)

    def decoding(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        static: np.ndarray | None = None,
    ) -> Decoding:
        """Read inputs x (T, D, B), and begin to write."""
        encoded = self.encode(theta, x, missing=missing, static=static)
        return Decoding(self.decoder, self._split(theta)[2], encoded, static)

    def forward(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        state: np.ndarray | None = None,
        static: np.ndarray | None = None,
        n_steps: int | None = None,
    ) -> Decoded:
        """Predict S steps, or ``n_steps``, of inputs x (T, D, B), by the decoder's own predictions.

        ``state`` is ignored, as it has no rows.
        """
        topology, B = self.topology, x.shape[2]
        decoding = self.decoding(theta, x, missing=missing, static=static)
        y = np.empty((n_steps or topology.n_steps, topology.n_outputs, B), topology.dtype)
        read = topology.first_read(B)
        for s in range(len(y)):
            y[s : s + 1] = decoding.advance(read)
            read = topology.fed_back(y[s : s + 1])
        return Decoded(y)

    def attention_weights(
        self,
        theta: np.ndarray,
        x: np.ndarray,
        inputs: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        static: np.ndarray | None = None,
    ) -> np.ndarray:
        """The weights (B, S, T) of a decoder with attention that reads ``inputs`` (S, J, B)."""
        encoded = self.encode(theta, x, missing=missing, static=static)
        given: Any = {"state": encoded.state, "static": static, "memory": encoded.memory}
        run = self.decoder.forward(self._split(theta)[2], inputs, with_outputs=False, **given)
        head = run.head
        assert isinstance(head, DotAttention)
        return head.weights

    # --- loss and gradient ---

    def loss_grad(
        self,
        theta: np.ndarray,
        batch: Batch,
        out: np.ndarray,
        state: np.ndarray | None = None,
        submit: Submit = run_at_once,
    ) -> tuple[float | np.ndarray, np.ndarray]:
        """The batch's loss, and a final state without rows; the gradient goes into ``out``.

        The decoder reads ``batch.inputs``. See `Network.loss_grad`.
        """
        draws = batch.dropout
        assert draws is None or isinstance(draws, Draws)
        encoded, run = self._read_targets(theta, batch, draws)
        out.fill(0)
        to_encoder, to_bridge, to_decoder = self._split(out)

        def adder(layout, part):
            views = layout.views(part)
            return lambda name, gradient: gradient.add_total(views[name])

        own = self.decoder.layout
        readout = own.views(to_decoder)["readout"]
        add = adder(own, to_decoder)
        loss, d_state = self.decoder.backpropagate(run, batch, add, readout, submit=submit)
        if self.encoder is not None:
            d_outputs, d_state = self._backward_bridge(
                theta, encoded, run, d_state, adder(self._bridge_layout, to_bridge)
            )
            add = adder(self.encoder.layout, to_encoder)
            self.encoder.backward(encoded.run, d_outputs, add, d_state=d_state, submit=submit)
        final = np.empty((0, batch.y.shape[2]), out.dtype)
        return np.reshape(loss, theta.shape[:-1])[()], final

    def _read_targets(self, theta, batch, draws):
        """Run a batch, where the decoder reads ``batch.inputs``; they are predictions in part."""
        encoded = self.encode(
            theta,
            batch.x,
            missing=batch.missing,
            static=batch.static,
            dropout=draws,
        )
        given: Any = {
            "state": encoded.state,
            "static": batch.static,
            "memory": encoded.memory,
            "dropout": None if draws is None else draws.decoder,
        }
        own, inputs = self._split(theta)[2], batch.inputs
        assert inputs is not None
        given["with_outputs"] = not self.is_wide(batch.y)
        if draws is not None and draws.forced is not None:
            first = self._fed_back(self.decoder.forward(own, inputs, **given))
            forced = draws.forced[1 : len(inputs), np.newaxis]
            inputs = np.concatenate([inputs[:1], np.where(forced, inputs[1:], first[:-1])])
        return encoded, self.decoder.forward(own, inputs, **given)

    def is_wide(self, y: np.ndarray) -> bool:
        """Whether the decoder's outputs for targets y (S, J, B) exist in blocks only."""
        return self.decoder.is_wide(y)

    def _fed_back(self, run):
        """What the decoder reads (S, J, B) of the outputs of a run, or of one without outputs."""
        if len(run.outputs):
            return self.topology.fed_back(run.outputs)
        return reduced_in_blocks(self.topology.fed_back, run.head.W, run.head.operand)

    def _backward_bridge(self, theta, encoded, run, d_state, add):
        """Derivatives by the encoder's outputs and final state; gradients of the bridge."""
        views, d_memory = self._bridge_layout.views(self._split(theta)[1]), None
        d_outputs = np.zeros_like(encoded.run.outputs)  # (T or 1, H, B)
        if self.topology.attention:
            d_memory = run.head.memory_gradient()
            d_outputs = self._bridge.memory_gradient(views, d_memory)
        for name, gradient in self._bridge.weight_gradients(d_state, d_memory):
            add(name, gradient)
        return d_outputs, self._bridge.state_gradient(views, d_state)

    def losses(self, theta: np.ndarray, batch: Batch) -> np.ndarray:
        """The batch's loss of each of E networks (E, P).

        That of numbers is the loss of the decoder's own predictions. That of labels is the
        likelihood of each one given those before it, whose product is that of the sequence.
        """
        found = []
        for own in theta:
            if self.topology.n_labels:
                _, run = self._read_targets(own, batch, None)
                found.append(self.decoder.losses_of(run, batch)[0])
                continue
            given: Any = {"missing": batch.missing, "static": batch.static}
            y = self.forward(own, batch.x, n_steps=len(batch.y), **given).outputs
            target = batch.y, batch.weight, batch.total
            found.append(self.loss.value_and_gradient(y, *target, out=y))
        return np.array(found)


def make_network(topology: Topology, loss: Loss | None = None) -> Any:
    """The network of a topology: a `Network`, or an `EncoderDecoder` in its place."""
    if isinstance(topology, EncoderDecoderTopology):
        return EncoderDecoder(topology, loss)
    return Network(topology, loss)
