"""NumPy's functions on Tensors: NumPy's values, and the derivatives of finite differences, to the second order."""

import math
import sys
import warnings

import numpy as np
import pytest
from mpmath import mp

import autograd
from autograd import Tape, Tensor, check_grads, functions, no_grad, table
from autograd.op import Structural
from tests.support import oracle
from tests.support.errors import ulps


def numbers(*shape, seed=0, low=-2.0, high=2.0):
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


A, B, V, W, CUBE = numbers(2, 3), numbers(3, 4), numbers(3), numbers(3, seed=1), numbers(2, 3, 4)
SQUARE, STACK = numbers(3, 3) + 3 * np.eye(3), numbers(2, 3, 3) + 3 * np.eye(3)
POSITIVE_DEFINITE = SQUARE @ SQUARE.T + np.eye(3)
ZEROS = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 1.5]])
IMAGE, KERNEL = numbers(2, 2, 6, 5), numbers(3, 2, 3, 2)


def symmetric(x):
    return (x + x.mT) / 2


def definite(x):
    return x @ x.mT + np.eye(3)


CASES = {
    # rows
    "reshape": [(lambda x: np.reshape(x, (3, 2)), A), (lambda x: np.reshape(x, (-1, 2), order="F"), CUBE), (lambda x: np.reshape(x, -1, order="F"), A), (lambda x: x.reshape(-1), A), (lambda x: x.reshape(3, 2), A)],
    "transpose": [(np.transpose, CUBE), (lambda x: np.transpose(x, (2, 0, 1)), CUBE), (lambda x: x.T, A),
                  (lambda x: x.transpose(1, -1, 0), CUBE)],
    "broadcast_to": [(lambda x: np.broadcast_to(x, (4, 2, 3)), A), (lambda x: np.broadcast_to(x, (2, 3)), A[:, :1])],
    "sum_to": [(lambda x: autograd.sum_to(x, (3, 1)), CUBE), (lambda x: autograd.sum_to(x, ()), A)],
    "astype": [(lambda x: x.astype(np.float64), A)],
    "getitem": [(lambda x: x[1], A), (lambda x: x[:, 1:], A), (lambda x: x[..., None, 0], A), (lambda x: x[::-1, ::2], A),
                (lambda x: x[[1, 0, 1]], A), (lambda x: x[[0, 0], [1, 1]], A), (lambda x: x[x.data > 0 if isinstance(x, Tensor) else x > 0], A),
                (lambda x: x[np.array([[0], [1]]), [2, 2]], A), (lambda x: x[:, None, [True, False, True]], A), (lambda x: x[()], A),
                (lambda x: x[1, [0, 0, 2], 1:], CUBE), (lambda x: x[0:0], A)],
    "scatter": [(lambda x: autograd.scatter(x, ([0, 0, 2],), (4,)), V), (lambda x: autograd.scatter(x, (slice(1, 3),), (4, 3)), A)],
    "set_at": [(lambda x, v: autograd.set_at(x, v, (0,)), A, V), (lambda x, v: autograd.set_at(x, v, ([0, 1, 0], [0, 0, 0])), A, V)],
    "concatenate": [(lambda x, y: np.concatenate([x, y]), A, A[:1]), (lambda x, y: np.concatenate([x, y, x], axis=-1), A, A[:, :2])],
    "stack": [(lambda x, y: np.stack([x, y], axis=1), V, W), (lambda x, y: np.stack([x, x, y], axis=-1), A, A)],
    "windows": [(lambda x: autograd.windows(x, (2, 2), (1, 2), (2, 1)), numbers(2, 5, 4))],
    "max_pool": [(autograd.max_pool, numbers(3, 2, 2)), (autograd.max_pool, numbers(2, 2, 3, 1))],
    "overlap_add": [(lambda w: autograd.overlap_add(w, (4,), (1,), (1,)), numbers(3, 2))],
    "convolution": [(lambda x, w: table.convolution(x, w, (1, 1), (1, 0), (1, 2)), IMAGE, KERNEL), (lambda x, w: table.convolution(x, w, (2,), (0,), (1,)), CUBE, numbers(2, 3, 2))],
    "convolution_input": [(lambda g, w: table.convolution_input(g, w, IMAGE.shape, (1, 1), (0, 1), (1, 1)), numbers(2, 3, 4, 6), KERNEL), (lambda g, w: table.convolution_input(g, w, (2, 3, 6), (2,), (1,), (2,)), numbers(2, 2, 3), numbers(2, 3, 2))],
    "convolution_weight": [(lambda x, g: table.convolution_weight(x, g, (2, 3), (2, 1), (1, 1), (2, 1)), IMAGE, numbers(2, 3, 3, 5))],
    "sum": [(np.sum, A), (lambda x: np.sum(x, axis=1, where=A > 0), A), (lambda x: np.sum(x, initial=2.5, keepdims=True), A), (lambda x: np.sum(x, dtype=x.dtype, axis=0, where=[True, False, True]), A), (lambda x: np.sum(x, axis=0), A), (lambda x: x.sum(axis=(0, -1), keepdims=True), CUBE), (lambda x: x.sum(1), A)],
    "mean": [(np.mean, A), (lambda x: np.mean(x, axis=-1, keepdims=True), A), (lambda x: x.mean((0, 2)), CUBE)],
    "max": [(np.max, A), (lambda x: np.max(x, axis=1), A), (lambda x: np.amax(x, axis=(0, 2), keepdims=True), CUBE)],
    "min": [(np.min, A), (lambda x: x.min(axis=0, keepdims=True), A)],
    "prod": [(np.prod, A), (lambda x: np.prod(x, axis=0), ZEROS), (lambda x: np.prod(x, axis=1, keepdims=True), ZEROS),
             (lambda x: np.prod(x, axis=(0, 2)), CUBE), (lambda x: x.prod(), ZEROS)],
    "cumsum": [(np.cumsum, A), (lambda x: np.cumsum(x, axis=0), A), (lambda x: x.cumsum(axis=-1), A)],
    "cumprod": [(np.cumprod, A), (lambda x: np.cumprod(x, axis=1), ZEROS), (lambda x: np.cumprod(x, axis=0), A)],
    "logsumexp": [(autograd.logsumexp, A), (lambda x: autograd.logsumexp(x, axis=0, keepdims=True), A)],
    "softmax": [(autograd.softmax, A), (lambda x: autograd.softmax(x, axis=0), A)],
    "log_softmax": [(autograd.log_softmax, A), (lambda x: autograd.log_softmax(x, axis=0), A)],
    "cross_entropy": [(lambda x: autograd.cross_entropy(x, np.array([2, 0])), A), (lambda x: autograd.cross_entropy(x, np.array(1)), V),
                      (lambda x: autograd.cross_entropy(x, np.array([[0, 1, 3], [2, 2, 0]])), CUBE)],
    "length": [(np.linalg.norm, A)],
    "p_norm": [(lambda x: np.linalg.norm(x, 3, axis=0), A), (lambda x: np.linalg.norm(x, 2.5, axis=-1, keepdims=True), CUBE)],
    "matmul": [(np.matmul, A, B), (lambda x, y: x @ y, V, B), (lambda x, y: x @ y, A, V), (lambda x, y: x @ y, V, W),
               (lambda x, y: x @ y, CUBE, numbers(4, 2)), (lambda x, y: x @ y, numbers(2, 1, 3, 2), numbers(4, 2, 3)),
               (lambda x, y: x @ y, CUBE, numbers(4)), (lambda x, y: x @ y, V, numbers(2, 3, 2))],
    "linear": [(autograd.linear, A, numbers(5, A.shape[1]), numbers(5)), (autograd.linear, V, numbers(2, *V.shape), numbers(2)),
               (autograd.linear, CUBE, numbers(2, CUBE.shape[-1]), numbers(2))],
    "einsum": [
        (lambda x, y: np.einsum("ij,jk->ik", x, y), A, B), (lambda x, y: np.einsum("ij,jk", x, y), A, B), (lambda x: np.einsum("ii", x), SQUARE),
        (lambda x: np.einsum("ii->i", x), SQUARE), (lambda x: np.einsum("ij->", x), A), (lambda x: np.einsum("ij->j", x), A),
        (lambda x: np.einsum("ij->ji", x), A), (lambda x, y: np.einsum("i,j->ij", x, y), V, W), (lambda x, y: np.einsum("...i,i->...", x, y), A, V),
        (lambda x, y: np.einsum("...ij,...jk->...ik", x, y), CUBE, numbers(4, 2)), (lambda x: np.einsum("i...->...i", x), CUBE),
        (lambda x: np.einsum(x, [0, 1], [1, 0]), A), (lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), A, B),
        (lambda x, y: np.einsum(x, [Ellipsis, 0], y, [0], [Ellipsis]), A, V), (lambda x: np.einsum("iij->ij", x), numbers(3, 3, 2)),
        (lambda x, y, z: np.einsum("ij,jk,k->i", x, y, z), A, B, numbers(4)), (lambda x: np.einsum("ij,ij->i", x, x), A),
        (lambda x, y: np.einsum("ij,kl->ik", x, y), A, B), (lambda x: np.einsum("iii->", x), numbers(2, 2, 2)),
        (lambda x, y, z: np.einsum("ij,jk,kl->il", x, y, z, optimize=True), A, B, numbers(4, 2)), (lambda x, y: np.einsum("ij,jk", x, y, optimize="greedy"), A, B),
        (lambda x, y, z: np.einsum("ij,ij,j->", x, y, z, optimize=["einsum_path", (0, 2), (0, 1)]), A[:1], A, V), (lambda x: np.einsum("ii->i", x, optimize=True), SQUARE),
        (lambda x, y: np.einsum(" ij , jk -> ik ", x, y), A, B), (lambda x, y: np.einsum("ij,j->ij", x, y), A, np.ones(1) * 1.5),
    ],
    "inv": [(np.linalg.inv, SQUARE), (np.linalg.inv, STACK)],
    "solve": [(np.linalg.solve, SQUARE, V), (np.linalg.solve, SQUARE, numbers(3, 2)), (np.linalg.solve, STACK, numbers(2, 3, 2))],
    "det": [(np.linalg.det, SQUARE), (np.linalg.det, STACK)],
    "logabsdet": [(lambda x: autograd.slogdet(x).logabsdet, SQUARE)],
    "cholesky": [(lambda x: np.linalg.cholesky(definite(x)), SQUARE), (lambda x: np.linalg.cholesky(symmetric(x)), POSITIVE_DEFINITE)],
    "eigenpairs": [(lambda x: np.linalg.eigh(symmetric(x))[0], SQUARE)],
    "singular_triples": [(lambda x: np.linalg.svd(x, compute_uv=False), A)],
    # functions made of rows
    "ravel": [(np.ravel, A), (lambda x: np.ravel(x, order="F"), CUBE), (lambda x: x.ravel(), A), (lambda x: x.flatten(), A)],
    "flatten": [(autograd.flatten, A), (lambda x: autograd.flatten(x, 1), CUBE)],
    "swapaxes": [(lambda x: np.swapaxes(x, 0, -1), CUBE), (lambda x: x.swapaxes(0, 1), A)],
    "matrix_transpose": [(np.matrix_transpose, CUBE), (lambda x: x.mT, CUBE)],
    "moveaxis": [(lambda x: np.moveaxis(x, 0, -1), CUBE), (lambda x: np.moveaxis(x, [0, 1], [-1, 0]), CUBE)],
    "expand_dims": [(lambda x: np.expand_dims(x, 1), A), (lambda x: np.expand_dims(x, (0, -1)), A)],
    "squeeze": [(np.squeeze, A[None, :, :1]), (lambda x: np.squeeze(x, axis=0), A[None])],
    "atleast_1d": [(np.atleast_1d, numbers()), (lambda x: np.atleast_1d(x), V)],
    "atleast_2d": [(np.atleast_2d, V), (np.atleast_2d, CUBE)],
    "flip": [(np.flip, A), (lambda x: np.flip(x, axis=1), A), (lambda x: np.flip(x, axis=(0, 2)), CUBE)],
    "flipud": [(np.flipud, A)],
    "fliplr": [(np.fliplr, A)],
    "roll": [(lambda x: np.roll(x, 2), A), (lambda x: np.roll(x, -1, axis=1), A), (lambda x: np.roll(x, (1, 2), axis=(0, 1)), A),
             (lambda x: np.roll(x, 0, axis=0), A), (lambda x: np.roll(x, 7, axis=1), A)],
    "repeat": [(lambda x: np.repeat(x, 2), A), (lambda x: np.repeat(x, 3, axis=0), A), (lambda x: x.repeat([1, 0, 2], axis=1), A)],
    "tile": [(lambda x: np.tile(x, 2), A), (lambda x: np.tile(x, (2, 1, 3)), A), (lambda x: np.tile(x, (2,)), CUBE)],
    "pad": [(lambda x: np.pad(x, 1), A), (lambda x: np.pad(x, ((0, 1), (2, 0)), constant_values=5.0), A),
            *[(lambda x, mode=mode: np.pad(x, ((1, 1), (2, 1)), mode=mode), A) for mode in ("edge", "reflect", "symmetric", "wrap")]],
    "hstack": [(lambda x, y: np.hstack([x, y]), V, W), (lambda x, y: np.hstack((x, y)), A, A)],
    "vstack": [(lambda x, y: np.vstack([x, y]), V, A)],
    "dstack": [(lambda x, y: np.dstack([x, y]), A, A)],
    "column_stack": [(lambda x, y: np.column_stack([x, y]), V, numbers(3, 2))],
    "append": [(lambda x, y: np.append(x, y), A, V), (lambda x, y: np.append(x, y, axis=0), A, A)],
    "split": [(lambda x: np.split(x, 3, axis=1)[1], A), (lambda x: np.split(x, [1, 1, 5])[2], V), (lambda x: np.split(x, 3)[0], V)],
    "array_split": [(lambda x: np.array_split(x, 2, axis=1)[0], A), (lambda x: np.array_split(x, 2)[1], V), (lambda x: np.array_split(x, [1])[1], V), (lambda x: np.array_split(x, 5)[3], V)],
    "hsplit": [(lambda x: np.hsplit(x, 3)[2], A)],
    "vsplit": [(lambda x: np.vsplit(x, 2)[1], A)],
    "unstack": [(lambda x: autograd.unstack(x, axis=1)[2], A)],
    "take": [(lambda x: np.take(x, [0, 5, 5]), A), (lambda x: np.take(x, [[1, 0]], axis=1), A), (lambda x: x.take([2], axis=-1), A),
             (lambda x: np.take(x, np.array([True, False, True])), A)],
    "take_along_axis": [(lambda x: np.take_along_axis(x, np.array([[0, 2], [1, 1]]), axis=1), A), (lambda x: np.take_along_axis(x, np.array([[1, 0, 1]]), axis=0), A)],
    "sort": [(np.sort, A), (lambda x: np.sort(x, kind="stable"), A), (lambda x: np.sort(x, axis=0), A), (lambda x: np.sort(x, axis=None), A)],
    "diff": [(np.diff, A), (lambda x: np.diff(x, prepend=0.5), A), (lambda x, y: np.diff(x, axis=0, prepend=y, append=1.0), A, A[:1]), (lambda x, y: np.diff(x, append=y), V, W), (lambda x: np.diff(x, n=2, axis=1), A), (lambda x: np.diff(x, axis=0), A)],
    "diagonal": [(np.diagonal, A), (lambda x: np.diagonal(x, offset=1, axis1=2, axis2=0), CUBE), (lambda x: x.diagonal(-1), SQUARE),
                 (lambda x: np.linalg.diagonal(x), CUBE), (lambda x: np.linalg.diagonal(x, offset=1), STACK)],
    "diag": [(np.diag, V), (lambda x: np.diag(x, 1), V), (lambda x: np.diag(x, -2), V), (np.diag, SQUARE), (lambda x: np.diag(x, -1), SQUARE)],
    "trace": [(np.trace, SQUARE), (lambda x: np.trace(x, offset=1), A), (lambda x: x.trace(), A), (lambda x: np.linalg.trace(x), CUBE), (lambda x: np.linalg.trace(x, offset=-1), STACK)],
    "tril": [(np.tril, SQUARE), (lambda x: np.tril(x, 1), STACK), (np.tril, V)],
    "triu": [(np.triu, SQUARE), (lambda x: np.triu(x, -1), A), (lambda x: np.triu(x, 1), V)],
    "var": [(np.var, A), (lambda x: np.var(x, axis=0, ddof=1), A), (lambda x: x.var(axis=1, keepdims=True), A)],
    "std": [(np.std, A), (lambda x: np.std(x, axis=1, ddof=1, keepdims=True), A), (lambda x: x.std(), A)],
    "average": [(np.average, A), (lambda x, w: np.average(x, axis=1, weights=w), A, np.abs(V) + 1), (lambda x, w: np.average(x, weights=w), A, np.abs(A) + 1),
                (lambda x, w: np.average(x, axis=(2, 0), weights=w), CUBE, np.abs(numbers(4, 2)) + 1)],
    "ptp": [(np.ptp, A), (lambda x: np.ptp(x, axis=1), A)],
    "median": [(np.median, A), (lambda x: np.median(x, axis=1), A), (lambda x: np.median(x, axis=0, keepdims=True), A)],
    "norm": [(np.linalg.norm, V), (lambda x: np.linalg.norm(x, axis=1), A), (lambda x: np.linalg.norm(x, axis=0, keepdims=True), A),
             *[(lambda x, p=p: np.linalg.norm(x, p), V) for p in (0, 1, 2, 3, 0.5, math.inf, -math.inf, -1)],
             *[(lambda x, p=p: np.linalg.norm(x, p), SQUARE) for p in (1, -1, 2, -2, math.inf, -math.inf, "fro", "nuc")],
             (lambda x: np.linalg.norm(x, axis=(0, 2)), CUBE), (lambda x: np.linalg.norm(x, 1, axis=(2, 0), keepdims=True), CUBE)],
    "dot": [(np.dot, A, B), (np.dot, V, W), (np.dot, A, V), (np.dot, V, numbers()), (np.dot, CUBE, numbers(5, 4, 2)), (lambda x, y: x.dot(y), A, B)],
    "vdot": [(np.vdot, V, W), (np.vdot, A, numbers(3, 2))],
    "vecdot": [(lambda x, y: autograd.vecdot(x, y), A, V)],
    "inner": [(np.inner, V, W), (np.inner, A, numbers(4, 3)), (np.inner, A, numbers())],
    "outer": [(np.outer, V, W), (np.outer, A, V)],
    "tensordot": [(np.tensordot, CUBE, numbers(3, 4, 2)), (lambda x, y: np.tensordot(x, y, axes=1), A, B), (lambda x, y: np.tensordot(x, y, axes=0), V, W),
                  (lambda x, y: np.tensordot(x, y, axes=([1, 0], [0, 1])), A, numbers(3, 2)), (lambda x, y: np.tensordot(x, y, axes=(0, -1)), A, numbers(4, 2))],
    "kron": [(np.kron, V, W), (np.kron, A, B), (np.kron, V, A)],
    "cross": [(np.cross, V, W), (np.cross, A, V), (lambda x, y: np.cross(x, y, axis=0), SQUARE, SQUARE.T), (lambda x, y: np.cross(x, y, axisb=0, axisc=0), SQUARE, SQUARE.T),
              (lambda x, y: np.linalg.cross(x, y, axis=0), SQUARE, SQUARE.T)],
    "multi_dot": [(lambda x, y, z: np.linalg.multi_dot([x, y, z]), A, B, numbers(4, 2))],
    "matrix_power": [*[(lambda x, n=n: np.linalg.matrix_power(x, n), SQUARE) for n in (0, 1, 3, -2)]],
    "clip": [(lambda x: np.clip(x, -1.0, 1.0), A), (lambda x, b: np.clip(x, b, None), A, V), (lambda x: x.clip(max=0.5) if isinstance(x, Tensor) else x.clip(None, 0.5), A)],
    "gelu": [(autograd.gelu, A), (lambda x: x.gelu() if isinstance(x, Tensor) else autograd.gelu(x), 5 * CUBE)],
    "round": [(lambda x: np.round(x, 1), A), (np.round, A), (lambda x: np.around(x, decimals=-1), 10 * A), (lambda x: x.round(1), A), (lambda x: x.round(), A)],
    "slogdet": [(lambda x: np.linalg.slogdet(x)[1], -STACK)],
    "eigh": [(lambda x: np.linalg.eigh(symmetric(x)).eigenvalues, STACK), (lambda x: np.linalg.eigh(symmetric(x)).eigenvectors ** 2, SQUARE)],
    "eigvalsh": [(lambda x: np.linalg.eigvalsh(symmetric(x)), SQUARE), (lambda x: np.linalg.eigvalsh(symmetric(x), UPLO="U"), SQUARE)],
    "svd": [(lambda x: np.linalg.svd(x, full_matrices=False).U ** 2, numbers(4, 2)), (lambda x: np.linalg.svd(x, full_matrices=False).Vh ** 2, A),
            (lambda x: np.linalg.svd(x, full_matrices=False)[1], numbers(2, 4, 3))],
    "svdvals": [(lambda x: autograd.svdvals(x), SQUARE)],
    "pinv": [(np.linalg.pinv, A), (np.linalg.pinv, numbers(4, 2)), (np.linalg.pinv, STACK), (lambda x: np.linalg.pinv(symmetric(x), hermitian=True), SQUARE)],
    "atleast_3d": [(np.atleast_3d, numbers()), (np.atleast_3d, V), (np.atleast_3d, A), (np.atleast_3d, CUBE)],
    "rollaxis": [*[(lambda x, axis=axis, start=start: np.rollaxis(x, axis, start), CUBE) for axis, start in ((0, 3), (1, 0), (2, 0), (2, 1), (0, 0), (-1, 1))]],
    "rot90": [*[(lambda x, k=k: np.rot90(x, k), A) for k in (1, 2, 3, 4, -1)], (lambda x: np.rot90(x, axes=(2, 0)), CUBE), (lambda x: np.rot90(x, 3, axes=(1, 2)), CUBE)],
    "dsplit": [(lambda x: np.dsplit(x, 2)[1], CUBE), (lambda x: np.dsplit(x, [1])[1], CUBE)],
    "partition": [(lambda x: np.partition(x, 1), A), (lambda x: np.partition(x, [0, 1], axis=0), A), (lambda x: np.partition(x, 3, axis=None)[3], A)],
    "gradient": [(np.gradient, numbers(5)), (lambda x: np.gradient(x, 0.5), numbers(2)), (lambda x: np.gradient(x, axis=-1), A), (lambda x: np.gradient(x, 2.0, 0.25)[1], A),
                 (lambda x: np.gradient(x, np.array([0.0, 0.3, 1.1, 1.5]), axis=2), CUBE), (lambda x: np.gradient(x, axis=(0, -1))[0], CUBE)],
    "linspace": [(lambda x, y: np.linspace(x, y, 4), numbers(), numbers(seed=1)), (lambda x, y: np.linspace(x, y, 3, endpoint=False), V, W), (lambda x: np.linspace(x, 1.5, 1), A),
                 (lambda x, y: np.linspace(x, y, num=0), V, A)],
    "fftshift": [(np.fft.fftshift, A), (lambda x: np.fft.fftshift(x, axes=1), CUBE), (lambda x: np.fft.fftshift(x, axes=(0, -1)), CUBE)],
    "ifftshift": [(np.fft.ifftshift, A), (lambda x: np.fft.ifftshift(x, axes=1), CUBE)],
    "convolve": [*[(lambda x, y, mode=mode: np.convolve(x, y, mode), *pair) for mode in ("full", "same", "valid") for pair in ((numbers(5), V), (V, numbers(4)), (numbers(1), V))]],
    "fmax": [(np.fmax, A, V), (lambda x: np.fmax(x, np.array([0.5, np.nan, -1.0], x.dtype)), A), (lambda x: np.fmax(np.array([0.5, np.nan, -1.0], x.dtype), x), A)],
    "fmin": [(np.fmin, A, V), (lambda x: np.fmin(x, np.array([0.5, np.nan, -1.0], x.dtype)), A)],
    "logaddexp2": [(np.logaddexp2, A, V), (lambda x: np.logaddexp2(x, 1000.0), A)],
    "sinc": [(np.sinc, 3 * CUBE), (np.sinc, np.array([0.0, 1e-9, -1e-5, 0.01, 0.3, 0.33, 1.0]))],
    "deg2rad": [(np.deg2rad, A), (np.radians, A)],
    "rad2deg": [(np.rad2deg, A), (np.degrees, A)],
    "nan_to_num": [(lambda x: np.nan_to_num(x + np.array([np.nan, np.inf, -np.inf], x.dtype), nan=3.0, posinf=4.0, neginf=5.0) + x, A), (lambda x: np.nan_to_num(x), A)],
    "real": [(np.real, A), (lambda x: np.real_if_close(x), A)],
    "conj": [(np.conj, A), (np.conjugate, A)],
    "select": [(lambda x, y: np.select([A > 1, A < 0], [x, y], 2.5), A, V), (lambda x: np.select([A > 1, A > 0], [x, x**2]), A)],
    "conv1d": [(lambda x, w: autograd.conv1d(x, w), numbers(2, 3, 6), numbers(4, 3, 2)), (lambda x, w, b: autograd.conv1d(x, w, b, stride=2, padding=1, dilation=2), numbers(1, 2, 7), numbers(3, 2, 3), V)],
    "conv2d": [(lambda x, w: autograd.conv2d(x, w), IMAGE, KERNEL), (lambda x, w, b: autograd.conv2d(x, w, b, stride=(2, 1), padding=(1, 0), dilation=(1, 2)), IMAGE, KERNEL, V)],
    "max_pool2d": [(lambda x: autograd.max_pool2d(x, 2), IMAGE), (lambda x: autograd.max_pool2d(x, (3, 2), stride=1, padding=1), IMAGE)],
    "avg_pool2d": [(lambda x: autograd.avg_pool2d(x, 2), IMAGE), (lambda x: autograd.avg_pool2d(x, (2, 3), stride=(1, 2), padding=1), IMAGE)],
}  # fmt: skip
"""Functions of Tensors, and arrays to call them on."""

EACH = [
    pytest.param(name, *case, id=f"{name}-{i}")
    for name, cases in CASES.items()
    for i, case in enumerate([(c,) for c in cases])
]
each_case = pytest.mark.parametrize(("name", "case"), EACH)

WITHOUT_DERIVATIVE = {"one_hot"}


def test_every_row_for_arrays_and_every_function_has_a_case():
    structural = {name for name, op in table.ROWS.items() if isinstance(op, Structural)}
    assert structural | set(functions.FUNCTIONS) == set(CASES) | WITHOUT_DERIVATIVE


@each_case
def test_values_are_those_of_numpy_on_plain_arrays(name, case):
    f, *arrays = case
    expected = f(*arrays)
    result = f(*map(Tensor, arrays))
    assert isinstance(result, Tensor)
    with no_grad():
        assert np.array_equal(f(*map(Tensor, arrays)).data, result.data)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.data, expected, rtol=1e-12, atol=1e-13)


@each_case
def test_derivatives_are_those_of_finite_differences(name, case):
    f, *arrays = case
    check_grads(f, arrays, order=1 if name in ("windows", "svd") and arrays[0].size > 20 else 2)


@each_case
def test_float32_stays_float32_forwards_and_backwards(name, case):
    f, *arrays = case
    if name in ("astype", "average") or "float" in repr(case):
        return
    tensors = [Tensor(x.astype(np.float32)) for x in arrays]
    y = f(*tensors)
    y.sum().backward()
    if name not in ("cholesky", "tril", "triu", "einsum", "eigh", "matrix_power"):
        assert y.dtype == np.float32
    wide = [Tensor(x.data.astype(float)) for x in tensors]
    f(*wide).sum().backward()
    for t, exact in zip(tensors, wide, strict=True):
        assert t.grad.dtype == np.float32
        np.testing.assert_allclose(
            t.grad, exact.grad, rtol=2e-3, atol=2e-3 * max(1.0, np.abs(exact.grad).max(initial=0))
        )


def test_the_triangle_that_is_named_is_read():
    upper = np.triu(SQUARE)
    expected = np.linalg.eigvalsh(upper, UPLO="U")
    np.testing.assert_allclose(np.linalg.eigvalsh(Tensor(upper), UPLO="U").data, expected)
    np.testing.assert_allclose(np.linalg.eigh(Tensor(upper), "u").eigenvalues.data, expected)


# Conventions and edges


def test_entries_that_tie_for_the_extreme_share_evenly():
    x = Tensor([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]])
    np.max(x, axis=1).sum().backward()
    assert x.grad.tolist() == [[0.5, 0.0, 0.5], [1 / 3, 1 / 3, 1 / 3]]


def test_of_entries_that_tie_in_a_pool_the_first_gets_the_gradient():
    x = Tensor(np.zeros((1, 1, 2, 2)))
    autograd.max_pool2d(x, 2).sum().backward()
    assert x.grad.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


def test_a_norm_over_no_axes_is_refused_as_numpy_does():
    with pytest.raises(ValueError, match="for vectors and matrices, not for 0 axes"):
        np.linalg.norm(Tensor([3.0, 4.0]), axis=())


def test_the_norm_of_nothing_has_derivative_zero():
    x = Tensor([0.0, 0.0])
    np.linalg.norm(x).backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_for_derivative():
    x = Tensor([[1.0, 2.0], [2.0, 4.0]])
    np.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad, [[4.0, -2.0], [-2.0, 1.0]], atol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e4, -1e4])
def test_softmax_and_its_kin_are_stable_at_extreme_logits(shift):
    logits = np.array([[0.0, 800.0, -800.0], [1.0, 2.0, 3.0]]) + shift
    for f in (
        autograd.logsumexp,
        autograd.log_softmax,
        autograd.softmax,
        lambda x: autograd.cross_entropy(x, np.array([1, 0])),
    ):
        x = Tensor(logits)
        y = f(x)
        y.sum().backward()
        assert np.isfinite(y.data).all()
        assert np.isfinite(x.grad).all()


GELU_POINTS = [*np.linspace(-37.5, 37.5, 301).tolist(), *(s * 10.0**e for s in (1, -1) for e in range(-307, 308, 41))]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gelu_is_right_over_the_whole_range_within_a_few_units_of_the_last_place(dtype):
    info = np.finfo(dtype)
    points = np.array([x for x in GELU_POINTS if abs(x) <= float(info.max)], dtype)
    t = Tensor(points)
    y = autograd.gelu(t)
    y.backward(np.ones(y.shape))
    smallest = float(info.smallest_normal)
    for x, found, slope in zip(points.tolist(), y.data.tolist(), t.grad.tolist(), strict=True):
        with mp.workdps(oracle.DIGITS):
            probability, density = oracle.value("normal_cdf", (x,)), oracle.value("normal_pdf", (x,))
            value, derivative = x * probability, probability + x * density
        if min(abs(value), probability) >= smallest:
            assert ulps(found, value, dtype) <= 5, f"gelu({x}) is {found}"
            cancelled = float(max(1, probability / abs(derivative)))
            assert ulps(slope, derivative, dtype) <= 8 * cancelled, f"gelu'({x}) is {slope}"
        else:
            assert abs(found - float(value)) <= smallest
            assert abs(slope - float(derivative)) <= max(smallest, 1e-15 * abs(slope))


def test_gelu_computes_the_normal_distribution_once_a_step():
    with Tape() as tape:
        Tensor([1.0, -2.0]).gelu().sum().backward(create_graph=True)
    names = [entry.node.op.name for entry in tape if entry.node.op is not None]
    assert names.count("normal_cdf") == 1


def test_gelu_of_an_infinite_number_is_that_of_pytorch():
    assert autograd.gelu(math.inf) == math.inf
    with np.errstate(invalid="ignore"):
        assert np.isnan(autograd.gelu(np.array([-math.inf, math.nan]))).all()


def test_labels_are_integers_in_range():
    assert autograd.one_hot(np.array([1, 0]), 2).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    with pytest.raises(ValueError, match="range from 0 to 2, and classes from 0 to 1"):
        autograd.one_hot([0, 2], 2)
    with pytest.raises(TypeError, match="integers, not float64"):
        autograd.one_hot([0.5], 2)
    for labels, error, message in (([0, 3], ValueError, "range from 0 to 3, and classes from 0 to 2"), ([-1, 0], ValueError, "from -1"),
                                   ([0.0, 1.0], TypeError, "integers"), ([0], ValueError, r"labels of shape \(1,\).*\(2, 3\)")):  # fmt: skip
        with pytest.raises(error, match=message):
            autograd.cross_entropy(Tensor(np.zeros((2, 3))), np.array(labels))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda x: np.split(x, 2, axis=1), "no 2 equal parts.*np.array_split"),
        (lambda x: np.array_split(x, 0), "must be positive, not 0"),
        (lambda x: np.split(x, -1), "must be positive, not -1"),
        *[
            (lambda x, mode=mode: np.pad(x, 1, mode=mode), f"mode='{mode}' is not supported.*'edge'.*np.concatenate")
            for mode in ("maximum", "minimum", "mean", "median", "linear_ramp", "empty", "no such")
        ],
        (lambda x: np.pad(x, -1), "negative"),
        (lambda x: np.pad(x, 1.5), "must be integers"),
        (lambda x: np.gradient(x[:1], axis=0), "no neighbours"),
        (lambda x: np.gradient(x, 1.0, 1.0, 1.0), "3 spacings for 2 axes"),
        (lambda x: np.gradient(x, edge_order=2), "edge_order is 1"),
        (lambda x: np.convolve(x, V), "are not vectors"),
        (lambda x: np.convolve(x[0], V, "middle"), "no mode 'middle'"),
        (lambda x: np.select([A > 0], [x, x]), "1 conditions for 2 choices"),
        (lambda x: np.rot90(x, axes=(0, 0)), "repeated axis"),
        (lambda x: np.reshape(x, 6, order="A"), "order is 'C'"),
        (lambda x: np.linalg.eigh(x @ x.T, "M"), "UPLO is 'L' or 'U'"),
        (lambda x: np.partition(x, 3), "out of bounds"),
        (lambda x: np.triu(x[0, 0]), "expected a vector"),
        (lambda x: np.diag(x[None]), "neither a vector nor a matrix"),
        (lambda x: np.diff(x, -1), "got -1"),
        (lambda x: np.moveaxis(x, (0, 1), 0), "2 sources and 1 destinations"),
        (lambda x: np.take_along_axis(x, np.zeros(1, int), 0), r"shape \(1,\) for an array of shape \(2, 3\)"),
        (lambda x: np.take_along_axis(x, x.data > 0, 0), "must be integers, not bool"),
        (lambda x: np.linalg.matrix_power(x, 1), "not square"),
        (lambda x: np.linalg.matrix_power(x, 0), "not square"),
        (lambda x: np.linalg.matrix_power(x, 0.5), "integer"),
        (lambda x: np.linalg.norm(x[0], "nuc"), "not a norm of vectors"),
        (lambda x: np.linalg.pinv(x, 1e-3, rtol=1e-3), "pass only one"),
        (lambda x: np.average(x, weights=V), "need an axis"),
        (lambda x: np.average(x, axis=0, weights=V), "do not match shape"),
        (lambda x: autograd.vecdot(x, V, axis=0), "length 2 and 3 along axis 0"),
        (lambda x: np.linalg.svd(x), "full_matrices=False"),
        (lambda x: np.cross(x, np.ones(2)), "length 3"),
        (lambda x: np.tensordot(x, np.ones((4, 2))), r"\(2, 3\) and \(4, 2\)"),
        (lambda x: np.einsum("ij,jk->ik", x), "is for 2 operands, got 1"),
        (lambda x: np.einsum("ijk->i", x), "does not fit an operand of 2 axes"),
        (lambda x: autograd.conv2d(x, np.ones((1, 1, 2, 2))), r"conv2d: .*\(2, 3\) and \(1, 1, 2, 2\)"),
        (lambda x: autograd.conv1d(x[None], np.ones((1, 2, 7))), r"extent \(7,\) does not fit into shape \(3,\)"),
        (lambda x: autograd.conv1d(x[None], np.ones((1, 2, 1)), stride=0), r"conv1d: .* at least 1 .* got \(0,\)"),
        (lambda x: autograd.conv1d(x[None], np.ones((1, 2, 1)), padding=-1), r"conv1d: .* paddings of at least 0"),
        (
            lambda x: autograd.max_pool2d(x, 4),
            r"max_pool2d: a window of extent \(4, 4\) does not fit into shape \(2, 3\)",
        ),
        (lambda x: autograd.max_pool2d(x, (1, 2, 3)), "one number or 2"),
        (lambda x: np.linalg.norm(x, 7), "not a norm of matrices"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(wrong, message):
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        wrong(Tensor(A))


# As NumPy has it where there is nothing, or nothing of that kind


@pytest.mark.parametrize("f", [autograd.softmax, autograd.log_softmax, lambda x: autograd.softmax(x, axis=(0, 1))])
def test_over_no_entries_there_are_no_probabilities(f):
    x = Tensor(np.zeros((2, 0)))
    y = f(x)
    y.sum().backward()
    assert y.shape == x.grad.shape == (2, 0)
    assert f(np.zeros((2, 0), int)).shape == (2, 0)


def test_the_sum_of_no_exponentials_has_the_logarithm_of_zero():
    x = Tensor(np.zeros((2, 0), np.float32))
    y = autograd.logsumexp(x, axis=1)
    y.sum().backward()
    assert y.tolist() == [-math.inf, -math.inf]
    assert (y.dtype, x.grad.shape) == (np.float32, (2, 0))


def test_without_classes_there_is_no_cross_entropy_but_of_no_rows():
    x = Tensor(np.zeros((0, 0)))
    autograd.cross_entropy(x, np.zeros(0, int)).sum().backward()
    assert x.grad.shape == (0, 0)
    with pytest.raises(ValueError, match="there are no classes"):
        autograd.cross_entropy(Tensor(np.zeros((2, 0))), np.zeros(2, int))


@pytest.mark.parametrize("f", [np.mean, np.median, np.var, np.std, lambda x: np.std(x, axis=0, ddof=2)])
def test_of_no_numbers_the_middle_and_the_spread_are_nan_as_numpys(f):
    x = Tensor(np.zeros(0))
    with pytest.warns(RuntimeWarning):
        y = f(x)
    y.backward()
    assert np.isnan(y.data)
    assert x.grad.shape == (0,)


@pytest.mark.parametrize("f", [np.var, np.std])
@pytest.mark.parametrize("ddof", [1, 3, 5, 2.5])
@pytest.mark.parametrize("numbers", [[5.0], [1.0, 2.0, 4.0], [2.0, 2.0]])
def test_more_degrees_of_freedom_than_numbers_give_what_numpy_gives(f, ddof, numbers):
    x = Tensor(numbers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, y = f(numbers, ddof=ddof), f(x, ddof=ddof)
    y.backward()  # which once divided by zero
    np.testing.assert_allclose(y.data, expected, rtol=1e-14)


def test_the_median_is_nan_where_a_number_is():
    x = Tensor([[1.0, math.nan, 3.0, 4.0], [4.0, 1.0, 2.0, 3.0]])
    y = np.median(x, axis=1)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, [math.nan, 2.5])
    assert x.grad.tolist() == [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]


def test_of_a_stack_numpys_linear_algebra_takes_the_last_two_axes():
    stack = np.arange(24.0).reshape(4, 2, 3)
    assert np.linalg.trace(Tensor(stack)).tolist() == np.linalg.trace(stack).tolist()
    assert np.linalg.diagonal(Tensor(stack), offset=1).tolist() == np.linalg.diagonal(stack, offset=1).tolist()
    with pytest.raises(ValueError, match="not vectors"):
        np.linalg.outer(Tensor(A), V)


def test_values_set_into_whole_numbers_keep_what_is_behind_the_point():
    half = Tensor(0.5)
    y = autograd.set_at(np.array([1, 2, 3]), half, (0,))
    y.sum().backward()
    assert (y.tolist(), y.dtype, half.grad) == ([0.5, 2.0, 3.0], np.float64, 1.0)
    assert autograd.set_at(np.array([1, 2, 3]), 0.5, (0,)).tolist() == [0.5, 2.0, 3.0]
    assert autograd.set_at(np.array([1, 2, 3]), 7, (0,)).dtype == int
    assert autograd.set_at(Tensor(np.ones(2, np.float32)), np.float64(0.5), (0,)).dtype == np.float32


@pytest.mark.parametrize("f", [lambda x: np.linalg.matrix_power(x, 0), lambda x: np.linalg.norm(x, 0, axis=1)])
def test_what_does_not_change_with_the_operand_has_derivative_zero_all_the_same(f):
    x = Tensor([[math.inf, 0.0], [math.nan, 2.0]])
    y = f(x)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, f(x.data))
    assert x.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


# Axes


REDUCTIONS = ["sum", "mean", "max", "min", "prod", "var", "std", "median", "ptp", "average", "flip", "squeeze"]
RUNNING = ["cumsum", "cumprod", "sort", "diff"]
ALONG = {
    **{name: lambda x, axis, name=name: getattr(np, name)(x, axis=axis) for name in REDUCTIONS + RUNNING},
    "weights": lambda x, axis: np.average(x, axis=axis, weights=np.ones(2)),
    "roll": lambda x, axis: np.roll(x, 1, axis=axis),
    "vecdot": lambda x, axis: np.vecdot(x, x, axis=axis),
    "moveaxis from": lambda x, axis: np.moveaxis(x, axis, 0),
    "moveaxis to": lambda x, axis: np.moveaxis(x, 0, axis),
    "tensordot": lambda x, axis: np.tensordot(x, x, (axis, axis)),
    "norm": lambda x, axis: np.linalg.norm(x, axis=axis),
    "norm 1": lambda x, axis: np.linalg.norm(x, 1, axis=axis),
    "norm 0": lambda x, axis: np.linalg.norm(x, 0, axis=axis),
    "transpose": lambda x, axis: np.transpose(x, (0, axis)),
    "diagonal": lambda x, axis: np.diagonal(x, 0, 0, axis),
    "trace": lambda x, axis: np.trace(x, 0, axis, 0),
    "repeat": lambda x, axis: np.repeat(x, 2, axis=axis),
    "take": lambda x, axis: np.take(x, [0], axis=axis),
    "take_along_axis": lambda x, axis: np.take_along_axis(x, np.zeros((1, 1), int), axis=axis),
    "split": lambda x, axis: np.split(x, 1, axis=axis),
    "array_split": lambda x, axis: np.array_split(x, 1, axis=axis),
    "concatenate": lambda x, axis: np.concatenate([x, x], axis=axis),
    "append": lambda x, axis: np.append(x, x, axis=axis),
    "swapaxes": lambda x, axis: np.swapaxes(x, axis, 0),
    "swapaxes with": lambda x, axis: np.swapaxes(x, 0, axis),
}
"""Functions of NumPy with an axis, of a matrix."""
ALONG_OF_OURS = {
    name: lambda x, axis, name=name: getattr(autograd, name)(x, axis=axis)
    for name in ("softmax", "log_softmax", "logsumexp", "unstack")
}
NEW_AXIS = {"expand_dims": np.expand_dims, "stack": lambda x, axis: np.stack([x, x], axis=axis)}
"""Those whose axis is one of the result, which has one more."""


@pytest.mark.parametrize("axis", [2, 7, -3, -9])
@pytest.mark.parametrize("name", [*ALONG, *ALONG_OF_OURS, *NEW_AXIS])
def test_an_axis_out_of_range_is_numpys_error(name, axis):
    f = (ALONG | ALONG_OF_OURS | NEW_AXIS)[name]
    if name in NEW_AXIS:
        axis += 1 if axis > 0 else -1
    with pytest.raises(np.exceptions.AxisError, match=r"is out of bounds for array of dimension [23]") as ours:
        f(Tensor(A), axis)
    if name not in ALONG_OF_OURS:
        with pytest.raises((ValueError, IndexError)) as theirs:
            f(A, axis)
        assert isinstance(ours.value, theirs.type)


TWICE = {
    **{
        name: ALONG[name]
        for name in [*REDUCTIONS, "norm", "norm 1", "norm 0", "moveaxis from", "moveaxis to", "tensordot", "weights"]
    },
    "expand_dims": np.expand_dims,
    "transpose": np.transpose,
    "diagonal": lambda x, axes: np.diagonal(x, 0, *axes),
    "trace": lambda x, axes: np.trace(x, 0, *axes),
}


@pytest.mark.parametrize("name", TWICE)
def test_an_axis_named_twice_is_an_error_as_in_numpy(name):
    message = r"repeated|[Dd]uplicate|cannot be the same|same number|weights"
    with pytest.raises(ValueError, match=message):
        TWICE[name](Tensor(A), (1, 1))
    if name != "tensordot":  # of which NumPy 2.0 makes something
        with pytest.raises(ValueError, match=message):
            TWICE[name](A, (1, 1))


@pytest.mark.parametrize(
    ("join", "lengths"), [(np.concatenate, [3] * 500), (np.hstack, [1, 0, 2, 5] * 125), (np.stack, [2] * 500)]
)
def test_the_work_for_joined_parts_grows_with_their_number_and_not_with_its_square(join, lengths):
    def instructions(count):
        """How many instructions of Python the sweep of so many parts takes."""
        parts = [Tensor(np.ones(length)) for length in lengths[:count]]
        joined = join(parts).sum()
        counted = 0

        def trace(frame, event, argument):
            nonlocal counted
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            counted += event == "opcode"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            joined.backward()
        finally:
            sys.settrace(before)
        assert all(part.grad.tolist() == [1.0] * part.size for part in parts)
        return counted

    assert instructions(500) < 5 * instructions(125)


def test_many_parts_are_joined_as_numpy_joins_them():
    arrays = [numbers(2, i % 3, seed=i) for i in range(200)]
    parts = [Tensor(x) for x in arrays]
    y = np.concatenate(parts, axis=1)
    weights = numbers(*y.shape)
    (y * weights).sum().backward()
    assert y.tolist() == np.concatenate(arrays, axis=1).tolist()
    assert np.concatenate([part.grad for part in parts], axis=1).tolist() == weights.tolist()


def test_reductions_of_lists_of_tensors_and_values_stack_them_first():
    v = autograd.Value(2.0)
    y = autograd.mean([v, v * v, 3.0])
    y.backward()
    assert (y.item(), v.grad) == (3.0, pytest.approx(5 / 3))


OF_A_NUMBER = {
    **{
        name: getattr(np, name)
        for name in ("sum", "mean", "max", "min", "prod", "var", "std", "median", "ptp", "average")
    },
    **{name: getattr(np, name) for name in ("cumsum", "cumprod", "sort", "flip", "squeeze", "expand_dims", "diff")},
    "prod, keepdims": lambda x, axis: np.prod(x, axis=axis, keepdims=True),
    "take": lambda x, axis: np.take(x, [0, 0], axis=axis),
    "take one": lambda x, axis: np.take(x, 0, axis=axis),
    "repeat": lambda x, axis: np.repeat(x, 2, axis=axis),
    "partition": lambda x, axis: np.partition(x, 0, axis=axis),
    "roll": lambda x, axis: np.roll(x, 1, axis=axis),
    "concatenate": lambda x, axis: np.concatenate([x, x], axis=axis),
    "stack": lambda x, axis: np.stack([x, x], axis=axis),
}


@pytest.mark.parametrize("axis", [0, -1, 1, None])
@pytest.mark.parametrize("name", OF_A_NUMBER)
def test_of_a_single_number_an_axis_is_what_it_is_in_numpy(name, axis):
    f = OF_A_NUMBER[name]
    try:
        expected = f(np.array(2.0), axis=axis)
    except Exception as error:
        with pytest.raises((type(error), TypeError if axis is None else type(error))):
            f(Tensor(2.0), axis=axis)
        return
    ours = f(Tensor(2.0), axis=axis)
    assert ours.shape == expected.shape
    np.testing.assert_array_equal(ours.data, expected)
    check_grads(lambda x: np.sum(f(x, axis=axis) * 3.0), [np.array(2.0)], order=1)
