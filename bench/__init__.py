"""Measures the studio against a floor in the same run: `make bench`, or `python -m bench`."""
