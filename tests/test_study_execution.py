"""How studies are done: on clusters, with workers that are killed, one process at a time, with estimates that hold."""

import errno
import gc
import json
import math
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from distributed import Client, LocalCluster

import glassplast as gp
from glassplast.commands import main
from glassplast.errors import ArgumentError, ClusterError, FileError, MissingExtraError, UnknownNameError
from glassplast.foundation.progress import silent
from glassplast.study import Study, Task, load_plan
from glassplast.study.attempts import Outcome, attempt, is_disk_full
from glassplast.study.clusters import made_cluster
from glassplast.study.coordination import Hold, coordinator, is_held_by
from glassplast.study.costs import CostRecord, recorded_costs
from glassplast.study.estimate import time_on_the_clock
from glassplast.study.execution import execute
from glassplast.study.expected_costs import ExpectedCosts
from glassplast.study.local_processes import LocalProcesses
from glassplast.study.tasks import all_tasks
from glassplast.study.watch import Watch

PLAN = {
    "seed": 11,
    "protocols": {
        "hot": {"model": "poly", "size": 25, "temperature": 2.0, "annealing_sweeps": 20, "samples": 3},
        "mixture": {"model": "lj", "size": 64, "protocol": "HTL", "equilibration": 1.0, "samples": 2},
    },
    "shear": {"to": 0.05, "max_events": 1},
    "indicators": {"contacts": {}, "hexatic": {"samples": 1}},
    "states": {"moved": {"samples": 1}},
}


def contents(study):
    """All tables but the costs, which are never the same."""
    tables = study.tables()
    return repr((tables.samples, tables.events, tables.ranks, tables.failures))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return gp.study.run(PLAN, tmp_path_factory.mktemp("study") / "whole", workers=1, progress=False)


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
    ) as made:
        yield made


# --- on a cluster -----------------------------------------------------------------------------------------------------


def test_a_cluster_finds_what_one_process_finds(whole, cluster, tmp_path):
    study = gp.study.run(PLAN, tmp_path / "cluster", scheduler=cluster, progress=False)
    assert not study.standing().failed and contents(study) == contents(whole)
    assert len(study.tables().costs) == len(whole.tables().costs)


def test_a_scheduler_is_given_by_its_address_or_a_client(whole, cluster, tmp_path):
    fewer = {**PLAN, "protocols": {"mixture": {**PLAN["protocols"]["mixture"], "samples": 1}}}
    by_address = gp.study.run(fewer, tmp_path / "address", scheduler=cluster.scheduler_address, progress=False)
    with Client(cluster, set_as_default=False) as client:
        by_client = gp.study.run(fewer, tmp_path / "client", scheduler=client, progress=False)
        assert client.status == "running"
    assert contents(by_address) == contents(by_client)
    assert repr(by_address.tables().ranks) == repr(
        [row for row in whole.tables().ranks if (row["protocol"], row["sample"]) == ("mixture", 0)]
    )


def test_a_worker_of_a_cluster_that_is_killed_costs_no_result(whole, cluster, tmp_path):
    killed = []

    def kill_one(stage, part, note):
        if not killed and part > 0.2:
            victim = next(iter(cluster.workers.values())).pid
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    study = gp.study.run(PLAN, tmp_path / "killed", scheduler=cluster, progress=kill_one)
    assert killed and not study.standing().failed and contents(study) == contents(whole)


def test_a_study_on_a_cluster_that_is_interrupted_goes_on(whole, cluster, tmp_path):
    def stop(stage, part, note):
        if part > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gp.study.run(PLAN, tmp_path / "stopped", scheduler=cluster, progress=stop)
    study = Study.of(PLAN, tmp_path / "stopped")
    assert study.standing().waiting
    study.run(scheduler=cluster, progress=False)
    assert contents(study) == contents(whole)


class NotShared(type(Path())):
    """A directory that is called otherwise where workers look for it."""

    def absolute(self):
        return Path(f"{self}-elsewhere")


def test_a_failure_on_a_cluster_is_on_record(cluster, tmp_path):
    Path(tmp_path / "a.xyz").write_text("1\nno lattice\nA 0 0 0\n")
    plan = {"seed": 1, "protocols": {"mine": {"files": str(tmp_path / "*.xyz")}}, "indicators": {"contacts": {}}}
    study = gp.study.run(plan, tmp_path / "out", scheduler=cluster, progress=False)
    (task,) = study.standing().failed
    assert "FileError" in task.failure(study.out).read_text() and len(study.standing().waiting) == 2


def test_schedulers_that_cannot_be_used(cluster, tmp_path, monkeypatch):
    with pytest.raises(ArgumentError, match="give one of them"):
        gp.study.run(PLAN, tmp_path, workers=2, scheduler=cluster, progress=False)
    with pytest.raises(ArgumentError, match="must be the address of a scheduler"):
        gp.study.run(PLAN, tmp_path, scheduler=3, progress=False)
    with pytest.raises(ClusterError, match="cannot reach the scheduler nowhere"):
        gp.study.run(PLAN, tmp_path, scheduler="nowhere://a", progress=False)
    with pytest.raises(ClusterError, match=r"cannot do tasks: ClusterError: nobody works on the study in .* not share"):
        Study(load_plan(PLAN), NotShared(tmp_path / "here")).run(scheduler=cluster, progress=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "glassplast.study.distributed_workers")
    with pytest.raises(MissingExtraError, match=r"glassplast\[cluster\]"):
        gp.study.run(PLAN, tmp_path, scheduler="tcp://127.0.0.1:1", progress=False)


# --- who works on it --------------------------------------------------------------------------------------------------


def test_one_process_at_a_time_works_on_a_study(tmp_path):
    out = tmp_path / "out"
    with Hold(out) as hold:
        hold.tell({Task("a", 3, "run"): 5.0}, "2 processes", 2)
        found = coordinator(out)
        assert found.alive and found.pid == os.getpid() and found.host == socket.gethostname()
        with pytest.raises(FileError, match=f"process {os.getpid()} on .* works on the study in"):
            gp.study.run(PLAN, out, workers=1, progress=False)
        assert not (out / "plan.json").exists()
    assert coordinator(out) is None and not list(out.rglob("*.part"))


def test_a_process_that_is_gone_holds_nothing(tmp_path):
    """Its sign of life is left, and half a file."""
    out = tmp_path / "out"
    program = (
        "import os, sys, signal; from pathlib import Path; from glassplast.study.coordination import Hold\n"
        "with Hold(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(out)], check=False)
    (out / ".glass.h5.0123.part").write_text("half")
    found = coordinator(out)
    assert found is not None and not found.alive
    with Hold(out):
        assert coordinator(out).alive and not list(out.rglob(".glass*.part"))


def test_a_process_on_another_machine_is_believed_for_a_minute(tmp_path):
    """Where no lock tells, its signs of life do."""
    with Hold(tmp_path):
        sign = json.loads((tmp_path / "working.json").read_text())
    (tmp_path / "working.json").write_text(json.dumps({**sign, "host": "elsewhere", "token": "t"}))
    with pytest.raises(FileError, match="on elsewhere works on the study"), Hold(tmp_path):
        pass
    ago = time.time() - 100.0
    os.utime(tmp_path / "working.json", (ago, ago))
    assert is_held_by(tmp_path, "t")
    with Hold(tmp_path):
        assert not is_held_by(tmp_path, "t")
    assert not is_held_by(tmp_path, "t")


# --- what it will cost ------------------------------------------------------------------------------------------------


def test_an_estimate_does_the_first_samples_and_counts_the_others(whole, cluster, tmp_path):
    study = Study.of(PLAN, tmp_path / "out")
    assert study.outlook(1).unknown and study.outlook(1).seconds == 0.0
    assert study.estimate(scheduler=cluster, progress=False).workers == 2
    # What one worker alone would take; another terminal says the same.
    found = study.outlook(1)
    assert {task.sample for task in study.standing().done} == {0} and study.standing().waiting
    table = found.table()
    assert dict(zip(table["stage"], table["tasks"], strict=True))["states"] == 1
    assert set(table["done"]) == {1} and not found.unknown
    rows = {(row.protocol, row.stage): row for row in found.stages}
    # The first sample of a chain pays the equilibration.
    assert rows["hot", "glass"].first > 2.0 * rows["hot", "glass"].further
    assert rows["mixture", "glass"].first == pytest.approx(rows["mixture", "glass"].further)
    done = sum(cost["seconds"] for cost in study.tables().costs)
    assert 0.0 < found.seconds_left < found.seconds < 5.0 * done and found.seconds > done
    assert found.gigabytes_there < found.gigabytes
    there = sum(path.stat().st_size for path in whole.out.rglob("*") if path.is_file()) / 1e9
    assert found.gigabytes == pytest.approx(there, rel=0.3)
    # The study goes on from there.
    study.run(scheduler=cluster, progress=False)
    assert contents(study) == contents(whole) and study.outlook(1).seconds_left == 0.0


def test_time_on_the_clock_is_that_of_chains_and_of_workers():
    plan = load_plan(
        {**PLAN, "protocols": {name: {**PLAN["protocols"][name], "samples": 8} for name in PLAN["protocols"]}}
    )
    glasses = [task for task in all_tasks(plan) if task.stage == "glass"]
    assert time_on_the_clock(plan, glasses, lambda task: 1.0, 1) == 16.0
    # Samples of a chain follow each other; the others do not.
    assert time_on_the_clock(plan, glasses, lambda task: 1.0, 100) == 8.0
    liquids = [task for task in glasses if task.protocol == "mixture"]
    assert time_on_the_clock(plan, liquids, lambda task: 1.0, 4) == 2.0
    # What runs has its time behind it; what follows something failed is not done.
    assert time_on_the_clock(plan, liquids[:1], lambda task: 4.0, 1, {liquids[0]: 3.0}) == 1.0
    run = Task("mixture", 0, "run")
    assert time_on_the_clock(plan, [run], lambda task: 4.0, 1, None, {liquids[0]}) == 0.0


def test_parts_for_some_samples_do_not_count_for_others(tmp_path):
    plan = load_plan({**PLAN, "indicators": {"contacts": {}, "hexatic": {"samples": 2}}})
    costs = ExpectedCosts(plan, tmp_path)
    parts = {"contacts": 1.0, "hexatic": 6.0}
    assert math.isnan(costs.seconds(Task("mixture", 0, "fields")))
    costs.add(Task("mixture", 0, "fields"), {"seconds": 8.0, "processor_seconds": 4.0, "parts": parts})
    assert costs.seconds(Task("mixture", 1, "fields")) == 8.0
    assert costs.seconds(Task("mixture", 2, "fields")) == pytest.approx(2.0)
    assert costs.seconds(Task("mixture", 2, "fields"), "processor_seconds") == pytest.approx(1.0)
    costs.add(Task("mixture", 3, "fields"), {"seconds": 3.0, "processor_seconds": 3.0, "parts": {"contacts": 1.0}})
    assert costs.seconds(Task("mixture", 2, "fields")) == 3.0


def test_the_rest_of_the_time_is_that_of_stages_and_not_of_tasks(tmp_path, caplog):
    """A task is one of many, and the time of most of them."""
    plan = load_plan({**PLAN, "protocols": {"mixture": {**PLAN["protocols"]["mixture"], "samples": 4}}, "states": {}})
    seconds = {"glass": 100.0, "run": 10.0, "fields": 1.0}

    def attempted(task, plan, out, watch):
        return Outcome(cost={"seconds": seconds[task.stage], "processor_seconds": 1.0, "memory": 0.1})

    told = {}

    def tell(stage, part, note):
        if note:
            task, _, left = note.partition(", sample ")[2].partition(", ")
            told[task] = part, left

    with caplog.at_level("INFO", logger="glassplast"):
        execute(plan, tmp_path, lambda plan, out, token: Here(plan, out, attempted), tell=tell)
    assert told["0: glass"] == (pytest.approx(1.0 / 12.0), "")
    assert told["0: fields"] == (pytest.approx(0.25), "5 min 33 s left")
    assert told["1: glass"] == (pytest.approx(211.0 / 444.0), "3 min 53 s left")
    assert told["3: fields"][0] == 1.0
    assert "expected: 7 min 24 s with 1 worker, 12 s of processor time" in caplog.text


# --- samples that are added -------------------------------------------------------------------------------------------


def test_added_samples_stay_whatever_the_plan_says(whole, cluster, tmp_path):
    fewer = {**PLAN, "protocols": {name: {**PLAN["protocols"][name], "samples": 1} for name in PLAN["protocols"]}}
    study = gp.study.run(fewer, tmp_path / "out", scheduler=cluster, progress=False)
    grown = study.add_samples(1, protocol="mixture", scheduler=cluster, progress=False)
    assert [grown.plan.protocols[name].samples for name in PLAN["protocols"]] == [1, 2]
    again = Study.of(fewer, tmp_path / "out")
    assert again.plan == grown.plan and not again.standing().waiting
    # No plan takes samples away, and a larger one adds some.
    full = gp.study.run(PLAN, tmp_path / "out", scheduler=cluster, progress=False)
    assert contents(full) == contents(whole)
    with pytest.raises(UnknownNameError, match="did you mean 'mixture'"):
        study.add_samples(1, protocol="mixtur", progress=False)
    with pytest.raises(ArgumentError, match="positive integer, not 0"):
        study.add_samples(0, progress=False)


def test_samples_that_are_files_are_added_as_files(tmp_path):
    plan = {"seed": 1, "protocols": {"mine": {"files": "mine/*.data", "model": "lj"}}}
    with pytest.raises(ArgumentError, match=r"are files \(mine/\*\.data\): add files"):
        Study.of(plan, tmp_path).add_samples(1, progress=False)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_a_study_and_costs_nothing(whole, tmp_path, caplog):
    """The third result finds no room; the study says so, and goes on when there is some."""
    out, room = tmp_path / "out", [3]

    def attempted(task, plan, where, watch):
        if room[0] == 0:
            error = FileError(f"cannot write {task.path(where)}: No space left on device")
            error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
            return Outcome(failure="...", full_disk=str(error) if is_disk_full(error) else "")
        room[0] -= 1
        return attempt(task, plan, where, watch)

    def execute_here(scarce):
        make = lambda plan, where, token: Here(plan, where, attempted if scarce else attempt)  # noqa: E731
        return execute(load_plan(PLAN), out, make, tell=silent)

    with pytest.raises(FileError, match="disk is full, with 3 tasks done, which are all kept: make room"):
        execute_here(scarce=True)
    study = Study.of(PLAN, out)
    state = study.standing()
    assert (len(state.done), len(state.failed)) == (3, 0) and "the disk is full" in caplog.text
    assert coordinator(out) is None and not list(out.rglob("*.part"))
    execute_here(scarce=False)
    assert contents(study) == contents(whole)


class Here:
    """Does tasks in this process."""

    def __init__(self, plan, out, attempt):
        self.plan, self.out, self.attempt = plan, out, attempt
        self.count, self.running, self.tasks = 1, {}, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    @property
    def room(self):
        return 1 - len(self.tasks)

    def submit(self, task):
        self.tasks.append(task)

    def ended(self, seconds):
        task = self.tasks.pop()
        return [(task, self.attempt(task, self.plan, self.out, Watch()))]


def test_a_full_disk_is_recognized_behind_other_errors():
    error = FileError("cannot write a.h5")
    error.__cause__ = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert is_disk_full(error)
    assert is_disk_full(
        RuntimeError("Can't decrement id ref count (errno = 28, error message = 'No space left on device')")
    )
    assert not is_disk_full(FileError("cannot write a.h5: Permission denied")) and not is_disk_full(None)


def test_costs_that_could_not_be_written_come_with_the_next_ones(tmp_path):
    record = CostRecord(tmp_path / "none")
    with pytest.raises(OSError, match="No such file"):
        record.add(Task("a", 0, "run"), {"seconds": 1.0})
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "costs.jsonl").write_text('{"protocol": "a", "sam')
    record.add(Task("a", 1, "run"), {"seconds": 2.0})
    assert {task.sample: cost["seconds"] for task, cost in recorded_costs(tmp_path / "none").items()} == {
        0: 1.0,
        1: 2.0,
    }


def test_of_processes_that_are_killed_only_the_task_of_one_is_lost(tmp_path):
    """Another one goes on, and what is lost can be done again."""
    plan = load_plan({**PLAN, "protocols": {"mixture": {**PLAN["protocols"]["mixture"], "samples": 4}}, "states": {}})
    lost, others = Task("mixture", 1, "glass"), set(multiprocessing.active_children())
    with LocalProcesses(plan, tmp_path, 2) as processes:
        for task in (lost, Task("mixture", 0, "glass")):
            processes.submit(task)
        assert processes.room == 0 and set(processes.running) == {lost, Task("mixture", 0, "glass")}
        victim = min(set(multiprocessing.active_children()) - others, key=lambda process: process.pid)
        os.kill(victim.pid, signal.SIGKILL)
        ended = {}
        while len(ended) < 2:
            ended |= dict(processes.ended(1.0))
        assert ended[lost] is None and not ended[Task("mixture", 0, "glass")].failure
        processes.submit(lost)
        ((task, outcome),) = processes.ended(60.0)
        assert task == lost and outcome.cost["seconds"] > 0.0 and task.is_done(tmp_path)


def test_processes_do_not_outlive_the_one_that_started_them(tmp_path):
    child = started(PLAN, tmp_path / "out", workers=1)
    wait_for_tasks(child, tmp_path / "out")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_for_the_end(child.pid)


def started(plan, out, workers):
    program = (
        "import sys, json, glassplast as gp; "
        f"gp.study.run(json.loads(sys.argv[1]), sys.argv[2], workers={workers}, progress=False)"
    )
    words = [sys.executable, "-c", program, json.dumps(plan), str(out)]
    return subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_tasks(child, out):
    """Until the study says that tasks run."""
    ends = time.monotonic() + 120.0
    while child.poll() is None and time.monotonic() < ends:
        found = coordinator(out)
        if found is not None and found.pid == child.pid and found.running:
            return
        time.sleep(0.02)


def wait_for_the_end(group):
    """Until no process of a group is there."""
    ends = time.monotonic() + 60.0
    while time.monotonic() < ends:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("there are still processes")


def data_of(out):
    """All datasets and attributes of all results but when and how they were made."""
    found = {}
    for path in sorted(out.glob("*/sample-*/*.h5")):
        with h5py.File(path) as file:
            name = str(path.relative_to(out))
            attributes = {key: np.asarray(value).tolist() for key, value in file.attrs.items() if key != "provenance"}
            found[name] = repr(attributes)

            def keep(key, item, name=name):
                value = item[()].tolist() if isinstance(item, h5py.Dataset) else ""
                attributes = {key: np.asarray(value).tolist() for key, value in sorted(item.attrs.items())}
                found[f"{name}:{key}"] = repr((value, attributes))

            file.visititems(keep)
    return found


@pytest.mark.slow
def test_a_study_that_is_killed_ten_times_finds_the_same(tmp_path):
    """SIGKILL at random moments, of all processes or of the one that started the others."""
    plan = {
        **PLAN,
        "protocols": {
            "hot": {"model": "poly", "size": 64, "temperature": 0.4, "samples": 8},
            "mixture": {"model": "lj", "size": 100, "protocol": "HTL", "equilibration": 100.0, "samples": 12},
        },
        "indicators": {"contacts": {}, "vibrality": {}},
        "questions": {"reversals": {}},
    }
    began = time.monotonic()
    undisturbed = started(plan, tmp_path / "undisturbed", workers=2)
    wait_for_tasks(undisturbed, tmp_path / "undisturbed")
    began = time.monotonic()
    assert undisturbed.wait() == 0
    takes = time.monotonic() - began
    out, moments, kills = tmp_path / "killed", np.random.default_rng(5), []
    while len(kills) < 10:
        child = started(plan, out, workers=2)
        wait_for_tasks(child, out)
        time.sleep(moments.uniform(0.0, takes / 6.0))
        assert child.poll() is None, f"it was done after {len(kills)} kills"
        if len(kills) % 2:
            os.killpg(child.pid, signal.SIGKILL)
        else:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
        kills.append(Study.of(plan, out).standing().part)
        # The next one may begin while orphans are still there.
    assert started(plan, out, workers=2).wait() == 0
    assert 0.0 < kills[-1] < 1.0
    whole, resumed = Study.of(plan, tmp_path / "undisturbed"), Study.of(plan, out)
    assert not resumed.standing().failed and contents(resumed) == contents(whole)
    assert data_of(out) == data_of(tmp_path / "undisturbed") and len(data_of(out)) > 500
    assert not list(out.rglob("*.part"))


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def plan_file(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(
        'seed = 11\n[protocols.mixture]\nmodel = "lj"\nsize = 64\nprotocol = "HTL"\nequilibration = 1.0\nsamples = 1\n'
        "[shear]\nto = 0.05\nmax_events = 1\n[indicators.contacts]\n"
    )
    return str(path)


def test_the_command_estimates_adds_samples_and_says_who_works(plan_file, cluster, tmp_path, capsys):
    words = [plan_file, "--out", str(tmp_path / "out"), "--scheduler", cluster.scheduler_address]
    assert main(["study", "estimate", *words]) == 0
    assert "with 2 workers" in capsys.readouterr().out
    assert main(["study", "add-samples", *words, "--protocol", "mixture", "1"]) == 0
    assert main(["study", "run", *words]) == 0
    assert "6 of 6 tasks done" in capsys.readouterr().err
    status = ["study", "status", *words[:3]]
    assert main(status) == 0
    assert "nobody is working on it" in capsys.readouterr().out
    with Hold(tmp_path / "out") as hold:
        hold.tell({Task("mixture", 1, "run"): time.time() - 3.0}, "7 workers", 7)
        (tmp_path / "out" / "mixture" / "sample-0001" / "run.h5").unlink()
        assert main(status) == 0
        said = capsys.readouterr().out
        assert f"process {os.getpid()} on" in said and "with 7 workers" in said
        assert "mixture, sample 1: run, for " in said and "expected: " in said
        assert main(["study", "run", *words[:3]]) == 2
        assert "works on the study" in " ".join(capsys.readouterr().err.split())


def test_the_command_starts_a_cluster(plan_file, tmp_path, monkeypatch, capsys):
    """The queue is one of this machine: what it is asked to submit, it runs."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    submit = jobs / "sbatch"
    submit.write_text(
        f'#!/bin/sh\ncp "$1" {jobs}/script\nsh {jobs}/script > {jobs}/log 2>&1 &\necho Submitted batch job $!\n'
    )
    cancel = jobs / "scancel"
    cancel.write_text('#!/bin/sh\npkill -P "$1"; kill "$1"; exit 0\n')
    for script in (submit, cancel):
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{jobs}:{os.environ['PATH']}")
    words = ["study", "run", plan_file, "--out", str(tmp_path / "out"), "--cluster", "slurm"]
    options = ["--cluster-options", "queue=long", "walltime=01:00:00", "memory=1GB"]
    assert main([*words, "--workers", "1", *options]) == 0
    assert not Study.of(plan_file, tmp_path / "out").standing().waiting
    script = (jobs / "script").read_text()
    assert "#SBATCH -p long" in script and "#SBATCH -t 01:00:00" in script and "--nthreads 1 " in script
    assert "#SBATCH --cpus-per-task=1" in script
    capsys.readouterr()
    assert main([*words, *options]) == 2
    assert "how many workers" in capsys.readouterr().err
    assert main([*words[:5], *options]) == 2
    assert "--cluster-options needs --cluster" in capsys.readouterr().err


# Clusters of dask that could not be made complain when they are forgotten.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_clusters_that_cannot_be_made_say_why():
    with pytest.raises(ArgumentError, match="must be one of local, slurm, pbs"), made_cluster("condor", 1):
        pass
    wrong = {"memory": "1GB", "colour": "red"}
    with pytest.raises(ArgumentError, match=r"cannot make a slurm.*colour"), made_cluster("slurm", 1, wrong):
        pass
    with pytest.raises(ArgumentError, match=r"cannot make a pbs cluster: .*memory"), made_cluster("pbs", 1):
        pass
    gc.collect()


@pytest.mark.parametrize(
    ("kind", "line"), [("pbs", "#PBS -l select=1:ncpus=4"), ("slurm", "#SBATCH --cpus-per-task=4")]
)
def test_jobs_have_a_process_for_each_core(kind, line):
    with made_cluster(kind, 0, {"cores": 4, "memory": "8GB"}) as cluster:
        script = cluster.job_script()
    assert line in script and "--nthreads 1 " in script and "--nworkers 4 " in script
