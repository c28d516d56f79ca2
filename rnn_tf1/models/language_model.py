"""Which word comes next: an embedding, layers of recurrent cells, a softmax over the vocabulary.

The variables are named as those of the tutorial that came with TensorFlow 1 (`embedding`, `RNN/multi_rnn_cell/cell_0/...`,
`softmax_w`, `softmax_b`; built under ``tf.variable_scope("Model")`` they are those of its checkpoints).
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.decoding import Sampled, sample
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dropout, embedding
from rnn_tf1.layers.softmax import Softmax, samples, softmax_layer
from rnn_tf1.models.stack import StackConfig, make_stack, unroll
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.unrolling.loops import dynamic_rnn, last_output
from rnn_tf1.unrolling.state import StateKeeper
from rnn_tf1.wrappers import ConvolutionWrapper


@dataclasses.dataclass(frozen=True)
class LanguageModelConfig(StackConfig):
    """The sizes of a language model. The defaults are the small model of Zaremba et al. 2014, "Recurrent Neural Network
    Regularization", without what belongs to its training (`rnn_tf1.training.Recipe`)."""

    cell: str = "lstm"
    units: int = 200
    layers: int = 2
    unroll: str = "fused"
    forget_bias: Optional[float] = 0.0
    vocabulary: int = 10000  # words
    steps: int = 20  # words of a row in a training batch
    batch_size: int = 20  # rows of a training batch
    init_scale: float = 0.1  # variables begin uniform in [-init_scale, init_scale]
    input_keep_prob: float = 1.0  # of the embedded words, in training
    tied: bool = False  # softmax_w is the embedding: Press and Wolf 2017; Inan et al. 2017
    sampled: int = 0  # words that a sampled softmax compares with in training; 0: all words, the softmax itself
    train_embedding: bool = True
    # Words, this one and those before, that a convolution in front of the cells sees; 0: there is none
    convolution: int = 0


class Recurrence(NamedTuple):
    """What stands between the words' vectors and the softmax. `build_language_model` unrolls it over the words of a batch, and
    `build_sampler` takes the cell alone, a word at a time."""

    make_cell: Callable[[LanguageModelConfig, Mode], Any]  # its inputs are [batch, config.units]
    # network(cell, words [steps, batch, units], initial state, config) -> outputs [steps, batch, ...], last state; the
    # variables of the cell are in the scope "RNN"
    network: Callable[[Any, Any, Any, LanguageModelConfig], Tuple[Any, Any]]


def make_cell(config: LanguageModelConfig, mode: Mode) -> Any:
    """The cell that `config` describes, and in front of it its convolution."""
    cell = make_stack(config, mode)
    if not config.convolution:
        return cell
    return ConvolutionWrapper(cell, config.units, config.convolution, input_size=config.units, activation=tf.nn.relu)


def unrolled(cell: Any, words: Any, state: Any, config: LanguageModelConfig) -> Tuple[Any, Any]:
    """(outputs, last state): the cell over the words, unrolled as `config` says."""
    return unroll(config.unroll, cell, words, initial_state=state, scope="RNN", time_major=True)


RECURRENCE = Recurrence(make_cell, unrolled)


class LanguageModel(NamedTuple):
    """The tensors of a graph that reads [batch, steps] words and carries its state to the next ones."""

    inputs: Any  # int32 [batch, steps], a placeholder: the words read
    targets: Any  # int32 [batch, steps], a placeholder: the words that come next
    weights: Any  # float32 [batch, steps], a placeholder that is 1 by default; 0 where nothing is scored
    begins: Any  # bool scalar, a placeholder that is False by default: the state before these words is zero
    losses: Any  # [batch, steps], nats: -log p of each target, times its weight
    loss: Any  # scalar: their sum over the steps, mean over the batch; it is what the published recipes minimise
    word_loss: Any  # scalar: their weighted mean over all words; exp of it is the perplexity of these words
    total: Any  # scalar: their sum
    probabilities: Any  # [batch, steps, vocabulary]: what comes next; made only where it is fetched
    embedding: Any  # the variable [vocabulary, units]
    carry: Any  # an op: the next words are read from the state in which these end


class Sampler(NamedTuple):
    """The tensors of a graph that goes on with texts."""

    prompts: Any  # int32 [batch, length], a placeholder: the words to begin with, at least one in each row
    lengths: Any  # int32 [batch], a placeholder: words of each prompt; what follows them is not read
    count: Any  # int32 scalar, a placeholder: words to draw
    seed: Any  # int64 scalar, a placeholder, 0 by default
    sampled: Sampled  # tokens [batch, count], lengths [batch], log_probabilities [batch, count], state


def build_language_model(
    config: LanguageModelConfig,
    mode: Mode,
    batch_size: Optional[int] = None,
    steps: Optional[int] = None,
    name: str = "carried",
    vectors: Optional[np.ndarray] = None,
    recurrence: Recurrence = RECURRENCE,
) -> LanguageModel:
    """Builds the graph; with the same weights in every `mode`::

        x_t     = row w_t of embedding
        h_t     = the recurrence over x_1 ... x_t, from the state in which the words before ended
        p_t     = softmax(h_t softmax_w + softmax_b)
        loss    = sum over t of the mean over rows of -log p_t[w_{t+1}]

    The state is carried from one session call to the next by `StateKeeper`, and the gradient stops between them: fetch
    `carry`, or put it into the train op.

    Args:
      config: the sizes.
      mode: see `Mode`; a test graph scores by the whole softmax. A tensor mode.is_training cannot be had together with
        config.sampled.
      batch_size, steps: default: those of `config`. To score a text as one stream: batch_size=1.
      name: of the variables that carry the state; each graph needs its own.
      vectors: [vocabulary, units]: what the embedding begins with; default: uniform numbers. With train_embedding=False it
        stays so.
      recurrence: what stands between the words' vectors and the softmax; default: what `config` describes.

    Raises:
      GraphError: for sizes that do not fit, a tensor mode.is_training with a sampled softmax, and an initializer: init_scale
        stands in its place.
    """
    check_graph_mode("build_language_model")
    if config.initializer != StackConfig.initializer:
        raise GraphError(
            "LanguageModelConfig, initializer=%r: all that has no beginning of its own begins uniform, as published: pass "
            "init_scale=%g or another." % (config.initializer, config.init_scale)
        )
    sampled = samples("build_language_model", config.sampled, mode.is_training)
    batch_size, steps = batch_size or config.batch_size, steps or config.steps
    inputs = tf.placeholder(tf.int32, [batch_size, steps], name="inputs")
    targets = tf.placeholder(tf.int32, [batch_size, steps], name="targets")
    weights = tf.placeholder_with_default(tf.ones([batch_size, steps]), [batch_size, steps], name="weights")
    begins = tf.placeholder_with_default(False, [], name="begins")
    with _initialized(config):
        x, table = _embed(config, tf.transpose(inputs), vectors)  # time first: nothing has to be turned round
        x = _drop_words(config, x, mode)
        cell = recurrence.make_cell(config, mode)
        keeper = StateKeeper(cell, batch_size, name=name)
        state = tf.nest.map_structure(lambda s: tf.where_v2(begins, tf.zeros_like(s), s), keeper.state)
        outputs, state = recurrence.network(cell, x, state, config)
        hidden = tf.reshape(outputs, [-1, cell.output_size])
        softmax = _softmax(config, table, cell.output_size)
        wanted = tf.reshape(tf.transpose(targets), [-1])
        if sampled:
            losses = softmax.sampled_losses(hidden, wanted, config.sampled, mode.seed, mode.step)
        else:
            losses = softmax.losses(hidden, wanted)
        probabilities = tf.nn.softmax(softmax.logits(hidden))
    probabilities = tf.transpose(tf.reshape(probabilities, [steps, batch_size, config.vocabulary]), [1, 0, 2])
    losses = tf.transpose(tf.reshape(losses, [steps, batch_size])) * weights
    total = tf.reduce_sum(losses)
    word_loss = total / tf.maximum(tf.reduce_sum(weights), 1.0)
    loss = total / batch_size
    return LanguageModel(
        inputs, targets, weights, begins, losses, loss, word_loss, total, probabilities, table, keeper.assign(state)
    )


def build_sampler(
    config: LanguageModelConfig,
    temperature: Any = 1.0,
    top_k: Any = None,
    top_p: Any = None,
    stop: Optional[int] = None,
    log_probabilities: bool = True,
    recurrence: Recurrence = RECURRENCE,
) -> Sampler:
    """Goes on with prompts of any lengths, any number of words in one session call; see `decoding.sample`.

    Build it beside the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

    Args:
      temperature, top_k, top_p: what is drawn from; see `decoding.filter_logits`.
      stop: the id that ends a text; default: none does.
      log_probabilities: False leaves out those of the drawn words, a softmax over the vocabulary at each step.
      recurrence: that of the model.
    """
    check_graph_mode("build_sampler")
    prompts = tf.placeholder(tf.int32, [None, None], name="prompts")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    count = tf.placeholder(tf.int32, [], name="count")
    seed = tf.placeholder_with_default(tf.constant(0, tf.int64), [], name="seed")
    with _initialized(config):
        cell = recurrence.make_cell(config, Mode(False))
        x, table = _embed(config, prompts)
        with tf.control_dependencies([tf.debugging.assert_positive(lengths, message="lengths: a prompt has no word")]):
            outputs, state = dynamic_rnn(cell, x, tf.identity(lengths), dtype=tf.float32, scope="RNN")
        softmax = _softmax(config, table, cell.output_size)

        def advance(words: Any, state: Any) -> Any:
            hidden, state = cell(tf.nn.embedding_lookup(table, words), state)
            return softmax.logits(hidden), state

        first = softmax.logits(last_output(outputs, lengths))
        filters = (temperature, top_k, top_p, stop)
        sampled = sample(advance, first, state, count, seed, *filters, log_probabilities=log_probabilities)
    return Sampler(prompts, lengths, count, seed, sampled)


def _initialized(config: LanguageModelConfig) -> Any:
    """A variable scope, the present one, in which all variables without an initializer of their own begin uniform."""
    initializer = tf.random_uniform_initializer(-config.init_scale, config.init_scale)
    return tf.variable_scope(tf.get_variable_scope(), initializer=initializer)


def _embed(config: LanguageModelConfig, ids: Any, vectors: Optional[np.ndarray] = None) -> Any:
    return embedding(ids, config.vocabulary, config.units, initializer=vectors, trainable=config.train_embedding)


def _drop_words(config: LanguageModelConfig, x: Any, mode: Mode) -> Any:
    """Dropout on the embedded words [time, batch, units]; variational: the same entries at all steps."""
    shape = tf.concat([[1], tf.shape(x)[1:]], 0) if config.variational else None
    return dropout(x, config.input_keep_prob, shape, mode.seed, "words", is_training=mode.is_training, step=mode.step)


def _softmax(config: LanguageModelConfig, table: Any, width: int) -> Softmax:
    return softmax_layer(config.vocabulary, width, table if config.tied else None, by_rows=bool(config.sampled))
