"""Wrong lines for how classifiers, captions, missing words and chorales are trained, judged and drawn."""

from planted import Mutant

CLASSIFIED, CAPTIONS, MISSING, CHORALES = [
    "rnn_tf1/experiments/%s.py" % name
    for name in ("classification/classify", "captions/captions", "language/missing_word", "language/bach")
]
GRAPHS, BASELINES = "rnn_tf1/training/runs.py", "rnn_tf1/experiments/baselines.py"
PICTURES, OF_CAPTIONS = "rnn_tf1/experiments/classification/pictures.py", "rnn_tf1/experiments/captions/pictures.py"
WRAPPER, MODEL, CLI = "rnn_tf1/wrappers/projections.py", "rnn_tf1/models/language_model.py", "rnn_tf1/program/cli.py"

RUNS = "tests/experiments/test_shape_runs.py -k "
JUDGED, LEARNT, BAYES = RUNS + "judging", RUNS + "restored", RUNS + "bayes"
COMPARED, FED, SCORED, COMPOSED = RUNS + "word_by_word", RUNS + "are_fed", RUNS + "scores", RUNS + "composing"
WITNESS = "tests/experiments/test_baselines.py"
NOTED, SENTENCES = RUNS + "by_their_notes", RUNS + "sentences"
GUESSES = "rnn_tf1/experiments/language/pictures.py"
CHOSEN, SETTINGS = "tests/program/test_settings.py", "rnn_tf1/program/settings.py"
OWN, COMMAND = "tests/training/test_graph_runs.py", "tests/program/test_cli.py -k "
DRAWN = "tests/plotting/test_plotting.py -k "
FRONT, LANGUAGE = [
    "tests/%s.py -k convolution" % name for name in ("wrappers/test_wrappers", "models/test_language_model")
]

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
    Mutant(GRAPHS, "training.restore_best(session, folder, settings)", "pass", OWN, "weights that were never trained"),
    Mutant(GRAPHS, "recipe.epochs * steps_per_epoch)", "recipe.epochs)", OWN, "a rate that falls too early"),
    Mutant(GRAPHS, "step, recipe.clip_norm)", "step)", OWN, "gradients of any length"),
    Mutant(GRAPHS, "tf.group(train_op.op, *net.beside)", "train_op.op", OWN, "what is to be run beside is not"),
    Mutant(GRAPHS, "        tf.set_random_seed(seed)\n", "", OWN, "weights that begin anywhere"),
    Mutant(GRAPHS, "            **how,\n", "", OWN, "a figure that is watched, forgotten"),
    Mutant(
        "rnn_tf1/training/loop.py",
        "            begin(session)\n",
        "            pass\n",
        OWN,
        "weights of elsewhere, forgotten",
    ),
    Mutant(SETTINGS, "min(value, most)", "most", CHOSEN, "a setting that --quick raises"),
    Mutant(SETTINGS, "if self.quick and most is not None", "if most is not None", CHOSEN, "every run a quick one"),
    Mutant(
        SETTINGS,
        "return dict({name: value for name, value in self.entries().items() if name in kept}, **more)",
        "return dict(self.entries(), **more)",
        CHOSEN,
        "settings of afterwards",
    ),
    Mutant(SETTINGS, "count - 1 > last", "count > last", CHOSEN, "the last seed refused"),
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
    Mutant(BASELINES, "counts.sum(1, keepdims=True))", "len(texts))", WITNESS, "shares that do not sum to 1"),
    Mutant(BASELINES, "classes[1] / classes[0]", "classes[0] / classes[1]", WITNESS, "the rarer class preferred"),
    Mutant(BASELINES, "-1).astype(np.float64)", "-1).astype(np.float32)", WITNESS, "half of the digits"),
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
    Mutant(
        CAPTIONS,
        "(net.images, net.inputs, net.targets, net.lengths)",
        "(net.images, net.targets, net.inputs, net.lengths)",
        FED,
        "what it should write is what it reads",
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
    Mutant(MISSING, "count += len(wanted)", "count += len(batch.lengths)", SCORED, "a mean over sentences"),
    Mutant(MISSING, "top_k(net.logits, SHOWN)", "top_k(-net.logits, SHOWN)", SCORED, "the least likely"),
    Mutant(MISSING, "int(right.sum())", "int(right[:, 1:].sum())", SCORED, "the first is not among the five"),
    Mutant(
        MISSING,
        "np.cumsum(batch.lengths - 2)[:-1])\n",
        "np.cumsum(batch.lengths)[:-1])\n",
        RUNS + "learnt",
        "guesses of another sentence",
    ),
    Mutant(
        MISSING,
        "score(session, scored, likeliest, validation)",
        "score(session, scored, build_guesses(scored), validation)",
        RUNS + "learnt",
        "ops that are added after each epoch",
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
        "tests/experiments/test_shape_runs.py -k forgets",
        "nothing is remembered",
    ),
    Mutant(CHORALES, "nats.sum(1).mean()", "nats.mean(1).mean()", NOTED, "a chord is a note"),
    Mutant(CHORALES, "again.mean(0).tolist()", "[again.mean()] * 4", NOTED, "all voices for each"),
    Mutant(CHORALES, "count = chords * len(chorales.VOICES)", "count = chords", COMPOSED, "a quarter of the notes"),
    Mutant(CHORALES, ", stop=vocabulary.end", "", COMPOSED, "a chorale that never ends"),
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
    Mutant(PICTURES, "float(shares[step])", "float(shares[step - 1])", DRAWN + "shade", "shades a step late"),
    Mutant(PICTURES, "float(shares[step])", "float(shares[step + 1])", DRAWN + "shade", "shades a step early"),
    Mutant(PICTURES, "looked.max(), stretch)", "looked.max(), 1)", DRAWN + "shade", "a share for each step"),
    Mutant(PICTURES, "[page.label(word) for", "[word for", DRAWN + "verdicts", "a price read as a formula"),
    Mutant(GUESSES, "page.label(text, 200)", "text", DRAWN + "under_their_words", "a price read as a formula"),
    Mutant(GUESSES, "if few[0] == word", "if word in few", DRAWN + "under_their_words", "one of five is right"),
    Mutant(GUESSES, "size = min(9.0, 72", "size = max(9.0, 72", DRAWN + "under_their_words", "words beyond the edge"),
    Mutant(GUESSES, "len(few) != len(words) or", "", DRAWN + "under_their_words", "words without guesses"),
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
        OF_CAPTIONS,
        "seen = shares[place - 1].reshape",
        "seen = shares[0].reshape",
        DRAWN + "looks",
        "another word's place",
    ),
    Mutant(
        PICTURES,
        "min(len(classes), MOST_CLASSES)",
        "len(classes)",
        "tests/plotting/test_plotting.py -k classes",
        "too high a picture",
    ),
    Mutant(
        "rnn_tf1/experiments/language/missing_word.py",
        'check_finite({"test_perplexity"',
        '({"test_perplexity"',
        "tests/experiments/test_shape_runs.py -k infinite",
        "an infinite figure published",
    ),
    Mutant(GUESSES, "if notes[start]:", "if True:", DRAWN + "roll", "silence drawn"),
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
        "_make_cell(config, Mode(False))",
        "make_stack(config, Mode(False))",
        LANGUAGE,
        "no convolution",
    ),
]
