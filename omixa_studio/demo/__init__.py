"""A studio full of demonstration data, for looking at and for measuring."""
