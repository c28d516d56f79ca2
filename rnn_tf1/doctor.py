"""The door of ``python -m rnn_tf1.doctor``; the room is `rnn_tf1.help`."""

import sys

from rnn_tf1.help.doctor import main

if __name__ == "__main__":
    sys.exit(main())
