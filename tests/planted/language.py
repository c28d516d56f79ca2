"""Wrong lines for language models: the fast path, losses over many classes, the graph, its training and its scoring."""

from planted import Mutant

FUSED, LOSSES, OPTIMIZE = "rnn_tf1/unrolling/fused.py", "rnn_tf1/layers/losses.py", "rnn_tf1/training/optimize.py"
MODEL, RUNS, DROPOUT = (
    "rnn_tf1/models/language_model.py",
    "rnn_tf1/experiments/language/language_model.py",
    "rnn_tf1/wrappers/dropout.py",
)
TRAINING, SPEED = ("rnn_tf1/training/loop.py", "rnn_tf1/training/speed.py")
RECIPE, EXPERIMENT = "rnn_tf1/training/recipe.py", "rnn_tf1/experiments/experiment.py"

PLAIN = "tests/unrolling/test_fused.py -k 'plain_loop and (basic_lstm or forget or gru) and not masks'"
MASKS = "tests/unrolling/test_fused.py -k masks"
LAYOUTS, REFUSED = "tests/unrolling/test_fused.py -k layouts", "tests/unrolling/test_fused.py -k refused"
SUMS = "tests/layers/test_losses.py"
GRAPH = "tests/models/test_language_model.py -k 'numpy or weights or perplexity or begin'"
WORDS = "tests/models/test_language_model.py -k 'masks or random or sampled or vectors'"
SAMPLER = "tests/models/test_language_model.py -k sampler"
TRAINED = "tests/experiments/test_language_runs.py -m '' -k 'says_what or killed or rate or speed'"
FROZEN = "tests/experiments/test_language_runs.py -k frozen"
TEXTS = "tests/experiments/test_language_runs.py -k 'texts or vocabulary'"
TIED, OLDER = (
    "tests/experiments/test_language_runs.py -k is_tied",
    "tests/experiments/test_language_runs.py -k 'older and not sampled'",
)
MENDED, FINITE = (
    "tests/experiments/test_language_runs.py -k stands_in_nobodys",
    "tests/experiments/test_language_runs.py -k not_finite",
)
FINISHED = "tests/experiments/test_language_runs.py -k restored_without"
CHOSEN = "tests/models/test_language_model.py -k 'tensor_cannot or without_log'"
OWN = "tests/experiments/test_language_runs.py -k stands_between"
MADE = "        self.stretches = Batches(self.data.train"

MUTANTS = [
    Mutant(
        MODEL,
        "if config.initializer != StackConfig.initializer:",
        "if False:",
        "tests/models/test_language_model.py -k an_initializer",
        "a choice forgotten",
    ),
    # The fast path.
    Mutant(FUSED, "[float(cell._forget_bias)] * n + [0.0] * n", "[0.0] * 2 * n", PLAIN, "the forget bias ignored"),
    Mutant(FUSED, "before, c = c, f * c + i * j", "before, c = c, i * c + f * j", PLAIN, "gates swapped"),
    Mutant(
        FUSED,
        "dc += dh * o * (1 - tanh_c * tanh_c)",
        "dc = dh * o * (1 - tanh_c * tanh_c)",
        PLAIN,
        "the memory's gradient cut",
    ),
    Mutant(FUSED, "dj * (1 - j * j)", "dj * j * (1 - j)", PLAIN, "tanh taken for sigma in the gradient"),
    Mutant(
        FUSED,
        "di, dj, df, do = dc * j, dc * i, dc * before",
        "di, dj, df, do = dc * j, dc * i, dc * c",
        PLAIN,
        "the last memory",
    ),
    Mutant(FUSED, "                dc *= f\n", "", PLAIN, "the forget gate missing from the gradient"),
    Mutant(
        FUSED,
        "before, h = h, u * h + (1 - u) * c",
        "before, h = h, (1 - u) * h + u * c",
        PLAIN,
        "u the other way round",
    ),
    Mutant(FUSED, "ds * reads[t] * r * (1 - r)", "ds * r * (1 - r)", PLAIN, "the reset gate's gradient without h"),
    Mutant(FUSED, "dh = dh * u + _masked(", "dh = _masked(", PLAIN, "the GRU's gradient through u * h cut"),
    Mutant(
        FUSED,
        "_kernel_gradient([x, resets], da)",
        "_kernel_gradient([x, reads], da)",
        PLAIN,
        "the candidate's kernel reads h",
    ),
    Mutant(FUSED, "dh * (before - c)", "dh * (c - before)", PLAIN, "the update gate's gradient with the wrong sign"),
    Mutant(
        FUSED,
        "reads.append(_masked(h, masks, t))\n            i, j",
        "reads.append(h)\n            i, j",
        MASKS,
        "no recurrent dropout",
    ),
    Mutant(
        FUSED,
        "dh = _masked(tf.matmul(dg[t], to_h), masks, t)",
        "dh = tf.matmul(dg[t], to_h)",
        MASKS,
        "a mask forward alone",
    ),
    Mutant(FUSED, 'x = cell.drop_all_steps(x, "input")', "pass", MASKS, "inputs that are not dropped"),
    Mutant(
        FUSED,
        'return cell.drop_all_steps(outputs, "output"), state',
        "return outputs, state",
        MASKS,
        "outputs not dropped",
    ),
    Mutant(DROPOUT, "with time_step(t):", "with time_step(0):", MASKS, "one mask for all steps of the fast path"),
    Mutant(
        DROPOUT,
        "one_step = self._fixed_key(salt), tf.shape(x)[1:]",
        "one_step = self._fixed_key(salt), None",
        MASKS,
        "not one mask",
    ),
    Mutant(
        FUSED,
        "else tf.transpose(outputs, [1, 0, 2])), state",
        "else outputs), state",
        LAYOUTS,
        "time and rows turned round",
    ),
    Mutant(FUSED, "or cell._cell_clip is not None", "", REFUSED, "clipping passed over"),
    Mutant(FUSED, "if cell._activation is not tf.tanh or not", "if not", REFUSED, "another activation passed over"),
    Mutant(
        FUSED,
        "if type(cell) in _LAYERS:",
        "if isinstance(cell, tuple(_LAYERS)):",
        REFUSED,
        "a derived cell taken for its base",
    ),
    # Losses.
    Mutant(LOSSES, "d_hidden = d * tf", "d_hidden = tf", SUMS, "hidden's gradient without the rows' weights"),
    Mutant(
        LOSSES,
        "tf.concat([d * hidden, d], 1)",
        "tf.concat([d * hidden, tf.ones_like(d)], 1)",
        SUMS,
        "the bias's gradient unweighted",
    ),
    Mutant(LOSSES, "        logits -= tf.reduce_max(logits, 1, keepdims=True)\n", "", SUMS, "a softmax that overflows"),
    Mutant(
        LOSSES,
        "tf.tensor_scatter_sub(e, target_indices, total)",
        "tf.tensor_scatter_sub(e, places, tf.ones_like(total))",
        SUMS,
        "the target",
    ),
    Mutant(LOSSES, "others -= tf.log(", "others += tf.log(", SUMS, "the correction with the wrong sign"),
    Mutant(
        LOSSES,
        "tf.where_v2(is_target, tf.constant(-math.inf, others.dtype), others)",
        "others",
        SUMS,
        "the target counted again",
    ),
    Mutant(
        LOSSES,
        "tf.exp(u * math.log(classes + 1.0)), tf.int64) - 1",
        "u * classes, tf.int64)",
        SUMS,
        "uniform candidates",
    ),
    Mutant(
        LOSSES,
        'mask_key(seed, step, "candidates", 0)',
        'mask_key(seed, 0, "candidates", 0)',
        SUMS,
        "the same draws at all steps",
    ),
    Mutant(
        OPTIMIZE,
        "learning_rate * clip_norm / tf.maximum(norm, clip_norm)",
        "learning_rate",
        "tests/training/test_training.py -k clipping",
        "no clipping",
    ),
    Mutant(
        OPTIMIZE,
        "    gradients = tuple(_summed_by_row(gradient) for gradient in gradients)\n",
        "",
        "tests/training/test_training.py -k comes_often",
        "rows added up in any order",
    ),
    # The graph.
    Mutant(MODEL, "tf.where_v2(begins, tf.zeros_like(s), s)", "s", GRAPH, "a text that begins in the state of another"),
    Mutant(MODEL, "tf.where_v2(begins, tf.zeros_like(s), s)", "tf.zeros_like(s)", GRAPH, "a state that is not carried"),
    Mutant(
        MODEL,
        "wanted = tf.reshape(tf.transpose(targets), [-1])",
        "wanted = tf.reshape(targets, [-1])",
        GRAPH,
        "rows for steps",
    ),
    Mutant(MODEL, "[steps, batch_size])) * weights", "[steps, batch_size]))", GRAPH, "padding that is scored"),
    Mutant(
        MODEL,
        "total / tf.maximum(tf.reduce_sum(weights), 1.0)",
        "tf.reduce_mean(losses)",
        GRAPH,
        "a mean over the padding",
    ),
    Mutant(
        MODEL,
        "tf.random_uniform_initializer(-config.init_scale, config.init_scale)",
        "tf.random_uniform_initializer(-0.1, 0.1)",
        GRAPH,
        "init_scale",
    ),
    Mutant(
        MODEL,
        "if sampled:",
        "if config.sampled:",
        WORDS,
        "a perplexity over some words",
    ),
    Mutant(
        MODEL,
        "tf.concat([[1], tf.shape(x)[1:]], 0) if config.variational else None",
        "None",
        WORDS,
        "word masks by step",
    ),
    Mutant(MODEL, "initializer=vectors, trainable", "trainable", WORDS, "vectors that are not used"),
    Mutant(MODEL, "last_output(outputs, lengths)", "outputs[:, -1]", SAMPLER, "words after the padding"),
    Mutant(MODEL, "cell, x, tf.identity(lengths)", "cell, x, None", SAMPLER, "the padding read"),
    Mutant(MODEL, "cell = recurrence.make_cell(config, mode)", "cell = make_cell(config, mode)", OWN, "another cell"),
    Mutant(MODEL, "= recurrence.network(cell, x", "= unrolled(cell, x", OWN, "a network of one's own passed over"),
    Mutant(RUNS, 'how["recurrence"] = self.recurrence', "pass", OWN, "a text of another network"),
    # Training and scoring.
    Mutant(
        RECIPE, "tf.maximum(epoch + 1.0 - self", "tf.maximum(epoch - self", TRAINED, "a rate that falls an epoch late"
    ),
    Mutant(
        EXPERIMENT,
        "op=tf.group(train_op.op, trained.carry)",
        "op=train_op.op",
        TRAINED,
        "training that does not carry the state",
    ),
    Mutant(
        RUNS,
        "weights, net.begins: number == 0}",
        "weights, net.begins: True}",
        GRAPH,
        "a state lost between windows",
    ),
    Mutant(
        RUNS,
        "yield {net.inputs: inputs, net.targets: targets, net.begins: number == 0}",
        "yield {net.inputs: inputs, net.targets: targets, net.begins: number == start}",
        TRAINED,
        "a resumed run that begins anew",
    ),
    Mutant(
        RUNS,
        'score(session, net, self.parts["test"], "test")',
        'score(session, net, self.parts["valid"], "test")',
        TRAINED,
        "the wrong part",
    ),
    Mutant(SPEED, "is not None and self._started", "is not None", TRAINED, "the first step timed"),
    Mutant(SPEED, 'round(history[-1].get("words', 'round(history[0].get("words', TRAINED, "the first epoch's speed"),
    Mutant(
        RUNS,
        "words_per_second=training.last_speed(run.history)",
        "words_per_second=round(self.speed.words_per_second)",
        TRAINED,
        "a finished run forgets its speed",
    ),
    Mutant(SPEED, "self._words += self._step[1]", "self._words += words", TRAINED, "the words of the step that begins"),
    Mutant(
        RUNS,
        "vocabulary.encode([END] + words)",
        "vocabulary.encode([END] + words[::-1])",
        TEXTS,
        "a prompt read backwards",
    ),
    Mutant(RUNS, "        vocabulary.check(path)\n", "        pass\n", TEXTS, "another vocabulary accepted"),
    Mutant(RUNS, "list(tokens[:length])", "list(tokens)", TEXTS, "what stands behind the stop"),
    Mutant(
        TRAINING,
        "return trained + [v for v",
        "return trained or [v for v",
        FROZEN,
        "vectors that are lost with the best weights",
    ),
    # What ties a run to its words, and ends it where it is broken.
    Mutant(
        RUNS, "if known not in (None, vocabulary.hash):", "if False:", TIED, "a vocabulary checked against itself alone"
    ),
    Mutant(RUNS, "if not os.path.exists(path)", "if False", TIED, "a lost vocabulary"),
    Mutant(
        RUNS,
        "settings=tied_to(folder.settings, self.data.vocabulary)",
        "settings=folder.settings",
        OLDER,
        "no hash beside the checkpoints",
    ),
    Mutant(RUNS, "    if begun and not untold:\n", "    if begun:\n", OLDER, "an older run that cannot go on"),
    Mutant(
        RUNS,
        "    if begun and not untold:\n",
        "    if os.path.exists(path):\n",
        MENDED,
        "a vocabulary of a run that never began",
    ),
    Mutant(
        RUNS,
        MADE,
        "        keep_vocabulary(self.data.vocabulary, self.folder.path)\n" + MADE,
        MENDED,
        "a vocabulary kept before the text is known to be long enough",
    ),
    Mutant(RUNS, "if not math.isfinite(value):", "if value == math.inf:", FINITE, "NaN published"),
    Mutant(
        RUNS,
        "check_finite(tested,",
        "check_finite({},",
        FINITE,
        "an infinite test perplexity published",
    ),
    Mutant(RUNS, ">= self.steps_per_epoch * self.recipe.epochs", ">= self.steps_per_epoch", FINISHED, "not finished"),
    Mutant(
        RUNS, "    if not newest or not best or not os", "    if not newest or not os", FINISHED, "no epoch to restore"
    ),
    Mutant(
        EXPERIMENT,
        "            training.restore_best(session, self.folder)\n",
        "",
        FINISHED,
        "a text of a network that nobody has trained",
    ),
    Mutant(
        "rnn_tf1/layers/softmax.py",
        "if candidates and not isinstance(is_training, bool):",
        "if False:",
        CHOSEN,
        "sampled losses scored",
    ),
    Mutant(MODEL, "log_probabilities=log_probabilities)", "log_probabilities=True)", CHOSEN, "a softmax for nothing"),
    Mutant(
        LOSSES,
        "math.inf if log_loss >= 700 else math.exp(log_loss)",
        "math.exp(log_loss) if log_loss < 700 else math.inf",
        SUMS,
        "NaN called infinite",
    ),
]
