"""Text: tokens, vocabularies, word vectors, and the data sets of one language."""
