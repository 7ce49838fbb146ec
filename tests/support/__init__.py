"""What tests share: the mathematics of each operation, the measured errors, the README's table of operations."""
