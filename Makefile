# make docs: the tutorial as pages, every lesson run anew, in docs/_build/html.
# make lessons: every lesson as a script, on the TensorFlow of PYTHON.
# make figures: the same, and the pictures drawn now are kept in docs/figures.
PYTHON ?= python3

docs:
	$(PYTHON) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	$(PYTHON) docs/check_pages.py

lessons:
	$(PYTHON) docs/run_lessons.py

figures:
	RNN_TF1_FIGURES=write $(PYTHON) docs/run_lessons.py

.PHONY: docs lessons figures
