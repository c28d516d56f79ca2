"""The door of ``python -m rnn_tf1.explain``; the room is `rnn_tf1.help`."""

from rnn_tf1.help.explain import describe, find, run

__all__ = ["describe", "find", "run"]

if __name__ == "__main__":
    run()
