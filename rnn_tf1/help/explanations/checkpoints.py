"""Checkpoints: names, shapes, files."""

from rnn_tf1.help.explanations.entry import entry

ENTRIES = [
    entry(
        title="Key ... not found in checkpoint",
        texts=("Key network/rnn/kernel not found in checkpoint",),
        pattern=r"not found in (the )?checkpoint",
        cause="""The graph has a variable of this name, and the checkpoint has none. Another scope around the network
            renames all of them; another optimizer adds slots (".../Adam"); Keras, `contrib.rnn` and old versions named
            kernels and biases otherwise.""",
        fix="""Look at what is there: `tf.train.list_variables(path)`. Then either build under the old scope, or tell
            the saver which variable has which name in the file, as below. A network that is only used needs no slots:
            `tf.train.Saver(tf.trainable_variables())`.""",
        show="""
            import os, tempfile
            import tensorflow.compat.v1 as tf

            path = os.path.join(tempfile.mkdtemp(), "model")
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("rnn/kernel", [3])
                session.run(kernel.initializer)
                tf.train.Saver().save(session, path)
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("network/rnn/kernel", [3])
                tf.train.Saver().restore(session, path)  # wrong
            """,
        line='tf.train.Saver({"rnn/kernel": kernel}).restore(session, path)',
    ),
    entry(
        title="Assign requires shapes of both tensors to match",
        texts=("Assign requires shapes of both tensors to match. lhs shape= [3,7] rhs shape= [3,5]",),
        pattern=r"Assign requires shapes of both tensors to match",
        cause="""The checkpoint's variable (rhs) has another size than the graph's (lhs): other units, another
            vocabulary, another depth of inputs. TensorFlow 2 raises nothing: it gives the variable the shape of the
            file, and the error comes later, from a product, or not at all.""",
        fix="""Build the graph with the sizes that wrote the checkpoint; `tf.train.list_variables(path)` tells them. The
            training loop of this library compares all shapes first, on both TensorFlows.""",
        show="""
            import os, tempfile
            import tensorflow.compat.v1 as tf

            path, units = os.path.join(tempfile.mkdtemp(), "model"), 5
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("kernel", [3, units])
                session.run(kernel.initializer)
                tf.train.Saver().save(session, path)
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("kernel", [3, 7])  # wrong
                tf.train.Saver().restore(session, path)
                print(kernel.shape, session.run(kernel).shape)  # TensorFlow 2: (3, 7) (3, 5)
            """,
        line='kernel = tf.get_variable("kernel", [3, units])',
        raised_on="1.15",
    ),
    entry(
        title="Unable to open table file",
        texts=(
            "Unable to open table file .../model.data-00000-of-00001: ... file is too short to be an "
            "sstable: perhaps your file is in a different file format and you need to use a different restore operator?",
        ),
        pattern=r"Unable to open table file|not an sstable|perhaps your file is in a different file format",
        cause="""The path is one of a checkpoint's files. A checkpoint has two or three (.index, .data-00000-of-00001,
            .meta), and its name is the part before these endings. A file that was fetched by halves, or from git
            without its large files, ends here too.""",
        fix="Give the path without the ending; where that is what you do, fetch the files again.",
        show="""
            import os, tempfile
            import tensorflow.compat.v1 as tf

            path = os.path.join(tempfile.mkdtemp(), "model")
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("kernel", [3])
                session.run(kernel.initializer)
                saver = tf.train.Saver()
                saver.save(session, path)
                saver.restore(session, path + ".data-00000-of-00001")  # wrong
            """,
        line="saver.restore(session, path)",
    ),
    entry(
        title="The passed save_path is not a valid checkpoint",
        texts=(
            "ValueError: The passed save_path is not a valid checkpoint: runs/missing/model.ckpt",
            "ValueError: Can't load save_path when it is None.",
            "NotFoundError: runs/missing; No such file or directory",
        ),
        pattern=r"""passed save_path is not a valid checkpoint | Can.?t load save_path when it is None
            | Unsuccessful TensorSliceReader constructor | NotFoundError: \S{1,300}?;No such file or directory""",
        cause="""There is no checkpoint of that name. `tf.train.latest_checkpoint` returns `None` where a folder has
            none, and looks into the file "checkpoint" there, whose paths are wrong after the folder was moved. The
            third form comes for any other file, too, that TensorFlow does not find.""",
        fix="""Ask `tf.train.checkpoint_exists(path)` first; a relative path begins at the folder where the program was
            started. After a move, correct the file "checkpoint" or name the path yourself.""",
        show="""
            import os, tempfile
            import tensorflow.compat.v1 as tf

            folder = tempfile.mkdtemp()
            with tf.Graph().as_default(), tf.Session() as session:
                kernel = tf.get_variable("kernel", [3])
                found = tf.train.latest_checkpoint(folder)
                tf.train.Saver().restore(session, found)  # wrong
            """,
        line="""
            if found:
                tf.train.Saver().restore(session, found)
            else:
                session.run(kernel.initializer)
            """,
    ),
    entry(
        title="No variables to save",
        texts=("ValueError: No variables to save",),
        pattern=r"No variables to save",
        cause="`tf.train.Saver()` was made before the network, or in another graph than the network's.",
        fix="Create the saver after everything else, in the same graph. It knows only the variables that exist at that time.",
        show="""
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default():
                saver = tf.train.Saver()  # wrong
                weights = tf.get_variable("weights", [3])  # wrong
            """,
        line="""
            weights = tf.get_variable("weights", [3])
            saver = tf.train.Saver()
            """,
    ),
    entry(
        title="can't pickle _thread.RLock objects / cannot pickle 'Graph' object",
        texts=(
            "TypeError: can't pickle _thread.RLock objects",
            "TypeError: cannot pickle 'Graph' object",
            "TypeError: cannot pickle 'SymbolicTensor' object",
        ),
        pattern=r"""can(no|.?)t pickle (_?thread\.\w*lock|\w*Graph|\w*Tensor|\w*Session|module|_tf_stack|SwigPyObject
            |tensorflow|.{0,100}?TF_)""",
        cause="""Sessions, graphs, tensors and cells are parts of a running TensorFlow and cannot be written to a file
            by pickle or joblib, nor sent to another process, nor copied by `copy.deepcopy`.""",
        fix="""Save the weights by `tf.train.Saver`, or as arrays, as below, and the sizes beside them; build the
            network anew from these.""",
        show="""
            import pickle
            import tensorflow.compat.v1 as tf

            with tf.Graph().as_default(), tf.Session() as session:
                weights = tf.get_variable("weights", [3])
                session.run(weights.initializer)
                saved = pickle.dumps({"units": 3, "weights": weights + 0.0})  # wrong
            """,
        line='saved = pickle.dumps({"units": 3, "weights": session.run(weights)})',
    ),
]
