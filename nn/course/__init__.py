"""The checks behind the exercises of the course in `notebooks/`.

In a notebook, `check = nn.course.exercises("02")`, and below an answer `check("backward", backward)`.
"""

from nn.course.exercise import (
    Check as Check,
    ExerciseError as ExerciseError,
    Function as Function,
    Lecture as Lecture,
    Lines as Lines,
    Mistake as Mistake,
    exercises as exercises,
)
