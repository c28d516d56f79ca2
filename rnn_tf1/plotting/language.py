"""How a language model learns, and what it guesses."""

from typing import Dict, Optional, Sequence

import numpy as np

from rnn_tf1.plotting import page


def perplexity_curves(
    history: Sequence[Dict[str, float]], path: str, best_epoch: int, test: float, floor: Optional[float] = None
) -> str:
    """Draws the perplexity over the epochs, training and validation, with the learning rate below.

    Args:
      history: One dict per epoch: `epoch`, `train_loss` (nats), `valid_perplexity`, `learning_rate`.
      path: The PNG to write.
      best_epoch: The epoch whose weights were tested.
      test: Their perplexity on the test part.
      floor: The best possible perplexity, where it is known.

    A perplexity that is not finite is left out. Raises `ValueError` where `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)
    rates = np.array([row["learning_rate"] for row in history], dtype=float)
    with np.errstate(over="ignore"):
        training = np.exp([row["train_loss"] for row in history])
    validation = np.array([row["valid_perplexity"] for row in history], dtype=float)
    curves = {"training": (training, page.BLUE, "o"), "validation": (validation, page.ORANGE, "s")}
    figure = page.make_figure(page.WIDTH, 4.2)
    upper, lower = figure.add_axes((0.09, 0.38, 0.89, 0.54)), figure.add_axes((0.09, 0.12, 0.89, 0.2))
    upper.set_title("Perplexity", loc="left", fontsize=11, color=page.INK)
    upper.set_title("epoch %d: test %.2f" % (best_epoch, test), loc="right", fontsize=9, color=page.ORANGE)
    for name, (values, color, marker) in curves.items():
        size = 3.5 if len(epochs) <= 60 else 0
        values = np.where(np.isfinite(values), values, np.nan)  # what is infinite has no place on the axes
        upper.plot(epochs, values, color=color, linewidth=1.6, marker=marker, markersize=size, label=name)
    upper.plot(best_epoch, test, "*", color=page.RED, markersize=9, label="test")
    values = np.concatenate([values for values, _, _ in curves.values()] + [[test]])
    if floor is not None:
        upper.axhline(floor, color=page.FAINT, linestyle="--", linewidth=1.2, label="best possible")
    page.log_scale(upper, values)
    upper.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    page.epoch_axis(upper, epochs)
    upper.set_xlabel("")
    upper.tick_params(labelbottom=False)
    lower.set_title("Learning rate", loc="left", fontsize=11, color=page.INK)
    lower.step(epochs, rates, where="mid", color=page.INK, linewidth=1.4)
    lower.set_ylim(0, 1.15 * rates.max())
    for axes in (upper, lower):
        for epoch in epochs[1:][np.diff(rates) != 0]:  # where the learning rate falls
            axes.axvline(epoch - 0.5, color=page.GRID, linewidth=0.9, linestyle=":")
    page.epoch_axis(lower, epochs)
    return page.save(figure, path)


def guessed_words(
    sentences: Sequence[Sequence[str]], guesses: Dict[str, Sequence[Sequence[Sequence[str]]]], path: str
) -> str:
    """Draws sentences, and under each word what every network guesses first where it is blanked.

    Args:
      sentences: Lists of words.
      guesses: By the name of the network, for each word of each sentence a few words, the likeliest first.
      path: The PNG to write.

    A guess that is right has another colour, and so has one where the word is among the next guesses. Raises `ValueError`
    where a sentence has not some guesses for each word.
    """
    legend = (
        ("a right guess", page.BLUE),
        ("the word is among the next guesses", page.ORANGE),
        ("it is not", page.FAINT),
    )
    line, edge = 0.22, 1.25  # inches: the height of a line, and where the words begin
    tall = line * (1.5 + (2 + len(guesses)) * len(sentences))
    figure = page.make_figure(page.WIDTH, tall)

    def write(across: float, line_number: float, text: str, color: str, size: float = 9.0) -> None:
        text = page.label(text, 200)
        place = across / page.WIDTH, 1 - line * (line_number + 1) / tall
        figure.text(*place, text, fontsize=size, color=color, va="center")

    for across, (text, color) in zip((0.0, 1.2, 3.8), legend):
        write(edge + across, 0, text, color)
    for place, words in enumerate(sentences):
        found = {name: each[place] for name, each in guesses.items()}
        for name, few in found.items():
            if len(few) != len(words) or not all(map(len, few)):
                raise ValueError("%s: a sentence of %d words has guesses for %d" % (name, len(words), len(few)))
        columns = zip(words, *([few[0] for few in each] for each in found.values()))
        widths = [max(map(len, column)) + 2 for column in columns]  # letters
        size = min(9.0, 72 * (page.WIDTH - edge) / (0.6 * sum(widths)))  # a letter is some 0.6 of its size wide
        starts = edge + 0.6 / 72 * size * np.cumsum([0, *widths])
        first = 1.5 + (2 + len(guesses)) * place
        for word, across in zip(words, starts):
            write(across, first, word, page.INK, size)
        for number, (name, each) in enumerate(found.items(), 1):
            write(0.08, first + number, name, page.FAINT)
            for word, few, across in zip(words, each, starts):
                color = legend[0 if few[0] == word else 1 if word in few else 2][1]
                write(across, first + number, few[0], color, size)
    return page.save(figure, path)
