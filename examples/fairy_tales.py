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
import os


def parse_flags():
    parser = cli.make_parser("fairy_tales", __doc__)
    add = parser.add_argument
    add("--cell", choices=("basic", "context", "lstm"), nargs="+", default=("basic", "context"), help="to compare")
    add("--layers", type=cli.whole(1), default=1, help="cells, one above the other")
    add("--units", type=cli.whole(1), default=64, help="of each layer and of the embedding")
    add("--steps", type=cli.whole(1), default=50, help="pairs that the gradient flows back through")
    add("--batch-size", type=cli.whole(1), default=64, help="rows of an iteration")
    add("--unroll", choices=("static", "manual", "dynamic"), default="dynamic", help="how the steps are laid out")
    add("--stories", type=cli.whole(2), nargs="+", default=(20, 100), help="of the book; a comparison for each")
    add("--seeds", type=cli.whole(1), default=3, help="networks of each kind: seed, seed + 1, ...")
    add("--iterations", type=cli.whole(100), default=700, help="of training, rounded down to hundreds")
    add("--learning-rate", type=cli.real(0), default=0.01, help="of Adam, at first")
    add("--no-one-step", action="store_true", help="leave out the networks without unrolling")
    add("--prompt", help="what the story begins with (default: a held-out story's first words)")
    add("--count", type=cli.whole(50, 10**6), default=1000, help="pairs to write")
    add("--temperature", type=cli.real(0), default=0.8, help="below 1 likely pairs become likelier")
    add("--top-p", type=cli.real(0, 1), default=0.95, help="only the likeliest pairs that make up this share")
    flags = cli.parse(parser)
    flags.cell = list(dict.fromkeys(flags.cell))  # none twice
    flags.iterations -= flags.iterations % 100
    if flags.seed + flags.seeds > 2**32:
        parser.error("argument --seeds: the last seed would be above 2**32 - 1")
    if flags.quick:
        flags.seeds, flags.iterations, flags.stories = 1, 100, flags.stories[:1]
    return flags


def main() -> None:
    flags = parse_flags()

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import training
    from rnn_tf1.data.text import fairy_tales
    from rnn_tf1.errors import printable
    from rnn_tf1.experiments.language import pictures, story_models
    from rnn_tf1.program.files import atomic_path, locked

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
        origin = "%s: %s" % (tales.kind, tales.source)
        cli.write_metrics(path, "fairy_tales", flags, origin, seconds, **figures)
        print("story.txt, story_argmax.txt, perplexity.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
