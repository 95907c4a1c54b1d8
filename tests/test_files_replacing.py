"""Files are replaced as a whole, and what killed processes have left is cleared away."""

import os
import signal
import subprocess
import sys
import time

from glassplast.files.replacing import replacing


def write(path, content):
    with replacing(path) as temporary:
        temporary.write_text(content)


def parts(directory):
    return sorted(path.name for path in directory.glob(".*.part"))


def killed_while_writing(path):
    program = (
        "import os, signal, sys; from pathlib import Path; from glassplast.files.replacing import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_a_killed_process_left_goes_when_the_file_is_written_next(tmp_path):
    path = tmp_path / "a.h5"
    write(path, "before")
    killed_while_writing(path)
    assert path.read_text() == "before" and len(parts(tmp_path)) == 1
    write(tmp_path / "b.h5", "another file")
    write(tmp_path / "a.h5.gz", "a longer name")
    assert len(parts(tmp_path)) == 1
    write(path, "after")
    assert path.read_text() == "after" and parts(tmp_path) == []


def test_concurrent_writers_keep_theirs(tmp_path):
    path = tmp_path / "a.h5"
    program = (
        "import sys; from pathlib import Path; from glassplast.files.replacing import replacing\n"
        "with replacing(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('theirs'); print('writing', flush=True); sys.stdin.readline()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "writing\n"
        with replacing(path) as temporary:
            temporary.write_text("ours")
            write(path, "ours as well")
        assert path.read_text() == "ours" and len(parts(tmp_path)) == 1
        other.communicate("\n")
    assert other.returncode == 0 and path.read_text() == "theirs" and parts(tmp_path) == []


def test_those_of_which_the_writer_is_unknown_go_after_a_day(tmp_path):
    """Of another machine, and of former versions, which did not name the process."""
    path = tmp_path / "a.h5"
    others = [tmp_path / ".a.h5.0123abcd-1-0123abcd.part", tmp_path / ".a.h5.0123abcd.part"]
    for other in others:
        other.write_text("half")
    write(path, "first")
    assert all(other.exists() for other in others)
    for other in others:
        os.utime(other, (time.time() - 2 * 86_400,) * 2)
    write(path, "second")
    assert parts(tmp_path) == []
