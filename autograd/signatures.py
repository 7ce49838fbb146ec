"""The types of the operations, which only type checkers read: they are in `signatures.pyi`."""
