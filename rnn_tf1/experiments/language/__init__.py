"""Language models: Penn Treebank, fairy tales, chorales, word vectors, missing words."""
