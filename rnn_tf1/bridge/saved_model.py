"""Exports a trained graph as a SavedModel, which TensorFlow can read without this package."""

import contextlib
import os
import shutil
from typing import Any, Dict, Iterator, Mapping, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import Argument, OutputError, renamed
from rnn_tf1.program.files import explain, is_pattern, make_directory, remove_unfinished, unfinished


@renamed(path="folder")
def export_model(
    session: Any, folder: str, signatures: Mapping[str, Tuple[Dict[str, Any], Dict[str, Any]]], files: Mapping[str, str]
) -> str:
    """Writes the session's graph and weights to `folder`, whole or not at all, and returns `folder`. To use it elsewhere::

        model = tf.saved_model.load(folder)                                       # TensorFlow 2
        outputs = model.signatures[name](source=tf.constant(...), ...)

        tf.saved_model.load(session, ["serve"], folder)                           # TensorFlow 1.15

    Args:
      session: of a graph in which nothing but the model has been built.
      folder: must not exist.
      signatures: by the name of a signature, its (inputs, outputs), which are tensors by name.
      files: by the name in the folder ``assets.extra``, the path of a file to copy there, such as a vocabulary.

    Raises:
      OutputError: if `folder` exists, or is not writable.
    """
    if os.path.exists(folder):
        raise OutputError("%s exists already. Remove it, or choose another " % folder, Argument("folder"), ".")
    if is_pattern(os.path.abspath(folder)):
        raise OutputError(
            "%s: TensorFlow would take the brackets, stars, question marks or backslashes in this name as a pattern, and not "
            "find the weights. Choose another " % folder,
            Argument("folder"),
            ".",
        )
    definitions = {}
    for name, sides in signatures.items():
        tensors = [{k: tf.saved_model.build_tensor_info(v) for k, v in side.items()} for side in sides]
        definitions[name] = tf.saved_model.build_signature_def(*tensors, method_name="tensorflow/serving/predict")
    with _whole_folder(folder) as temporary:
        builder = tf.saved_model.Builder(temporary)
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.tag_constants.SERVING], definitions, strip_default_attrs=True
        )
        builder.save()
        extra = os.path.join(temporary, "assets.extra")
        os.makedirs(extra, exist_ok=True)
        for name, path in files.items():
            shutil.copyfile(path, os.path.join(extra, name))
    return folder


@contextlib.contextmanager
def _whole_folder(folder: str) -> Iterator[str]:
    """Yields the name of a temporary folder, which is renamed to `folder` when the block ends without an error."""
    above = os.path.dirname(os.path.abspath(folder))
    temporary = unfinished(os.path.abspath(folder))
    remove_unfinished(make_directory(above))
    try:
        yield temporary
        os.rename(temporary, folder)
    except (OSError, tf.errors.OpError) as error:
        raise OutputError(*explain(folder, error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
