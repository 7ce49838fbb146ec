"""Benchmarks: paired ratios in one run, with warm-up and medians. `make bench` runs them all."""
