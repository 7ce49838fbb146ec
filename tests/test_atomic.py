"""Files are complete or as they were, under the name that the user gave, and nothing else stays behind."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from autograd.atomic import write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="needs symlinks and permissions as POSIX has them")
linux = pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="needs files without a name, as Linux has them")


@pytest.fixture(params=["without a name", "with a name"])
def kind(request, monkeypatch):
    """The temporary file as Linux has it, and as other systems do."""
    if request.param == "with a name":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)


def test_a_file_is_written_and_written_again(kind, tmp_path):
    path = tmp_path / "state"
    assert write_atomically(path, b"one") == path
    assert write_atomically(str(path), b"two") == path
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError("full"), KeyboardInterrupt()])
def test_what_fails_while_it_is_written_leaves_the_old_file_and_no_other(kind, tmp_path, error):
    path = tmp_path / "state"
    path.write_bytes(b"old")

    def fail(file):
        file.write(b"new")
        raise error

    with pytest.raises(type(error)):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@linux
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "state"
    path.write_bytes(b"old")
    program = (
        "import os, signal, sys; from autograd.atomic import write_atomically\n"
        "write_atomically(sys.argv[1], lambda file: (file.write(bytes(10**6)), os.kill(os.getpid(), signal.SIGKILL)))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_symlink_stays_one_and_the_file_it_leads_to_is_written(kind, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    link = tmp_path / "latest"
    link.symlink_to(folder / "state")
    for content in (b"first", b"second"):  # a link that leads nowhere yet, and one that leads to a file
        assert write_atomically(link, content) == link
        assert link.is_symlink()
        assert (folder / "state").read_bytes() == content
    assert list(folder.iterdir()) == [folder / "state"]


@posix
def test_a_file_keeps_its_permissions_and_a_new_one_gets_those_of_the_umask(kind, tmp_path):
    path = tmp_path / "state"
    old = os.umask(0o027)
    try:
        write_atomically(path, b"")
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o600)
    write_atomically(path, b"")
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_error_names_the_file_and_not_the_temporary_one(kind, tmp_path):
    path = tmp_path / "state"
    path.mkdir()
    with pytest.raises(OSError) as caught:
        write_atomically(path, b"")
    assert str(path) in str(caught.value)
    assert ".part" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere; make it first"):
        write_atomically(tmp_path / "nowhere" / "state", b"")


@posix
def test_a_symlink_into_a_missing_folder_names_that_folder(tmp_path):
    (tmp_path / "latest").symlink_to(tmp_path / "gone" / "state")
    with pytest.raises(FileNotFoundError, match="gone; make it first"):
        write_atomically(tmp_path / "latest", b"")


def test_a_name_as_long_as_the_system_allows_is_written(kind, tmp_path):
    path = tmp_path / ("x" * 255)
    assert write_atomically(path, b"1").read_bytes() == b"1"


def test_writers_of_one_file_leave_one_whole_file(kind, tmp_path):
    path = tmp_path / "state"
    contents = [bytes([i]) * 100_000 for i in range(8)]
    threads = [threading.Thread(target=write_atomically, args=(path, x)) for x in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]
