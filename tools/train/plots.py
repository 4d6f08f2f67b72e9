"""A plot of how training went."""

from pathlib import Path

from matplotlib.figure import Figure


def plot_history(history: list[dict[str, float]], output: Path) -> None:
    """Draw the loss and the average precisions over the epochs into `output` (PNG)."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = range(1, len(history) + 1)
    left.plot(epochs, [entry["loss"] for entry in history], marker=".")
    left.set(title="loss", xlabel="epoch")
    for name in [name for name in history[-1] if name not in ("loss", "seconds")]:
        right.plot(epochs, [entry[name] for entry in history], marker=".", label=name)
    right.set(title="average precision", xlabel="epoch")
    right.grid(visible=True, alpha=0.3)
    right.legend(fontsize="small")
    figure.savefig(output, dpi=100)
