"""Grimms' fairy tales as pairs of characters, read by a plain recurrent cell and by one with a slow context beside it, after
Mikolov et al. 2014, "Learning Longer Memory in Recurrent Neural Networks"; the last cell named then writes a story.

All networks are trained on 3,200 pairs an iteration, for equally many iterations: 50 steps of 64 rows, and, to show what the
unrolling is for, 1 step of 3,200 rows, where no gradient flows back through time. Perplexity is that of whole held-out
stories, each read from its beginning with the state carried; the book has 62 stories, so that 100 means all there are. The
story is drawn from what the network says. Beside it stands the text of the most likely pairs, which loops: share of different
phrases of four words, in both and in a held-out story of equal length.

With no flags: 14 networks, about four minutes on two CPU cores.
"""

from rnn_tf1.program import cli

# isort: split
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

import dataclasses
import os
from typing import Optional, Sequence


@dataclasses.dataclass
class Flags(Settings):
    cell: Sequence[str] = choice(("basic", "context"), ("basic", "context", "lstm"), "to compare", nargs="+")
    layers: int = whole(1, "cells, one above the other")
    units: int = whole(64, "of each layer and of the embedding")
    steps: int = whole(50, "pairs that the gradient flows back through")
    batch_size: int = whole(64, "rows of an iteration")
    unroll: str = choice("dynamic", ("static", "manual", "dynamic"), "how the steps are laid out")
    stories: Sequence[int] = whole((20, 100), "of the book; a comparison for each", least=2, nargs="+")
    seeds: int = whole(3, "networks of each kind: seed, seed + 1, ...", quick=1)
    iterations: int = whole(700, "of training, rounded down to hundreds", least=100, quick=100)
    learning_rate: float = real(0.01, "of Adam, at first")
    no_one_step: bool = switch("leave out the networks without unrolling")
    prompt: Optional[str] = setting(None, "what the story begins with (default: a held-out story's first words)")
    count: int = whole(1000, "pairs to write", least=50, most=10**6)
    temperature: float = real(0.8, "below 1 likely pairs become likelier")
    top_p: float = real(0.95, "only the likeliest pairs that make up this share", most=1)

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()
        self.cell = list(dict.fromkeys(self.cell))  # none twice
        self.iterations -= self.iterations % 100
        self.stories = self.stories[:1] if self.quick else self.stories


def main() -> None:
    flags = Flags.parse("fairy_tales", __doc__)

    from rnn_tf1.program.files import atomic_path, locked

    import tensorflow.compat.v1 as tf
    from rnn_tf1 import training
    from rnn_tf1.data.text import fairy_tales
    from rnn_tf1.errors import printable
    from rnn_tf1.experiments.language import pictures, story_models

    parts, rows = {}, flags.batch_size * flags.steps
    for count in flags.stories:
        tales = fairy_tales.load(flags.data_dir, count)
        used = len(tales.train) + len(tales.validation)
        last = "all" if used == tales.available else str(used)  # the part that the writer has read
        parts[last] = tales
        print("%s: %s" % (last, story_models.describe(tales, flags.batch_size, flags.steps)), flush=True)
    if flags.prompt is not None:
        story_models.encode_prompt(flags.prompt, tales.vocabulary)  # a mistake in it is told now
    writer = story_models.Kind(flags.cell[-1], last)
    figures, histories, pages, seconds = {}, {}, {}, 0.0

    def run(cell, part, seed, one_step=False):
        """Trains one network; the last cell's, of the first seed, also writes."""
        sizes = (rows, 1) if one_step else (flags.batch_size, flags.steps)
        config = story_models.make_config(parts[part], cell, flags.layers, flags.units, flags.unroll, *sizes)
        kind = story_models.Kind(cell, part, one_step)
        folder = os.path.join(flags.out_dir, "%s_%d" % (kind.slug, seed))
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(seed)
            how = (flags.iterations, flags.learning_rate, folder, seed)
            made = story_models.train(session, config, parts[part], *how)
            if (kind, seed) == (writer, flags.seed):
                how = {"temperature": flags.temperature, "top_p": flags.top_p}
                page = (flags.prompt, flags.count, flags.seed)
                pages.update(story_models.write_pages(session, config, tales, *page, **how))
        print("%s, seed %d: validation perplexity %.2f" % (kind.slug, seed, made.valid_perplexity), flush=True)
        histories.setdefault(kind, []).append(made.history)
        figures["%s_seed_%d_valid_perplexity" % (kind.slug, seed)] = made.valid_perplexity
        figures[kind.slug + "_parameters"] = made.parameters
        return made.seconds

    with locked(flags.out_dir):
        for part in parts:
            for seed in range(flags.seed, flags.seed + flags.seeds):
                seconds += sum(run(cell, part, seed) for cell in flags.cell)
        if not flags.no_one_step:
            seconds += sum(run(cell, last, flags.seed, one_step=True) for cell in flags.cell)
        figures.update(story_models.summary(histories))
        prompt = pages.pop("prompt")
        for name in ("sampled", "argmax"):
            path = os.path.join(flags.out_dir, "story.txt" if name == "sampled" else "story_argmax.txt")
            with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
                file.write(prompt + pages[name] + "\n")
        for name, share in story_models.distinct(pages).items():
            figures["distinct_%s" % name.replace(" ", "_")] = share
            print("different phrases of four words, %s: %.1f %%" % (name, 100 * share))
        picture = os.path.join(flags.out_dir, "perplexity.png")
        pictures.perplexity_by_steps(story_models.panels(histories, parts), picture)
        for name, value in story_models.summary(histories).items():
            print("%s: %s" % (name.replace("_", " "), value if isinstance(value, str) else "%.2f" % value))
        print(printable("\n%s ...\n" % (prompt + pages["sampled"])[:600]))
        path = os.path.join(flags.out_dir, "metrics.json")
        origin = tales.origin
        cli.write_metrics(path, "fairy_tales", flags, origin, seconds, **figures)
        print("story.txt, story_argmax.txt, perplexity.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
