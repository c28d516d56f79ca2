"""Translation: of Multi30k, of generated sentences, and of files."""
