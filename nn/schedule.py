"""Learning rate schedules by a shorter name: those of `nn.optim.lr_scheduler`."""

from nn.optim import lr_scheduler
from nn.optim.lr_scheduler import (
    CosineAnnealingLR as CosineAnnealingLR,
    ExponentialLR as ExponentialLR,
    LambdaLR as LambdaLR,
    LinearLR as LinearLR,
    LRScheduler as LRScheduler,
    MultiStepLR as MultiStepLR,
    ReduceLROnPlateau as ReduceLROnPlateau,
    StepLR as StepLR,
)

__all__ = lr_scheduler.__all__


def __dir__() -> list[str]:
    return __all__
