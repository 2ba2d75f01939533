"""A cell that the package doesn't know: the contract is open."""

from dataclasses import dataclass

import numpy as np

from skrnn.cells import Cell


@dataclass
class LeakyCell(Cell):
    """Leaky integrator ``h_t = (1 - a) h_{t-1} + a f(W [x_t; 1; h_{t-1}])`` (Jaeger, 2001)."""

    leak: float = 0.7

    has_direct_path = True

    def buffers(self):
        return {"f": (0, self.hidden_size)}

    def forward_views(self, tape):
        states = {"old": tape.state[:-1], "new": tape.state[1:]}
        return {"operand": tape.operand[:-1], "f": tape.f, **states}

    def forward(self, prepared, operand, f, old, new):
        np.dot(prepared, operand, out=f)
        self.activation.apply(f, f)
        np.multiply(f, self.leak, out=new)
        new += (1 - self.leak) * old

    def local_derivatives(self, prepared, tape, steps):
        self.activation.derivative(tape.f[steps], tape.local[steps])
        tape.local[steps] *= self.leak

    def backward_views(self, tape):
        return {"dz": tape.local}

    def backward(self, prepared, d_states, d_recurrent, dz):
        np.multiply(dz, d_states[0], out=dz)
        np.dot(prepared, dz, out=d_recurrent)
        d_states[0] *= 1 - self.leak
