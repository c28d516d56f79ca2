"""Wrong lines for translators: the graph, the softmax, lines in and out, training and judging, BLEU, export, the pictures."""

from planted import Mutant

MODEL, DECODER, STACK = ["rnn_tf1/models/%s.py" % name for name in ("seq2seq", "decoder", "stack")]
RUNS, PARTS, JUDGING, BLEU = [
    "rnn_tf1/experiments/translation/%s.py" % name for name in ("experiment", "parts", "judging", "bleu")
]
SOFTMAX = "rnn_tf1/layers/softmax.py"

GRAPH = "tests/models/test_seq2seq.py -k "
NUMPY, OWN, PADDING = GRAPH + "against_numpy", GRAPH + "models_own", GRAPH + "padding"
DRAWN, SWITCH, DROPPED = GRAPH + "'own_tokens or how_often'", GRAPH + "switch", GRAPH + "dropout_reaches"
SMOOTH, DRAWS = (GRAPH + "smoothing", GRAPH + "draws_are")
SILENT, VECTORS, MISTAKES = GRAPH + "no_random", GRAPH + "vectors", GRAPH + "mistakes"

LINES = "tests/experiments/test_translating.py -k "
SCORED = LINES + "bleu"
GROUPS = LINES + "groups"

TRAINED = "tests/experiments/test_translation_runs.py -k "
PREPARED, RECIPE = TRAINED + "prepare", TRAINED + "what_is_trained"
SAYS, KILLED = TRAINED + "'says_what or depend_on'", TRAINED + "killed -m ''"
REFUSED, JUDGED, REPORT = TRAINED + "'refused_and_kept or begun_anew'", TRAINED + "judge", TRAINED + "'report or drawn'"
BESIDE, BEGINNING = (TRAINED + "beside", TRAINED + "beginning")
FROZEN, SACREBLEU = TRAINED + "vectors", TRAINED + "without_sacrebleu"
OWN_NETWORK = TRAINED + "is_what_runs"

MUTANTS = [
    # The graph.
    Mutant(STACK, "sequence_length=lengths, scope", "scope", NUMPY, "the backward cell begins in the padding"),
    Mutant(
        STACK,
        "lambda a, b: tf.concat([a, b], 1)",
        "lambda a, b: tf.concat([b, a], 1)",
        NUMPY,
        "the last states of the two directions swapped",
    ),
    Mutant(DECODER, ".clone(cell_state=encoded.state)", "", NUMPY, "a decoder that begins with zeros"),
    Mutant(
        DECODER,
        "attend(config.units, memory, lengths)",
        "attend(config.units, memory)",
        PADDING,
        "attention on the padding",
    ),
    Mutant(
        DECODER,
        "(config.units, memory, lengths), attention_layer_size=config.depth)",
        "(config.units, memory, lengths), attention_layer_size=config.depth, cell_input_fn=lambda x, a: "
        "tf.concat([x, tf.zeros_like(a)], 1))",
        NUMPY,
        "the last attention not read",
    ),  # fmt: skip
    Mutant(STACK, "dynamic_rnn(cell, x, lengths, dtype", "dynamic_rnn(cell, x, None, dtype", NUMPY, "the padding read"),
    Mutant(
        DECODER,
        "tokens = tf.cast(tf.maximum(tf.size(token_losses), 1), tf.float32)",
        "tokens = tf.cast(tf.size(targets), tf.float32)",
        NUMPY,
        "a mean over the padding",
    ),
    Mutant(
        DECODER,
        "tf.scatter_nd(tf.where(read), token_losses, tf.shape(targets, out_type=tf.int64))",
        "tf.scatter_nd(tf.where(read)[::-1], token_losses, tf.shape(targets, out_type=tf.int64))",
        NUMPY,
        "losses in each other's places",
    ),
    Mutant(
        DECODER,
        "table if config.tied else None",
        "None",
        NUMPY,
        "a softmax of its own where it should be the embedding",
    ),
    Mutant(
        STACK,
        "half, 1, config.keep_prob",
        "half, 1, 1.0",
        DROPPED,
        "the encoder's layers not dropped",
    ),
    Mutant(
        MODEL,
        'return mode_dropout(x, config.keep_prob, "source_tokens", mode)',
        "return x",
        DROPPED,
        "the source's vectors not dropped",
    ),
    Mutant(
        DECODER,
        '        x = mode_dropout(x, config.keep_prob, "target_tokens", mode)\n',
        "",
        DROPPED,
        "the target's vectors not dropped",
    ),
    Mutant(
        DECODER,
        '    hidden = mode_dropout(hidden, config.keep_prob, "read", mode)\n',
        "",
        DROPPED,
        "what the softmax reads not dropped",
    ),
    Mutant(
        DECODER,
        "if sampled else",
        "if config.sampled else",
        SILENT,
        "scored against some words",
    ),
    Mutant(
        DECODER,
        "tf.minimum(1.0, tf.cast(mode.step, tf.float32) / config.scheduled_sampling_steps)",
        "tf.cast(step, tf.float32) / config.scheduled_sampling_steps",
        DRAWN,
        "a chance that grows on and on",
    ),
    Mutant(
        DECODER, "    if config.scheduled_sampling_steps:", "    if False:", DRAWN, "own tokens from the first step on"
    ),
    Mutant(
        RUNS,
        "scheduled_sampling_steps=steps)",
        "scheduled_sampling_steps=0)",
        RECIPE,
        "no schedule",
    ),
    Mutant(
        DECODER,
        "if config.scheduled_sampling and mode.is_training is not False:",
        "if config.scheduled_sampling:",
        SILENT,
        "scored on its own words",
    ),
    Mutant(
        DECODER,
        "loss += config.smoothing * tf.reduce_sum",
        "loss -= config.smoothing * tf.reduce_sum",
        SMOOTH,
        "the share taken from the others",
    ),
    Mutant(
        DECODER,
        "tf.fill([tf.shape(encoded.memory)[0]], config.start)",
        "tf.fill([tf.shape(encoded.memory)[0]], config.end)",
        OWN,
        "start",
    ),
    Mutant(DECODER, "        config.end,\n", "        config.start,\n", OWN, "another token ends a sentence"),
    Mutant(
        DECODER,
        "        options,\n        alignments",
        "        options._replace(length_penalty=0.0),\n        alignments",
        OWN,
        "the length penalty lost",
    ),
    Mutant(
        DECODER,
        "        source_lengths=encoded.lengths,\n",
        "        source_lengths=tf.maximum(encoded.lengths, tf.shape(encoded.memory)[1]),\n",
        OWN,
        "the padding is to be covered",
    ),  # fmt: skip
    Mutant(DECODER, "expand_dims(own & (time > 0), 1)", "expand_dims(own, 1)", DRAWN, "a start that nobody has said"),
    Mutant(
        DECODER,
        "return output, (inner, output)",
        "return output, (inner, last_output)",
        DRAWN,
        "always the first step's token",
    ),
    Mutant(
        DECODER,
        "tf.random.stateless_uniform(tf.shape(last_output)[:1], key + 1)",
        "tf.random.stateless_uniform([1], key + 1)",
        DRAWN,
        "all rows read their own tokens, or none",
    ),
    Mutant(
        DECODER,
        "sample_token(self._softmax.logits(last_output), key[0], key[1])",
        "tf.argmax(self._softmax.logits(last_output), 1)",
        DRAWN,
        "the likeliest token for a drawn one",
    ),
    Mutant(
        DECODER,
        'mask_key(self._seed, self._step, "own_tokens", time)',
        'mask_key(self._seed, self._step, "own_tokens", 0)',
        DRAWN,
        "one draw for all steps of a sentence",
    ),
    Mutant(
        DECODER,
        'mask_key(self._seed, self._step, "own_tokens", time)',
        'masks.mask_key(self._seed, 0, "own_tokens", time)',
        DRAWS,
        "the same tokens at all training steps",
    ),
    Mutant(
        DECODER,
        "scheduled_sampling * tf.cast(mode.is_training, tf.float32)",
        "scheduled_sampling",
        SWITCH,
        "drawing not switched off",
    ),
    Mutant(
        MODEL,
        "initializer=vectors, trainable=config.train_embedding",
        "trainable=config.train_embedding",
        VECTORS,
        "the source's vectors not used",
    ),
    Mutant(
        DECODER,
        "            initializer=vectors,\n",
        "",
        VECTORS,
        "the target's vectors not used",
    ),
    Mutant(
        STACK,
        "if config.units % 2:",
        "if False:",
        MISTAKES,
        "an odd number of units",
    ),
    Mutant(DECODER, "if config.attention is None and (tf", "if False and (tf", MISTAKES, "coverage of nothing"),
    # The softmax.
    Mutant(
        SOFTMAX,
        "tf.nn.bias_add(tf.matmul(hidden, self.kernel, transpose_b=self.transposed), self.bias)",
        "tf.matmul(hidden, self.kernel, transpose_b=self.transposed)",
        OWN,
        "the bias left out in writing",
    ),  # fmt: skip
    Mutant(SOFTMAX, " - tf.reduce_mean(self.bias)", "", SMOOTH, "smoothing without the biases' mean"),
    Mutant(
        SOFTMAX,
        "targets), tf.reduce_mean(self.kernel, 0)",
        "targets), tf.zeros_like(self.kernel[0])",
        SMOOTH,
        "the mean of a tied kernel left out",
    ),
    Mutant(
        SOFTMAX,
        "tf.gather(tf.transpose(self.kernel), targets), tf.reduce_mean(self.kernel, 1)",
        "tf.gather(tf.transpose(self.kernel), targets), tf.reduce_max(self.kernel, 1)",
        SMOOTH,
        "the largest for the mean",
    ),
    Mutant(
        SOFTMAX, "targets, candidates, seed, step)", "targets, candidates, seed, None)", DRAWS, "other draws each time"
    ),
    # Training and judging.
    Mutant(PARTS, "reverse_source=rules.reverse,", "reverse_source=False,", PREPARED, "a rule that is not followed"),
    Mutant(PARTS, 'evaluation=name != "train",', "evaluation=False,", PREPARED, "long sentences that are not judged"),
    Mutant(PARTS, 'for side in parts["train"])', 'for side in parts["validation"])', PREPARED, "words of another part"),
    Mutant(PARTS, "size, least=least)", "size)", PREPARED, "rare words known"),
    Mutant(PARTS, "cut(data.test, other)", "cut(data.test, train)", BEGINNING, "more than asked for"),
    Mutant(RUNS, "            if changes:\n", "            if False:\n", REFUSED, "another run written over"),
    Mutant(
        RUNS,
        "any(checkpoints.list_checkpoints(kept, kind)",
        "any((kept, kind)",
        REFUSED,
        "a run refused that was not begun",
    ),
    Mutant(
        RUNS,
        "self.monitor, self.lower_is_better = BLEU, False",
        'self.monitor, self.lower_is_better = "valid_exact", False',
        RECIPE,
        "another figure chooses",
    ),
    Mutant(
        RUNS,
        "self.monitor, self.lower_is_better = PERPLEXITY, True",
        "self.monitor, self.lower_is_better = PERPLEXITY, False",
        SACREBLEU,
        "the worst epoch is kept where there is no BLEU",
    ),
    Mutant(
        RUNS,
        'old.get("chosen_by") == PERPLEXITY if is_begun else not is_installed()',
        "not is_installed()",
        SACREBLEU,
        "a run that goes on by another figure",
    ),
    Mutant(RUNS, "batches.batches(epoch, start)", "batches.batches(0, start)", RECIPE, "one order for all epochs"),
    Mutant(
        RUNS, "batches.batches(epoch, start)", "batches.batches(epoch)", KILLED, "a resumed epoch from its beginning"
    ),
    Mutant(
        RUNS,
        "    return perplexity(total / count)\n",
        "    return perplexity(total / len(pairs.source))\n",
        SAYS,
        "ends",
    ),
    Mutant(
        RUNS,
        "score(session, net.scored, parts.validation)",
        "score(session, net.scored, parts.test)",
        SAYS,
        "another part",
    ),
    Mutant(
        RUNS,
        'judged = judge(parts, "validation", found)',
        'judged = judge(parts, "validation", found[::-1])',
        RECIPE,
        "other sentences' translations",
    ),
    Mutant(
        RUNS,
        "(parts.files.source, parts.files.target))",
        "(parts.files.target, parts.files.source))",
        FROZEN,
        "vectors of the other side",
    ),
    Mutant(
        RUNS,
        "self.vectors[0], self.vectors[1], self.recurrence)",
        "self.vectors[0], self.vectors[1])",
        OWN_NETWORK,
        "the example's network not trained",
    ),
    Mutant(
        RUNS,
        "n_best=1, recurrence=self.recurrence",
        "n_best=1",
        OWN_NETWORK,
        "another network writes than the one that was trained",
    ),
    Mutant(
        "rnn_tf1/experiments/translation/command_line.py",
        "dict(settings.search, recurrence=recurrence)",
        "dict(settings.search)",
        OWN_NETWORK,
        "another network translates than the one that was trained",
    ),
    Mutant(
        JUDGING,
        "[hypothesis_words(files, one, source, replace) for",
        "[hypothesis_words(files, one, source) for",
        JUDGED,
        "not replaced",
    ),
    Mutant(
        JUDGING,
        "groups_by_length([len(source) for source in sources])",
        "groups_by_length([len(source) for source in targets])",
        JUDGED,
        "groups by the length of the target",
    ),
    Mutant(JUDGING, "np.argsort(chrf", "np.argsort(-np.array(chrf)", REPORT, "the best first"),
    Mutant(
        RUNS, "PERPLEXITY: run.best[PERPLEXITY]", "PERPLEXITY: run.history[-1][PERPLEXITY]", REPORT, "the last epoch's"
    ),
    Mutant(JUDGING, "-1 if parts.files.rules.reverse else 1", "1", REPORT, "attention on the words from the other end"),
    Mutant(RUNS, "other.name if other.name not in drawn else", "other.name if True else", BESIDE, "a curve lost"),
    Mutant(
        JUDGING, "[float(found[name]) for name in names]", "list(map(float, found.values()))", BESIDE, "groups mixed up"
    ),
    Mutant(
        JUDGING, "if sorted(found) != sorted(names):", "if False:", BESIDE, "other groups of lengths taken for these"
    ),
    # BLEU.
    Mutant(BLEU, 'tokenize="none" if tokenized', 'tokenize="13a" if tokenized', SCORED, "tokens parted once more"),
    Mutant(BLEU, "lowercase=lower", "lowercase=False", SCORED, "the case counts"),
    Mutant(
        BLEU,
        "list(hypotheses), [list(references)]",
        "list(references), [list(hypotheses)]",
        SCORED,
        "the wrong way round",
    ),
    Mutant(BLEU, "np.searchsorted(GROUPS, ", "np.searchsorted(np.array(GROUPS) - 1, ", GROUPS, "a border moved"),
]
