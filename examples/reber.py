"""Is it a word of the automaton? Embedded Reber strings, valid or with one wrong letter; and new ones, letter by letter.

With no flags: 20,000 strings, about two minutes on two CPU cores. A classifier reads each string from left to right;
a language model learns the valid ones and writes 1,000 of its own, which the automaton then judges. The last letter but one
must be the same as the second, however many stand between: who forgets cannot do it.

No string that the classifier is validated or tested on stands in its training; half of the validation strings and half of the
test strings are valid. Strings that are broken in the last letter but one alone are counted by themselves. The language model
is scored on strings as they come, short ones again and again, beside the perplexity of who knows the automaton.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os

from rnn_tf1.program.settings import Settings, choice, real, whole


@dataclasses.dataclass
class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "peephole"), "recurrent cell")
    units: int = whole(64, "of the classifier and of the language model", quick=16)
    strings: int = whole(20000, "to learn from, one half valid", least=100, quick=1000)
    epochs: int = whole(20, "passes over the strings", quick=2)
    batch_size: int = whole(64, "strings side by side")
    learning_rate: float = real(0.01, "of the classifier, at the start; it falls to 0 along a cosine")
    writing_epochs: int = whole(20, "of the language model", quick=2)
    write: int = whole(1000, "strings for it to write", most=100000, quick=100, of_run=False)


def main() -> None:
    flags = Flags.parse("reber", __doc__)

    import numpy as np
    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting, training
    from rnn_tf1.data.generated import reber
    from rnn_tf1.data.ragged import RaggedBatches
    from rnn_tf1.experiments.classification import classify
    from rnn_tf1.experiments.language import language_model
    from rnn_tf1.models.language_model import LanguageModelConfig
    from rnn_tf1.models.text_classifier import TextClassifierConfig, build_text_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training import runs

    with locked(flags.out_dir):
        counts, held_out = (flags.strings, flags.strings // 5, flags.strings), 300 if flags.quick else 3000
        drawn = [reber.generate(count, flags.seed, part) for part, count in enumerate(counts)]
        train = drawn[0]
        validation = reber.unseen(held_out // 3, flags.seed, 3, train.strings)
        test = reber.unseen(held_out, flags.seed, 4, train.strings + validation.strings)
        print("%d strings to learn from, %d and %d others" % tuple(len(p.strings) for p in (train, validation, test)))
        data = reber.streams(*drawn)
        vocabulary = data.vocabulary

        def batches(part):
            return RaggedBatches(
                [vocabulary.encode(list(s)) for s in part.strings], part.labels, flags.batch_size, flags.seed
            )

        def place(name, *without):
            settings = flags.identity(data="reber", tensorflow=tf.__version__)
            return os.path.join(flags.out_dir, name), {key: settings[key] for key in settings if key not in without}

        config = TextClassifierConfig(vocabulary=len(vocabulary), depth=16, cell=flags.cell, units=flags.units)
        recipe, held = runs.Recipe(flags.epochs, flags.learning_rate), list(batches(validation).in_order(500))
        folder, settings = place("reading", "writing_epochs")
        reading = classify.train(
            build_text_classifier, config, batches(train), held, recipe, folder, settings, flags.seed
        )
        with classify.restored(build_text_classifier, config, folder, settings) as (session, net):
            judged = classify.judge(session, net, batches(test).in_order(500))
        hard = [number for number, text in enumerate(test.strings) if reber.needs_memory(text)]
        remembered = float(np.mean([judged.probabilities[number].argmax() == 0 for number in hard]))
        print("reading: %.3f %% of %d unseen strings are judged right" % (100 * judged.accuracy, len(test.strings)))
        print("  of the %d that are broken in the last letter but one alone: %.3f %%" % (len(hard), 100 * remembered))

        sizes = dict(units=flags.units, layers=1, steps=60, batch_size=8, forget_bias=None, init_scale=0.2)
        model = LanguageModelConfig(vocabulary=len(vocabulary), cell=flags.cell, unroll="dynamic", **sizes)
        folder, settings = place("writing", "epochs", "batch_size", "learning_rate")
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(flags.seed)
            how = language_model.Recipe(flags.writing_epochs, max(1, flags.writing_epochs // 2), 0.7, 5.0, 0.01, "adam")
            writing = language_model.train(session, model, how, data, folder, settings, flags.seed)
            count = 4 * max(map(len, train.strings))
            texts = language_model.write_on(
                session, model, vocabulary, [""] * flags.write, count, flags.seed, stop=vocabulary.end
            )
        written = [text.replace(" ", "").strip() for text in texts]
        valid = [text for text in written if reber.is_valid(text)]
        new = set(valid) - set(train.strings)
        print("writing: %d of %d strings are valid, %d of them new, such as" % (len(valid), len(written), len(new)))
        print("  " + "\n  ".join(sorted(new, key=len)[-3:]))
        wrong = [text for text in written if not reber.is_valid(text)]
        print("not valid: %s" % (", ".join(wrong[:3]) or "none"))
        perplexity, best = writing.figures["test_perplexity"], reber.best_perplexity(drawn[2].valid())
        print("its perplexity is %.4f; that of who knows the automaton is %.4f" % (perplexity, best))
        plotting.accuracy_curves({"reading": reading.history}, 0.5, os.path.join(flags.out_dir, "curves.png"))
        cli.write_metrics(
            os.path.join(flags.out_dir, "metrics.json"),
            "reber",
            flags,
            "generated: embedded Reber strings",
            reading.seconds + writing.seconds,
            test_accuracy=judged.accuracy,
            test_strings=len(test.strings),
            memory_accuracy=remembered,
            memory_strings=len(hard),
            longest_test_string=max(map(len, test.strings)),
            written_valid=len(valid) / len(written),
            written_new=len(new),
            letter_perplexity=perplexity,
            best_perplexity=best,
        )
        print("metrics.json and curves.png are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
