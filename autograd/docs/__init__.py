"""The pages of the documentation, beside this file: `make docs` renders them.

.. include:: operations.md
.. include:: pytorch.md
.. include:: jit.md
.. include:: jax.md
.. include:: speed.md
.. include:: architecture.md
"""
