"""A trained graph for other programs: a SavedModel, which TensorFlow alone can read."""

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
      signatures: (inputs, outputs), tensors by name, by the name under which the graph is called.
      files: the path of a file by the name that its copy gets in the folder ``assets.extra``: vocabularies, for example.

    Raises:
      OutputError: where `folder` exists, or cannot be written to.
    """
    if os.path.exists(folder):
        raise OutputError("%s is there already. Remove it, or choose another " % folder, Argument("folder"), ".")
    if is_pattern(os.path.abspath(folder)):
        raise OutputError(
            "%s: TensorFlow would take the brackets, stars, question marks or backslashes in this name for a pattern, and not "
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
    """Gives the name of a folder beside `folder`, which becomes `folder` when the block ends well."""
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
