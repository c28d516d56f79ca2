"""What a translator looks at while it writes, and how its score depends on the length of a sentence."""

from typing import Any, Iterable, List, Mapping, NamedTuple, Sequence

import numpy as np

from rnn_tf1.plotting import page

LONGEST = 22  # letters of a word beside a table


class Looked(NamedTuple):
    """A translated sentence, and what was looked at."""

    source: Sequence[str]  # tokens, the end of the sentence among them if it was read
    target: Sequence[str]
    weights: np.ndarray  # [target, source]: the attention on each source token while each target token was written


def attention_maps(sentences: Sequence[Looked], path: str, columns: int = 2) -> str:
    """Draws the attention of each sentence as a table: a row for each word written, a column for each word read.

    Dark is much. Raises `ValueError` where there is no sentence, or weights do not fit their words.
    """
    if not sentences:
        raise ValueError("there is no sentence to draw")
    for number, one in enumerate(sentences):
        if np.shape(one.weights) != (len(one.target), len(one.source)) or not len(one.target):
            wanted = [len(one.target), len(one.source)]
            raise ValueError("sentence %d: weights are %s, not %s" % (number, list(np.shape(one.weights)), wanted))
    columns = min(columns, len(sentences))
    rows = [sentences[i : i + columns] for i in range(0, len(sentences), columns)]
    widths = [max(len(row[i].source) for row in rows if i < len(row)) for i in range(columns)]
    heights = [max(len(one.target) for one in row) for row in rows]
    left = 0.15 + 0.075 * _letters(one.target for one in sentences)  # inches for the words beside a table
    above = 0.3 + 0.065 * _letters(one.source for one in sentences)
    cell = min(0.3, (page.WIDTH - left * columns - 0.15) / sum(widths))
    height = cell * sum(heights) + above * len(rows) + 0.55
    figure = page.make_figure(page.WIDTH, height)
    top = height
    for row, tall in zip(rows, heights):
        x, top = 0.0, top - above
        for one, wide in zip(row, widths):
            box = [x + left, top - cell * len(one.target), cell * len(one.source), cell * len(one.target)]
            share = [box[0] / page.WIDTH, box[1] / height, box[2] / page.WIDTH, box[3] / height]
            drawn = _table(figure.add_axes(share), one)
            x += left + cell * wide
        top -= cell * tall
    page.color_bar(figure, drawn, (0.62, 0.16 / height, 0.3, 0.1 / height), "attention")
    return page.save(figure, path)


def _letters(sides: Iterable[Sequence[str]]) -> int:
    return max(len(word) for tokens in sides for word in _words(tokens))


def _words(tokens: Sequence[str]) -> List[str]:
    """As they can be drawn."""
    return [page.label(word, LONGEST) for word in tokens]


def _table(axes: Any, one: Looked) -> Any:
    drawn = axes.imshow(one.weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(one.source)))
    axes.set_xticklabels(_words(one.source), rotation=60, ha="left", rotation_mode="anchor", fontsize=8, color=page.INK)
    axes.set_yticks(range(len(one.target)))
    axes.set_yticklabels(_words(one.target), fontsize=8, color=page.INK)
    axes.tick_params(length=0, pad=2)
    for side in axes.spines.values():
        side.set_edgecolor(page.GRID)
    return drawn


def score_by_length(
    scores: Mapping[str, Sequence[float]], labels: Sequence[str], counts: Sequence[int], path: str, what: str = "BLEU"
) -> str:
    """Draws the score of several models against the length of the source sentence, with how many sentences each group has.

    Args:
      scores: By the model's name: one score for each group of lengths.
      labels: The groups: "1-8", "9-12", ...
      counts: Sentences in each.
      path: The PNG to write.
      what: The score's name.

    Raises `ValueError` where the lengths of these differ, or there is nothing to draw.
    """
    if not scores or not len(labels):
        raise ValueError("there is no score to draw")
    arrays = {name: np.asarray(values, dtype=float) for name, values in scores.items()}
    page.check_equal_lengths(labels=np.asarray(labels), counts=np.asarray(counts), **arrays)
    figure = page.make_figure(page.WIDTH, 3.6)
    axes, below = figure.add_axes((0.095, 0.34, 0.885, 0.56)), figure.add_axes((0.095, 0.14, 0.885, 0.14))
    axes.set_title("%s by the length of the source sentence" % what, loc="left", fontsize=11, color=page.INK)
    places = np.arange(len(labels))
    for (name, values), color, marker in zip(arrays.items(), page.SERIES * len(arrays), "os^Dv*x" * len(arrays)):
        axes.plot(places, values, color=color, marker=marker, markersize=5, linewidth=1.8, label=page.label(name))
        axes.annotate(
            "%.1f" % values[-1], (places[-1], values[-1]), (6, 0), textcoords="offset points", va="center", fontsize=8,
            color=color,
        )  # fmt: skip
    highest = np.nanmax(np.concatenate(list(arrays.values())))
    axes.set_ylim(0, 1.12 * highest if highest > 0 else 1)
    axes.set_ylabel(what, fontsize=10, color=page.INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK, loc="lower left")
    below.bar(places, counts, color=page.GRID, width=0.6)
    for place, number in zip(places, counts):
        below.annotate(
            page.count(number), (place, number), (0, 1), textcoords="offset points", ha="center", va="bottom",
            fontsize=8, color=page.FAINT,
        )  # fmt: skip
    below.set_ylim(0, 1.5 * max(counts))
    below.set_yticks([])
    below.set_ylabel("sentences", fontsize=8, color=page.FAINT, rotation=0, ha="right", va="center")
    below.set_xlabel("tokens of the source sentence", fontsize=10, color=page.INK)
    for one in (axes, below):
        page.plain(one)
        one.set_xlim(-0.5, len(labels) - 0.3)
        one.set_xticks(places)
    axes.tick_params(labelbottom=False)
    below.set_xticklabels(list(labels))
    return page.save(figure, path)


def translation_curves(history: Sequence[Mapping[str, float]], path: str, best_epoch: int) -> str:
    """Draws perplexity and BLEU of the validation sentences over the epochs.

    Args:
      history: One dict per epoch: `epoch`, `valid_perplexity`, and `valid_bleu` or not.
      path: The PNG to write.
      best_epoch: The epoch whose weights are kept.

    Raises `ValueError` where `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)
    figure = page.make_figure(page.WIDTH, 3.2)
    panels = [("valid_perplexity", "Perplexity per word", page.ORANGE)]
    if all("valid_bleu" in row for row in history):  # nobody computes it where sacrebleu is not installed
        panels.append(("valid_bleu", "BLEU", page.BLUE))
    for place, (name, title, color) in enumerate(panels):
        axes = figure.add_axes((0.07 + 0.49 * place, 0.15, 0.98 / len(panels) - 0.07, 0.72))
        values = np.array([row[name] for row in history], dtype=float)
        axes.set_title(title + ", validation", loc="left", fontsize=11, color=page.INK)
        axes.plot(epochs, values, color=color, linewidth=1.6, marker="o", markersize=3.5)
        chosen = values[int(best_epoch) - 1]
        axes.plot(best_epoch, chosen, "*", color=page.RED, markersize=9)
        axes.set_title("epoch %d: %.2f" % (best_epoch, chosen), loc="right", fontsize=9, color=color)
        if name == "valid_perplexity":
            page.log_scale(axes, values)
        page.epoch_axis(axes, epochs)
    return page.save(figure, path)
