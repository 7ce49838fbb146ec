"""Files of arrays: what is written comes back; damaged and hostile files are errors, and nothing in them is run."""

import io
import json
import os
import pickle
import zipfile
from contextlib import suppress
from copy import copy

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nn import files

STATE = {"0.weight": np.arange(6.0).reshape(2, 3), "0.bias": np.float32([1.0, -2.0]), "seen": np.array(3)}
ENDINGS = ["npz", "safetensors"]


def same(one, other):
    return list(one) == list(other) and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_comes_back(tmp_path, ending):
    assert same(files.read(files.write(tmp_path / f"state.{ending}", STATE)), STATE)


@pytest.mark.parametrize("ending", ENDINGS)
@given(
    dtype=st.sampled_from(["f8", "f4", "i8", "u1", "?", ">f8"]),
    shape=array_shapes(min_dims=0, min_side=0),
    data=st.data(),
)
def test_any_numbers_under_any_name_come_back(ending, dtype, shape, data, tmp_path_factory):
    array = data.draw(arrays(np.dtype(dtype), shape, elements={"allow_nan": False} if "f" in dtype else None))
    name = data.draw(st.text("abz.09_é ", min_size=1, max_size=8))
    state = {name: array, "file": np.ones(1)}
    back = files.read(files.write(tmp_path_factory.mktemp("files") / f"state.{ending}", state))
    assert list(back) == list(state)
    assert np.array_equal(back[name], array)


def test_numpy_reads_our_npz_and_we_read_numpys(tmp_path):
    with np.load(files.write(tmp_path / "ours.npz", STATE)) as archive:
        assert same(dict(archive), STATE)
    np.savez_compressed(tmp_path / "numpys.npz", **STATE)
    assert same(files.read(tmp_path / "numpys.npz"), STATE)


@pytest.mark.slow
def test_the_safetensors_library_reads_ours_and_we_read_its(tmp_path):
    library = pytest.importorskip("safetensors.numpy")
    by_name = dict(sorted(STATE.items()))
    read = library.load_file(files.write(tmp_path / "ours.safetensors", STATE))
    assert same(dict(sorted(read.items())), by_name)
    library.save_file(STATE, tmp_path / "its.safetensors", metadata={"by": "it"})
    assert same(dict(sorted(files.read(tmp_path / "its.safetensors").items())), by_name)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_write_that_fails_leaves_the_file_and_nothing_else(tmp_path, ending, monkeypatch):
    file = files.write(tmp_path / f"state.{ending}", STATE)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        files.write(file, {"other": np.zeros(3)})
    assert same(files.read(file), STATE)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_where_nothing_can_be_written_the_error_names_the_users_file(tmp_path, ending):
    file = tmp_path / f"state.{ending}"
    file.mkdir()
    with pytest.raises(OSError, match=rf"state\.{ending}'$"):
        files.write(file, STATE)
    with pytest.raises(FileNotFoundError, match=rf"state\.{ending}: there is no folder"):
        files.write(tmp_path / "nowhere" / file.name, STATE)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name != "posix", reason="needs symlinks")
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_file_that_a_symlink_leads_to_is_written(tmp_path, ending):
    link, file = tmp_path / f"latest.{ending}", tmp_path / "run" / f"state.{ending}"
    file.parent.mkdir()
    link.symlink_to(file)
    files.write(link, STATE)
    assert link.is_symlink()
    assert same(files.read(file), STATE)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_truncated_file_is_reported(tmp_path, ending):
    whole = files.write(tmp_path / f"state.{ending}", STATE).read_bytes()
    short = tmp_path / f"short.{ending}"
    for length in range(0, len(whole), 7):
        short.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=rf"short.{ending}: damaged"):
            files.read(short)


@pytest.mark.parametrize("ending", ENDINGS)
def test_noise_is_reported(tmp_path, ending):
    file = tmp_path / f"noise.{ending}"
    draws = np.random.default_rng(0)
    for length in (0, 1, 8, 9, 100, 5000):
        file.write_bytes(draws.bytes(length))
        with pytest.raises(ValueError, match="damaged"):
            files.read(file)


def test_a_pickle_is_not_executed(tmp_path):
    class Hostile:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    stream = io.BytesIO()
    np.save(stream, np.array([Hostile()], dtype=object), allow_pickle=True)
    for content in (stream.getvalue(), pickle.dumps({"a": Hostile()})):
        with zipfile.ZipFile(tmp_path / "hostile.npz", "w") as archive:
            archive.writestr("a.npy", content)
        with pytest.raises(ValueError, match="damaged"):
            files.read(tmp_path / "hostile.npz")
        (tmp_path / "plain.npz").write_bytes(content)
        with pytest.raises(ValueError, match="damaged"):
            files.read(tmp_path / "plain.npz")
    assert not (tmp_path / "executed").exists()


def test_a_zip_that_would_fill_the_memory_is_reported(tmp_path):
    file = tmp_path / "bomb.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(50_000_000))
        again = copy(archive.filelist[0])  # both names lead to the same bytes
        again.filename = "b.npy"
        archive.filelist.append(again)
    with pytest.raises(ValueError, match="claims 100000000 bytes"):
        files.read(file)


def test_a_compressed_archive_of_zeros_is_read(tmp_path):
    np.savez_compressed(tmp_path / "zeros.npz", weight=np.zeros((3000, 1000)))
    weight = files.read(tmp_path / "zeros.npz")["weight"]
    assert weight.shape == (3000, 1000)
    assert not weight.any()


def test_bfloat16_of_other_libraries_becomes_float32(tmp_path):
    file = tmp_path / "half.safetensors"
    numbers = bytes.fromhex("c03f 00c0 807f 0100 c07f")  # 1.5, -2, inf, the least positive number, nan
    file.write_bytes(safetensors({"w": {"dtype": "BF16", "shape": [1, 5], "data_offsets": [0, 10]}}, numbers))
    read = files.read(file)["w"]
    np.testing.assert_array_equal(read, np.array([[1.5, -2.0, np.inf, 2.0**-133, np.nan]], np.float32))
    assert read.dtype == np.float32


def test_bfloat16_is_what_pytorch_reads(tmp_path):
    torch, theirs = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    weight = torch.arange(-3.0, 3.0, 0.1).to(torch.bfloat16).reshape(3, 20)
    theirs.save_file({"w": weight}, tmp_path / "half.safetensors")
    np.testing.assert_array_equal(files.read(tmp_path / "half.safetensors")["w"], weight.float().numpy())


def test_numbers_that_numpy_lacks_are_named_and_not_called_damage(tmp_path):
    file = tmp_path / "eight.safetensors"
    file.write_bytes(safetensors({"w": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}, b"abcd"))
    with pytest.raises(ValueError, match="got F8_E4M3; convert it where it was written") as caught:
        files.read(file)
    assert "damaged" not in str(caught.value)


def safetensors(header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + body


def test_a_flipped_bit_anywhere_in_an_archive_is_reported_or_changes_numbers_only(tmp_path):
    whole = files.write(tmp_path / "state.npz", {"a": np.arange(4.0)}).read_bytes()
    for place in range(0, len(whole), 3):
        for bit in (0, 3, 7):
            broken = bytearray(whole)
            broken[place] ^= 1 << bit
            (tmp_path / "broken.npz").write_bytes(broken)
            with suppress(ValueError):
                files.read(tmp_path / "broken.npz")


def test_a_header_that_claims_more_bytes_than_there_are_is_reported(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (9_000_000_000,)})
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        archive.writestr("a.npy", stream.getvalue())
    with pytest.raises(ValueError, match=r"has fewer bytes than its shape .* needs"):
        files.read(tmp_path / "claims.npz")


ONE = {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "content",
    [
        safetensors({}, length=2**63),
        safetensors({}, length=1 << 40),
        safetensors(b"{"),
        safetensors(b"[]"),
        safetensors(b"[" * 100_000),
        safetensors({"a": 1}),
        safetensors({"a": {}}),
        safetensors({"a": ONE}),
        safetensors({"a": ONE}, bytes(16)),
        safetensors({"a": ONE | {"shape": [2]}}, bytes(8)),
        safetensors({"a": ONE | {"shape": [-1]}}, bytes(8)),
        safetensors({"a": ONE | {"shape": [1.0]}}, bytes(8)),
        safetensors({"a": ONE | {"shape": [2**70, 0]}, "b": ONE | {"data_offsets": [8, 0]}}, bytes(8)),
        safetensors({"a": ONE | {"data_offsets": [8, 16]}}, bytes(16)),
        safetensors({"a": ONE, "b": ONE}, bytes(8)),
        safetensors({"a": ONE | {"data_offsets": [0]}}, bytes(8)),
        safetensors({"a": ONE | {"data_offsets": ["0", "8"]}}, bytes(8)),
    ],
    ids=range(17),
)
def test_a_hostile_header_is_reported(tmp_path, content):
    file = tmp_path / "hostile.safetensors"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"hostile.safetensors: damaged"):
        files.read(file)


@pytest.mark.parametrize("name", ["model.pt", "model", "model.npy"])
def test_another_kind_of_file_is_reported(tmp_path, name):
    with pytest.raises(ValueError, match=r"expected a name that ends in .npz or .safetensors"):
        files.write(tmp_path / name, STATE)
    with pytest.raises(ValueError, match=r"expected a name that ends in .npz or .safetensors"):
        files.read(tmp_path / name)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.read(tmp_path / "none.npz")


def test_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="a: expected numbers to write, got an array of object"):
        files.write(tmp_path / "state.npz", {"a": np.array([None])})
    assert not list(tmp_path.iterdir())
