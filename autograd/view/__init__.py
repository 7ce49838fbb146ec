"""Readings of the tape for the eye: graphs and tables."""
