"""What does it say? One to four digits stand somewhere on a canvas, and a network writes under it: "seven two nine".

With no flags: canvases drawn anew at each step from MNIST's training digits, two networks, twenty-five minutes on two CPU
cores. Both see the canvas through the same small convolutional network; one decoder knows it as a single vector, as in "Show
and Tell"; the other looks at a place for each word, as in "Show, Attend and Tell". They are tested, with beam search, on
canvases with digits that neither has seen; a caption counts where every word of it is right. The picture shows where the second
one looks.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import os


class Flags(Settings):
    attention: str = choice("bahdanau", ("bahdanau", "luong"), "how the second network looks")
    cell: str = choice("gru", ("gru", "lstm", "basic", "layer_norm"), "of the decoder")
    units: int = whole(128, "of each layer of the decoder", quick=32)
    layers: int = whole(1, "of the decoder")
    keep_prob: float = real(1.0, "dropout in the decoder, and of the vector of the image", most=1)
    width: int = whole(3, "captions that are kept in view while writing", most=13, of_run=False)
    epochs: int = whole(20, "rounds, after each of which it is validated", quick=2)
    steps: int = whole(500, "training steps of a round", quick=10)
    batch_size: int = whole(64, "canvases of a step", quick=16)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")


def main() -> None:
    flags = Flags.parse("caption_digits", __doc__)

    from rnn_tf1.program.files import locked

    import tensorflow.compat.v1 as tf
    from rnn_tf1 import plotting
    from rnn_tf1.data.images import canvases, mnist
    from rnn_tf1.experiments.captions import captions, pictures
    from rnn_tf1.models.captioner import CaptionerConfig
    from rnn_tf1.training.runs import Recipe

    with locked(flags.out_dir):
        data, count = mnist.load(flags.data_dir), 100 if flags.quick else 2000
        validation = canvases.draw(data.validation, count // 4, flags.seed, canvases.VALIDATION)
        tested = canvases.draw(data.test, count, flags.seed, canvases.TEST)
        batches = canvases.CanvasBatches(data.train, flags.steps, flags.batch_size, flags.seed)
        recipe = Recipe(flags.epochs, flags.learning_rate)
        runs, written, seconds = {}, {}, 0.0
        for name, attention in (("without attention", None), ("with attention", flags.attention)):
            sizes = {size: getattr(flags, size) for size in ("cell", "units", "layers", "keep_prob")}
            config = CaptionerConfig(target_vocabulary=len(canvases.WORDS), attention=attention, **sizes)
            made_of = dict(data=data.identity, tensorflow=tf.__version__, attention=attention)
            settings = flags.identity(**made_of)
            folder = os.path.join(flags.out_dir, name.replace(" ", "_"))
            print("%s: %d x %d steps of %d canvases" % (name, flags.epochs, flags.steps, flags.batch_size))
            runs[name] = captions.train(config, batches, validation, recipe, folder, settings, flags.seed)
            written[name] = captions.caption(config, tested, folder, settings, flags.width)
            seconds += runs[name].seconds
            print("%s: %.2f %% of %d captions are right" % (name, 100 * written[name].right.mean(), count))
        counts = {name: captions.by_count(found, tested) for name, found in written.items()}
        for digits in counts["with attention"]:
            shares = ", ".join("%s %.2f %%" % (name, 100 * counts[name][digits]) for name in counts)
            print("  %d digit%s: %s" % (digits, "s" * (digits > 1), shares))

        def picture(name):
            return os.path.join(flags.out_dir, name)

        histories = {name: run.history for name, run in runs.items()}
        plotting.accuracy_curves(histories, None, picture("curves.png"))
        pictures.shares_by_count(counts, picture("by_count.png"))
        found = written["with attention"]
        shown = [i for i, digits in enumerate(tested.digits) if len(digits) == canvases.MOST][:3]
        wrong = [i for i, right in enumerate(found.right) if not right and len(found.words[i]) and i not in shown]
        shown += wrong[:2]
        words = [[canvases.WORDS[word] for word in found.words[i]] for i in shown]
        looked = [found.alignments[i] for i in shown]
        pictures.looks(tested.images[shown, :, :, 0], words, looked, found.right[shown], picture("attention.png"))
        origin = data.origin
        cli.write_metrics(
            picture("metrics.json"),
            "caption_digits",
            flags,
            origin,
            seconds,
            attention_test_accuracy=float(found.right.mean()),
            plain_test_accuracy=float(written["without attention"].right.mean()),
            by_count={name: {str(digits): share for digits, share in one.items()} for name, one in counts.items()},
            attention_seconds=runs["with attention"].seconds,
            parameters={name: run.parameters for name, run in runs.items()},
        )
        print("metrics.json and the pictures are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
