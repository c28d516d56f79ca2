"""Wrong lines for how classifiers, captions, missing words and chorales are trained, judged and drawn."""

from planted import Mutant

CLASSIFIED, CAPTIONS, MISSING, CHORALES = [
    "rnn_tf1/%s_runs.py" % name for name in ("classification", "caption", "missing_word", "chorale")
]
NOTES, BASELINES, PICTURES = "rnn_tf1/data/chorales.py", "rnn_tf1/baselines.py", "rnn_tf1/plotting/sequences.py"
WRAPPER, MODEL = "rnn_tf1/wrappers/projections.py", "rnn_tf1/models/language_model.py"

RUNS = "tests/test_shape_runs.py -k "
JUDGED, LEARNT, BAYES = RUNS + "judging", RUNS + "restored", RUNS + "bayes"
COMPARED, SCORED, WORDS, STREAMS = (
    RUNS + "word_by_word",
    RUNS + "scores",
    RUNS + "'as_words or composing'",
    RUNS + "streams",
)
NOTED, SENTENCES = RUNS + "by_their_notes", RUNS + "sentences"
DRAWN = "tests/test_plotting.py -k "
FRONT, LANGUAGE = ["tests/test_%s.py -k convolution" % name for name in ("wrappers", "language_model")]

MUTANTS = [
    Mutant(
        CLASSIFIED, "for place in sorted(found)", "for place in found", JUDGED, "answers in the order of the batches"
    ),
    Mutant(
        CLASSIFIED, "(chances[:length], label[:length], look)", "(chances, label, look)", JUDGED, "the padding judged"
    ),
    Mutant(
        CLASSIFIED,
        "count += int(batch.lengths.sum()) if by_step",
        "count += batch.labels.size if by_step",
        JUDGED,
        "padding",
    ),
    Mutant(CLASSIFIED, 'np.trim_zeros(fetched[3][row], "b")', "fetched[3][row]", JUDGED, "a share of the padding"),
    Mutant(
        CLASSIFIED,
        "np.ravel(probabilities.argmax(-1))",
        "np.ravel(probabilities.argmin(-1))",
        JUDGED,
        "the least likely",
    ),
    Mutant(
        CLASSIFIED,
        "training.restore_best(session, folder, settings)",
        "pass",
        LEARNT,
        "weights that were never trained",
    ),
    Mutant(
        CLASSIFIED,
        'return {"valid_loss": found.loss, "valid_accuracy": found.accuracy}',
        'return {"valid_loss": found.accuracy, "valid_accuracy": found.loss}',
        LEARNT,
        "figures swapped",
    ),
    Mutant(
        BASELINES,
        "counts[label, np.unique(ids)] += 1",
        "np.add.at(counts, (label, ids), 1)",
        BAYES,
        "a word twice in a text",
    ),
    Mutant(BASELINES, "counts = np.ones([2, words])", "counts = 2 * np.ones([2, words])", BAYES, "twice as sure"),
    Mutant(
        BASELINES,
        "self._odds + self._words[np.unique(ids)]",
        "self._words[np.unique(ids)]",
        BAYES,
        "the classes' shares",
    ),
    Mutant(
        BASELINES, "self._words[np.unique(ids)].sum()", "self._words[ids].sum()", BAYES, "a word twice in what is asked"
    ),
    Mutant(CAPTIONS, "count = length - int(ended)", "count = length", COMPARED, "the end is a word"),
    Mutant(CAPTIONS, 'found["tokens"][:, 0]', 'found["tokens"][:, -1]', COMPARED, "the worst beam"),
    Mutant(
        CAPTIONS, "wanted = captioned.outputs[first + row", "wanted = captioned.outputs[row", COMPARED, "another canvas"
    ),
    Mutant(
        CAPTIONS, "written.right[counts == count]", "written.right[counts >= count]", COMPARED, "more digits counted"
    ),
    Mutant(MISSING, "one[one != end], mark]", "one, mark]", SENTENCES, "a mark twice"),
    Mutant(MISSING, "if (one != end).any()]", "if len(one)]", SENTENCES, "sentences without a word"),
    Mutant(MISSING, "count += len(one)", "count += len(batch.lengths)", SCORED, "a mean over sentences"),
    Mutant(
        MISSING,
        "tf.nn.in_top_k(net.logits, net.wanted, SHOWN)",
        "tf.nn.in_top_k(net.logits, net.wanted, SHOWN + 1)",
        SCORED,
        "a guess too many",
    ),
    Mutant(
        CHORALES,
        "counted = slice(len(chorales.VOICES), -1)",
        "counted = slice(len(chorales.VOICES) - 1, -2)",
        NOTED,
        "the end",
    ),
    Mutant(CHORALES, "kept = np.ravel(weights) > 0", "kept = np.ravel(weights) >= 0", NOTED, "fillers counted"),
    Mutant(
        CHORALES,
        "net.begins: number == 0",
        "net.begins: True",
        "tests/test_shape_runs.py -k forgets",
        "nothing is remembered",
    ),
    Mutant(CHORALES, "nats.sum(1).mean()", "nats.mean(1).mean()", NOTED, "a chord is a note"),
    Mutant(CHORALES, "count = chords * len(chorales.VOICES)", "count = chords", WORDS, "a quarter of the notes"),
    Mutant(CHORALES, ", stop=vocabulary.end", "", WORDS, "a chorale that never ends"),
    Mutant(NOTES, "np.where(chorale > 0, chorale + semitones, 0)", "chorale + semitones", WORDS, "silence moved"),
    Mutant(NOTES, "word[:1] == VOICES[len(notes) % len(VOICES)][0] and ", "", WORDS, "another voice's note"),
    Mutant(NOTES, "range(-most, most + 1)", "range(-most, most)", STREAMS, "a key left out"),
    Mutant(NOTES, "for place in epoch_order(len(many), seed, 0)", "for place in range(len(many))", STREAMS, "unmixed"),
    Mutant(
        PICTURES,
        "right = bool(chance[-1] > 0.5)",
        "right = bool(chance[0] > 0.5)",
        DRAWN + "verdicts",
        "the first word's",
    ),
    Mutant(
        PICTURES,
        "if not strokes[step - 1, 2]:",
        "if not strokes[step, 2]:",
        DRAWN + "drawings_stand",
        "a step too late",
    ),
    Mutant(
        PICTURES,
        "centre[1] + half, centre[1] - half",
        "centre[1] - half, centre[1] + half",
        DRAWN + "drawings_stand",
        "upside down",
    ),
    Mutant(
        PICTURES,
        "axes.set_title(classes[labels[row][frame]]",
        "axes.set_title(classes[labels[row][0]]",
        DRAWN + "clips",
        "the first frame's label",
    ),
    Mutant(
        PICTURES,
        "seen = shares[place - 1].reshape",
        "seen = shares[0].reshape",
        DRAWN + "looks",
        "another word's place",
    ),
    Mutant(PICTURES, "if notes[start]:", "if True:", DRAWN + "roll", "silence drawn"),
    Mutant(
        WRAPPER,
        "return output, (inner, read[1:])",
        "return output, (inner, read[:-1])",
        FRONT,
        "the last input forgotten",
    ),
    Mutant(WRAPPER, "read = before + (inputs,)", "read = (inputs,) + before", FRONT, "the kernel turned round"),
    Mutant(MODEL, "input_size=config.units, activation=tf.nn.relu)", "input_size=config.units)", LANGUAGE, "no ReLU"),
    Mutant(
        MODEL,
        "        cell = _make_cell(config, False)",
        "        cell = make_stack(config, False)",
        LANGUAGE,
        "no convolution",
    ),
]
