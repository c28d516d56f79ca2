"""What recurrent networks remember: which lengths they solved, how they came to it, and how far the gradient reaches."""

from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from rnn_tf1.plotting import page

COLORS = {  # Okabe and Ito's, which stay apart for a colour-blind eye
    "basic": "#767676",
    "irnn": "#222222",
    "context": "#e69f00",
    "gru": "#009e73",
    "lstm": "#0072b2",
    "peephole": "#56b4e9",
    "layer_norm": "#cc79a7",
}
MEASURES = {"adding": "mean squared error", "copy": "cross-entropy (nats per position)"}
FLOOR = 1e-12  # of the largest gradient: below it a curve leaves the picture

Run = Dict[str, Any]  # of one cell, task and length; each function below says which keys it reads


def solved_matrix(runs: Sequence[Run], path: str) -> str:
    """Draws what each cell solved: a table with the training steps that it took, or the error where it failed.

    Args:
      runs: each with `task`, `cell`, `steps` (the length), `solved_at` (training steps, None where it failed), and `error` in
        units of `baseline`, the error of who remembers nothing.
      path: the PNG to write.
    """
    _check(runs)
    tasks, cells, lengths = (_values(runs, key) for key in ("task", "cell", "steps"))
    lengths.sort()
    height = 1.4 + 0.36 * len(cells)
    figure = page.make_figure(page.WIDTH, height)
    for place, task in enumerate(tasks):
        axes = figure.add_subplot(1, len(tasks), place + 1)
        for run in runs:
            if run["task"] != task:
                continue
            row, column = cells.index(run["cell"]), lengths.index(run["steps"])
            solved = run["solved_at"] is not None
            if solved:
                text = page.count(run["solved_at"])
            else:
                text = "diverged" if run["error"] is None else "%.2f" % (run["error"] / run["baseline"])
            page.frame(axes, column - 0.5, row - 0.5, 1, 1, "white", 2.0)
            axes.patches[-1].set(fill=True, facecolor="#b7e0cf" if solved else "#eeeeee", clip_on=True)
            style = {"fontsize": 10, "color": page.INK if solved else page.FAINT}
            axes.text(column, row, text, ha="center", va="center", **style)
        axes.set_xlim(-0.5, len(lengths) - 0.5)
        axes.set_ylim(len(cells) - 0.5, -0.5)
        axes.set_xticks(range(len(lengths)))
        axes.set_xticklabels([str(length) for length in lengths])
        axes.set_yticks(range(len(cells)))
        axes.set_yticklabels(cells if place == 0 else [])
        axes.tick_params(labelsize=10, colors=page.INK, length=0)
        axes.set_xlabel("T, steps to remember", fontsize=10, color=page.INK)
        axes.set_title({"adding": "Adding problem", "copy": "Copy task"}[task], loc="left", fontsize=11, color=page.INK)
        for spine in axes.spines.values():
            spine.set_visible(False)
    note = "green: solved, after so many training steps; grey: not solved, its error divided by that of no memory"
    figure.text(0.5, 0.15 / height, note, ha="center", fontsize=9, color=page.INK)
    figure.subplots_adjust(left=0.12, right=0.98, top=1 - 0.36 / height, bottom=0.95 / height, wspace=0.06)
    return page.save(figure, path)


def memory_curves(runs: Sequence[Run], path: str) -> str:
    """Draws the error on held-out sequences over the training, one panel for each length, one curve for each cell.

    Args:
      runs: of one task, each with `task`, `cell`, `steps` (the length), `history` (pairs of training steps and error),
        `solved_at` and `baseline`; a curve that ends in a dot has solved the task.
      path: the PNG to write.
    """
    _check(runs)
    lengths = sorted(_values(runs, "steps"))
    rows = -(-len(lengths) // 2)
    figure, panels = _panels(rows, min(2, len(lengths)), 2.3)
    longest = max([step for run in runs for step, _ in run["history"]] or [1])
    for place, length in enumerate(lengths):
        axes, here = panels[place], [run for run in runs if run["steps"] == length]
        errors, baseline = [error for run in here for _, error in run["history"]], here[0]["baseline"]
        lowest, highest = min(errors + [baseline / 20]), max(errors + [1.5 * baseline])
        page.log_scale(axes, np.array([lowest, highest]))
        axes.set_ylim(0.8 * max(lowest, baseline / 1e4), 1.1 * min(highest, 3 * baseline))  # unsolved looks unsolved
        axes.axhline(baseline, color=page.INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            "no memory",
            (1, baseline),
            (-2, 3),
            ("axes fraction", "data"),
            "offset points",
            ha="right",
            fontsize=8,
        )
        for run in here:
            steps, found = np.array(run["history"], dtype=float).reshape(-1, 2).T
            color = COLORS.get(run["cell"], page.RED)
            axes.plot(steps, found, color=color, linewidth=1.5, label=run["cell"])
            if run["solved_at"] is not None:
                axes.plot(steps[-1:], found[-1:], "o", color=color, markersize=6)
        axes.set_xlim(0, 1.02 * longest)
        axes.set_title("T = %d" % length, loc="left", fontsize=11, color=page.INK)
        if place >= len(lengths) - 2:
            axes.set_xlabel("training steps", fontsize=10, color=page.INK)
    _finish(figure, panels, MEASURES[runs[0]["task"]])
    return page.save(figure, path)


def gradient_reach(runs: Sequence[Run], path: str) -> str:
    """Draws how much of the loss's gradient reaches each step, before and after the training, one row for each length.

    Args:
      runs: of one task, each with `task`, `cell`, `steps` (the length), and `reach`: {"start": {"h": norms}, "end": {...}}
        with the norm of dL/dh_t for the steps t = 1 ... T in order, None where it is not finite; a second part of the state
        ("c", "s") is drawn dashed.
      path: the PNG to write.

    What has to be remembered was read where the background is grey.
    """
    _check(runs)
    lengths = sorted(_values(runs, "steps"))
    figure, panels = _panels(len(lengths), 2, 2.0)
    for place, axes in enumerate(panels):
        length, when = lengths[place // 2], ("start", "end")[place % 2]
        here = [run for run in runs if run["steps"] == length and run["reach"].get(when)]
        values = _norms([run for run in runs if run["steps"] == length])
        top = values.max()
        bottom = max(FLOOR * top, values.min())
        for run in here:
            for name, norm in run["reach"][when].items():
                back = np.arange(len(norm))[::-1]
                shown = np.array(norm, dtype=float)
                shown[~(shown >= bottom)] = np.nan
                line = {"color": COLORS.get(run["cell"], page.RED), "linewidth": 1.5}
                label = run["cell"] if name == "h" else "%s, %s" % (run["cell"], name)
                axes.plot(back, shown, linestyle="-" if name == "h" else (0, (3, 1.5)), label=label, **line)
        first, last = _read_at(runs[0]["task"], length)
        axes.axvspan(first, last, color="#f0f0f0", zorder=0)
        axes.set_yscale("log")
        axes.set_ylim(bottom / 3, 3 * top)
        axes.set_xlim(0, last)
        title = "T = %d, %s" % (length, "at the start" if when == "start" else "after training")
        axes.set_title(title, loc="left", fontsize=11, color=page.INK)
        if place % 2:
            axes.tick_params(labelleft=False)
        if place >= len(panels) - 2:
            axes.set_xlabel("steps back from the end, T - t", fontsize=10, color=page.INK)
    _finish(figure, panels, "norm of dL/dh at t (dashed: c, s)")
    return page.save(figure, path)


def _norms(runs: Sequence[Run]) -> np.ndarray:
    """All norms that a logarithmic axis can show; 1 where there is none."""
    norms = [norm for run in runs for part in run["reach"].values() for norms in part.values() for norm in norms]
    values = np.array(norms, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    return values if len(values) else np.ones(1)


def _read_at(task: str, length: int) -> Tuple[float, float]:
    """How many steps back from the end that was read which must be kept longest: from, to."""
    return (length - length // 2, length) if task == "adding" else (length + 9.5, length + 19.5)


def _panels(rows: int, columns: int, height: float) -> Tuple[Any, List[Any]]:
    figure = page.make_figure(page.WIDTH, 0.9 + height * rows)
    return figure, [figure.add_subplot(rows, columns, i + 1) for i in range(rows * columns)]


def _finish(figure: Any, panels: Sequence[Any], measure: str) -> None:
    """One legend above all panels, one label at their left."""
    lines: Dict[str, Any] = {}
    for axes in panels:
        lines.update({label: line for line, label in zip(*axes.get_legend_handles_labels())})
        axes.tick_params(labelsize=9, colors=page.INK, length=0)
        axes.grid(axis="y", color=page.GRID, linewidth=0.7)
        axes.set_axisbelow(True)
        axes.set_visible(bool(axes.get_title(loc="left")))
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    height = figure.get_figheight()
    rows = -(-len(lines) // 5)
    figure.legend(
        list(lines.values()), list(lines), loc="upper center", ncol=min(5, len(lines)), frameon=False, fontsize=9
    )
    figure.text(0.012, 0.5, measure, rotation=90, va="center", fontsize=10, color=page.INK)
    figure.subplots_adjust(
        left=0.1, right=0.98, top=1 - (0.35 + 0.2 * rows) / height, bottom=0.5 / height, wspace=0.14, hspace=0.32
    )


def _values(runs: Sequence[Run], key: str) -> List[Any]:
    """The values of that key, each once, in the order in which they come."""
    return list(dict.fromkeys(run[key] for run in runs))


def _check(runs: Sequence[Run]) -> None:
    if not runs:
        raise ValueError("runs is empty: there is nothing to draw")
