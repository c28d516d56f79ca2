"""What the examples train, a folder for each task: recipe, report, and the pictures of that task alone."""
