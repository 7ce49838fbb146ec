"""NumPy's functions that are composed of rows of the table: each is a few operations on the tape.

They have NumPy's names and argument orders, and accept arrays, Tensors, Values, numbers, and lists of them.
"""

from autograd.functions.elementwise import clip as clip, gelu as gelu, one_hot as one_hot, round as round
from autograd.functions.linalg import (
    SVD as SVD,
    Eigh as Eigh,
    Slogdet as Slogdet,
    eigh as eigh,
    eigvalsh as eigvalsh,
    matrix_power as matrix_power,
    norm as norm,
    pinv as pinv,
    slogdet as slogdet,
    svd as svd,
    svdvals as svdvals,
)
from autograd.functions.products import (
    cross as cross,
    dot as dot,
    einsum as einsum,
    inner as inner,
    kron as kron,
    multi_dot as multi_dot,
    outer as outer,
    tensordot as tensordot,
    vdot as vdot,
    vecdot as vecdot,
)
from autograd.functions.reductions import (
    average as average,
    cumprod as cumprod,
    cumsum as cumsum,
    median as median,
    prod as prod,
    ptp as ptp,
    std as std,
    var as var,
)
from autograd.functions.registry import (
    BY_NUMPY_FUNCTION as BY_NUMPY_FUNCTION,
    FUNCTIONS as FUNCTIONS,
    implements as implements,
    listed as listed,
    operand as operand,
)
from autograd.functions.shapes import (
    FEW as FEW,
    append as append,
    array_split as array_split,
    astype as astype,
    atleast_1d as atleast_1d,
    atleast_2d as atleast_2d,
    column_stack as column_stack,
    concatenate as concatenate,
    diag as diag,
    diagonal as diagonal,
    diff as diff,
    dstack as dstack,
    expand_dims as expand_dims,
    flip as flip,
    fliplr as fliplr,
    flipud as flipud,
    groups as groups,
    hsplit as hsplit,
    hstack as hstack,
    matrix_transpose as matrix_transpose,
    moveaxis as moveaxis,
    pad as pad,
    ravel as ravel,
    repeat as repeat,
    roll as roll,
    sort as sort,
    split as split,
    squeeze as squeeze,
    swapaxes as swapaxes,
    take as take,
    take_along_axis as take_along_axis,
    tile as tile,
    trace as trace,
    tril as tril,
    triu as triu,
    unstack as unstack,
    vsplit as vsplit,
    vstack as vstack,
)
from autograd.functions.windows import (
    avg_pool2d as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    max_pool2d as max_pool2d,
)
