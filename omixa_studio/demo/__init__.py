"""Demonstration data, for looking at the studio and for measuring it."""
