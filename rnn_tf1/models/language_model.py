"""A language model: an embedding, layers of recurrent cells, and a softmax over the vocabulary for the next word.

The variables have the names of the tutorial that came with TensorFlow 1 (`embedding`, `RNN/multi_rnn_cell/cell_0/...`,
`softmax_w`, `softmax_b`; built under ``tf.variable_scope("Model")`` they are those of its checkpoints).
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.decoding import Sampled, SamplingOptions, sample
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dropout, embedding
from rnn_tf1.layers.softmax import Softmax, softmax_layer, uses_sampling
from rnn_tf1.models.stack import StackConfig, make_stack, unroll
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Nest, Tensor
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
    steps: int = 20  # words in a row of a training batch
    batch_size: int = 20  # rows of a training batch
    init_scale: float = 0.1  # the initial weights are uniform in [-init_scale, init_scale]
    input_keep_prob: float = 1.0  # of the embedded words, in training
    tied: bool = False  # the softmax uses the embedding as its weights: Press and Wolf 2017; Inan et al. 2017
    sampled: int = 0  # words that a sampled softmax compares with in training; 0: all words, the softmax itself
    train_embedding: bool = True
    # The number of words, up to the current one, that a convolution in front of the cells reads; 0: no convolution
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

    inputs: Tensor  # int32 [batch, steps], a placeholder: the words that are read
    targets: Tensor  # int32 [batch, steps], a placeholder: the words that come next
    weights: Tensor  # float32 [batch, steps], a placeholder, 1 by default; 0 where nothing is scored
    begins: Tensor  # bool scalar, a placeholder, False by default; True: the state before these words is zero
    losses: Tensor  # [batch, steps], nats: -log p of each target, times its weight
    loss: Tensor  # scalar: their sum over the steps, mean over the batch, which the published recipes minimise
    word_loss: Tensor  # scalar: their weighted mean over all words; its exp is the perplexity of these words
    total: Tensor  # scalar: their sum
    probabilities: Tensor  # [batch, steps, vocabulary], of the next words; computed only if fetched
    embedding: Tensor  # the variable [vocabulary, units]
    carry: Tensor  # an op: the final state becomes the state before the next words


class Sampler(NamedTuple):
    """The tensors of a graph that continues texts."""

    prompts: Tensor  # int32 [batch, length], a placeholder: the words to begin with, at least one in each row
    lengths: Tensor  # int32 [batch], a placeholder: words of each prompt; later words are not read
    count: Tensor  # int32 scalar, a placeholder: words to draw
    seed: Tensor  # int64 scalar, a placeholder, 0 by default
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
    """Builds the graph; the weights are the same in every `mode`::

        x_t     = row w_t of embedding
        h_t     = the recurrence over x_1 ... x_t, from the final state of the words before
        p_t     = softmax(h_t softmax_w + softmax_b)
        loss    = sum over t of the mean over rows of -log p_t[w_{t+1}]

    The state is carried from one session call to the next by `StateKeeper`, and the gradient stops between them: fetch
    `carry`, or put it into the train op.

    Args:
      config: the sizes.
      mode: see `Mode`; a test graph scores with the whole softmax. With config.sampled, mode.is_training cannot be a
        tensor.
      batch_size, steps: default: those of `config`. To score a text as one stream: batch_size=1.
      name: of the variables that carry the state; each graph needs its own.
      vectors: [vocabulary, units]: what the embedding begins with; default: uniform numbers. With train_embedding=False it
        stays so.
      recurrence: what stands between the words' vectors and the softmax; default: what `config` describes.

    Raises:
      GraphError: for sizes that do not fit, a tensor mode.is_training with a sampled softmax, and a config.initializer:
        init_scale takes its place.
    """
    check_graph_mode("build_language_model")
    if config.initializer != StackConfig.initializer:
        raise GraphError(
            "LanguageModelConfig: initializer=%r is not used; the initial weights are uniform, as published: pass "
            "init_scale=%g or another value." % (config.initializer, config.init_scale)
        )
    sampled = uses_sampling("build_language_model", config.sampled, mode.is_training)
    batch_size, steps = batch_size or config.batch_size, steps or config.steps
    inputs = tf.placeholder(tf.int32, [batch_size, steps], name="inputs")
    targets = tf.placeholder(tf.int32, [batch_size, steps], name="targets")
    weights = tf.placeholder_with_default(tf.ones([batch_size, steps]), [batch_size, steps], name="weights")
    begins = tf.placeholder_with_default(False, [], name="begins")
    with _initialized(config):
        x, table = _embed(config, tf.transpose(inputs), vectors)  # time-major, which saves transpositions
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
    """Continues prompts of any lengths with any number of words in one session call; see `decoding.sample`.

    Build it in the graph of the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

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

        def advance(words: Any, state: Nest) -> Any:
            hidden, state = cell(tf.nn.embedding_lookup(table, words), state)
            return softmax.logits(hidden), state

        first = softmax.logits(last_output(outputs, lengths))
        options = SamplingOptions(temperature, top_k, top_p, seed)
        sampled = sample(advance, first, state, count, options, stop, log_probabilities=log_probabilities)
    return Sampler(prompts, lengths, count, seed, sampled)


def _initialized(config: LanguageModelConfig) -> Any:
    """The current variable scope, with a uniform initializer for variables that have none of their own."""
    initializer = tf.random_uniform_initializer(-config.init_scale, config.init_scale)
    return tf.variable_scope(tf.get_variable_scope(), initializer=initializer)


def _embed(config: LanguageModelConfig, ids: Any, vectors: Optional[np.ndarray] = None) -> Any:
    return embedding(ids, config.vocabulary, config.units, initializer=vectors, trainable=config.train_embedding)


def _drop_words(config: LanguageModelConfig, x: Tensor, mode: Mode) -> Any:
    """Dropout on the embedded words [time, batch, units]; variational: the same entries at all steps."""
    shape = tf.concat([[1], tf.shape(x)[1:]], 0) if config.variational else None
    return dropout(x, config.input_keep_prob, shape, mode.seed, "words", is_training=mode.is_training, step=mode.step)


def _softmax(config: LanguageModelConfig, table: Any, width: int) -> Softmax:
    return softmax_layer(config.vocabulary, width, table if config.tied else None, by_rows=bool(config.sampled))
