"""A run in a graph of its own: trained by Adam, at a learning rate that falls to 0 along a cosine; and its best weights."""

import contextlib
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.errors import renamed
from rnn_tf1.training.optimize import build_train_op, cosine_decay


class Recipe(NamedTuple):
    """How a graph is trained."""

    epochs: int
    learning_rate: float  # of the first step; it falls to 0 along a cosine
    clip_norm: float = 1.0  # longer gradients are scaled down to this norm


class Net(NamedTuple):
    """A graph that can be trained; for what is not explained here see `training.fit`."""

    loss: Any  # scalar: what is minimised
    figures: Dict[str, Any]
    feeds: Callable[[int, int], Iterable[training.Feed]]
    evaluate: Callable[[Any], Dict[str, float]]  # of the session
    beside: Sequence[Any] = ()  # ops that are run at each training step


class Trained(NamedTuple):
    """What a run was."""

    history: List[Dict[str, float]]  # one row an epoch
    best_epoch: int  # whose weights are kept
    seconds: float  # of training, over all resumed parts
    parameters: int  # numbers that were trained


@renamed(out_dir="folder")
def train(
    build: Callable[[Any], Net],
    recipe: Recipe,
    steps_per_epoch: int,
    folder: str,
    settings: Dict[str, Any],
    seed: int = 0,
    **how: Any,
) -> Trained:
    """Trains, and goes on where the run in `folder` was stopped; see `training.fit`, which gets the arguments in `how`.

    Args:
      build: a function of the global step. It builds what is trained and what it is validated by.
    """
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        step = tf.train.get_or_create_global_step()
        net = build(step)
        rate = cosine_decay(recipe.learning_rate, step, recipe.epochs * steps_per_epoch)
        train_op = build_train_op(net.loss, rate, step, recipe.clip_norm)
        fitted = training.fit(
            session,
            train_op._replace(op=tf.group(train_op.op, *net.beside)),
            net.figures,
            net.feeds,
            steps_per_epoch,
            recipe.epochs,
            lambda: net.evaluate(session),
            folder,
            settings,
            **how,
        )
        return Trained(fitted.history, fitted.best_epoch, fitted.seconds, training.count_parameters())


@contextlib.contextmanager
def restored(build: Callable[[], Any], folder: str, settings: Dict[str, Any]) -> Iterator[Tuple[Any, Any]]:
    """(session, build()): a graph of its own with the best weights of the run in `folder`; see `training.restore_best`."""
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = build()
        session.run(tf.global_variables_initializer())
        with renamed(out_dir="folder"):
            training.restore_best(session, folder, settings)
        yield session, net
