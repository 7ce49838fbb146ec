"""Benchmarks: paired ratios in one run, with warm-up and medians, one thread each. `make bench` runs them all."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # here, since NumPy reads it when it is imported
