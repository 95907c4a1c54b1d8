"""Studies on clusters: results do not depend on what computes them, nor on workers that are killed."""

import os
import signal
import sys
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import glassplast as gp
from glassplast.errors import ArgumentError, ClusterError, MissingExtraError
from glassplast.study import Study

PLAN = {
    "seed": 11,
    "protocols": {
        "hot": {"model": "poly", "size": 36, "temperature": 0.6, "annealing_sweeps": 100, "samples": 3},
        "mixture": {"model": "kob_andersen", "size": 160, "dimension": 2, "equilibration": 1.0, "samples": 2},
    },
    "shear": {"to": 0.08, "max_events": 1},
    "indicators": {"contacts": {}, "hexatic": {}},
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
    study.run(workers=1, progress=False)
    assert contents(study) == contents(whole)


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
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "glassplast.study.distributed_workers")
    with pytest.raises(MissingExtraError, match=r"glassplast\[cluster\]"):
        gp.study.run(PLAN, tmp_path, scheduler="tcp://127.0.0.1:1", progress=False)
