"""The picture of a task's shape: inputs, states and outputs over time."""

from matplotlib.patches import FancyBboxPatch

ROWS = {"inputs": "C0", "states": "C2", "outputs": "C1"}  # from the bottom up
HEIGHT = 0.5


def draw_shape(ax, inputs, outputs, *, states=None, carried=False, own_inputs=(), width=0.62):
    """Draw one column per step. An empty label leaves a box out, and "…" stands for more steps.

    With `carried`, a state comes in from before the first step and goes on after the last. At the
    steps in `own_inputs`, the network reads what it wrote one step before.
    """
    labels = {"inputs": inputs, "states": states or [f"$h_{t + 1}$" for t in range(len(inputs))]}
    labels["outputs"] = outputs
    first, last = -1 if carried else -0.45, len(inputs) - 1
    for y, (name, color) in enumerate(ROWS.items()):
        ax.text(first - 0.05, y, name, color="0.3", ha="right", va="center", fontsize=9)
        for x, label in enumerate(labels[name]):
            own = name == "inputs" and x in own_inputs
            if label and label != "…":
                ax.add_patch(_box(x, y, width, color, "--" if own else "-"))
            ax.text(x, y, label, ha="center", va="center", fontsize=10)
    for x, (read, written) in enumerate(zip(inputs, outputs, strict=True)):
        if read and read != "…":
            _arrow(ax, (x, HEIGHT / 2), (x, 1 - HEIGHT / 2))
        if written and written != "…":
            _arrow(ax, (x, 1 + HEIGHT / 2), (x, 2 - HEIGHT / 2))
    for x in range(0 if carried else 1, last + (2 if carried else 1)):
        _arrow(ax, (x - 1 + width / 2, 1), (x - width / 2, 1))
    for x in own_inputs:
        _arrow(ax, (x - 1 + width / 2, 2), (x - width / 2, 0), color="C1", linestyle="--")
    ax.set(xlim=(first - 0.1, last + (0.9 if carried else 0.5)), ylim=(-0.6, 2.6))
    ax.axis("off")


def _box(x, y, width, color, linestyle):
    return FancyBboxPatch(
        (x - width / 2, y - HEIGHT / 2),
        width,
        HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=(color, 0.15),
        edgecolor=color,
        linestyle=linestyle,
    )


def _arrow(ax, start, end, color="0.3", linestyle="-"):
    style = {"arrowstyle": "->", "color": color, "linestyle": linestyle, "shrinkA": 1, "shrinkB": 1}
    ax.annotate("", xy=end, xytext=start, arrowprops=style)
