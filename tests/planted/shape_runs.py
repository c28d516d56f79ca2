"""Wrong lines for how classifiers, captions, missing words and chorales are trained, judged and drawn."""

from planted import Mutant

CLASSIFIED, CAPTIONS, MISSING, CHORALES = [
    "rnn_tf1/experiments/%s.py" % name
    for name in ("classification/classify", "captions/captions", "language/missing_word", "language/bach")
]
GRAPHS, BASELINES = "rnn_tf1/experiments/experiment.py", "rnn_tf1/experiments/baselines.py"
RECIPE, LOOP = "rnn_tf1/training/recipe.py", "rnn_tf1/training/loop.py"
WRAPPER, MODEL = ("rnn_tf1/wrappers/projections.py", "rnn_tf1/models/language_model.py")

RUNS = "tests/experiments/test_shape_runs.py -k "
JUDGED, LEARNT, BAYES = RUNS + "judging", RUNS + "restored", RUNS + "bayes"
COMPARED, FED, SCORED, COMPOSED = RUNS + "word_by_word", RUNS + "are_fed", RUNS + "scores", RUNS + "composing"
WITNESS = "tests/experiments/test_baselines.py"
NOTED, SENTENCES = RUNS + "by_their_notes", RUNS + "sentences"
OWN = "tests/experiments/test_experiment.py"
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
    Mutant(GRAPHS, "training.restore_best(session, self.folder)", "pass", OWN, "weights that were never trained"),
    Mutant(RECIPE, "step, steps_per_epoch * self.epochs)", "step, self.epochs)", OWN, "a rate that falls too early"),
    Mutant(RECIPE, "step, self.clip_norm,", "step, None,", OWN, "gradients of any length"),
    Mutant(
        RECIPE, "epoch + 1.0 - self.constant_epochs", "epoch - self.constant_epochs", OWN, "a rate that falls too late"
    ),
    Mutant(
        RECIPE, "lower_is_better, self.patience, self.target)", "lower_is_better)", OWN, "a run that never stops early"
    ),
    Mutant(GRAPHS, "tf.group(train_op.op, trained.carry)", "train_op.op", OWN, "a state that is not carried on"),
    Mutant(LOOP, "        tf.set_random_seed(seed)\n", "", OWN, "weights that begin anywhere"),
    Mutant(LOOP, "return trained, build(Mode(False))", "return trained, trained", OWN, "dropout in what is evaluated"),
    Mutant(GRAPHS, "self.monitor, self.lower_is_better)", "self.monitor)", OWN, "an error that is taken for a score"),
    Mutant(GRAPHS, "                    self.begin,\n", "", OWN, "weights of elsewhere, forgotten"),
    Mutant(
        LOOP,
        "            begin(session)\n",
        "            pass\n",
        OWN,
        "weights of elsewhere, forgotten",
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
        "net.inputs: batch.inputs,",
        "net.inputs: batch.outputs,",
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
        "score(session, net.model, net.likeliest, self.held_out)",
        "score(session, net.model, build_guesses(net.model), self.held_out)",
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
    Mutant(CHORALES, "chords * len(chorales.VOICES)", "chords", COMPOSED, "a quarter of the notes"),
    Mutant(CHORALES, ", stop=self.data.vocabulary.end", "", COMPOSED, "a chorale that never ends"),
    Mutant(
        "rnn_tf1/experiments/language/missing_word.py",
        'check_finite({"test_perplexity"',
        '({"test_perplexity"',
        "tests/experiments/test_shape_runs.py -k infinite",
        "an infinite figure published",
    ),
    Mutant(
        WRAPPER,
        "return output, (inner, window[1:])",
        "return output, (inner, window[:-1])",
        FRONT,
        "the last input forgotten",
    ),
    Mutant(WRAPPER, "window = past + (inputs,)", "window = (inputs,) + past", FRONT, "the kernel turned round"),
    Mutant(MODEL, "input_size=config.units, activation=tf.nn.relu)", "input_size=config.units)", LANGUAGE, "no ReLU"),
    Mutant(
        MODEL,
        "recurrence.make_cell(config, Mode(False))",
        "make_stack(config, Mode(False))",
        LANGUAGE,
        "no convolution",
    ),
]
