"""Clusters for studies by their names: on this machine, or jobs of a queue."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from glassplast.errors import ArgumentError, ClusterError, MissingExtraError
from glassplast.foundation.threads import thread_count

__all__ = ["CLUSTERS", "made_cluster"]

#: Names of clusters, and the classes of dask-jobqueue that they stand for.
CLUSTERS = {"local": "", "slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster"}


@contextmanager
def made_cluster(kind: str, workers: int | None = None, options: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Make a cluster for the duration of a ``with`` block, whose workers compute with one thread each.

    Parameters
    ----------
    kind : {"local", "slurm", "pbs", "sge", "lsf"}
        What starts the workers.
    workers : int, optional
        Number of workers; of a local cluster by default one for each core.
    options : mapping, optional
        Options of the class of the cluster, such as `queue`, `walltime` and `memory`. The configuration of
        dask-jobqueue (``~/.config/dask/jobqueue.yaml``) says the others.

    Yields
    ------
    cluster

    Raises
    ------
    ArgumentError
        If there is no such cluster, the number of workers is missing, or an option is invalid.
    ClusterError
        If it cannot be started.
    MissingExtraError
        If dask.distributed or dask-jobqueue is not installed.
    """
    if kind not in CLUSTERS:
        raise ArgumentError(f"cluster must be one of {', '.join(CLUSTERS)}, not {kind!r}")
    given = dict(options or {})
    if kind != "local" and workers is None:
        raise ArgumentError(f"say how many workers are to be started by {kind}")
    try:
        cluster = _local(thread_count(workers), given) if kind == "local" else _jobs(kind, given)
    except ImportError as error:
        raise MissingExtraError("a study on a cluster", "cluster") from error
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"cannot make a {kind} cluster: {' '.join(str(error).split())}") from error
    except RuntimeError as error:
        raise ClusterError(f"cannot start a {kind} cluster: {' '.join(str(error).split())}") from error
    with cluster:
        if kind != "local":
            cluster.scale(n=workers)
        yield cluster


def _local(workers: int, given: dict[str, Any]) -> Any:
    from distributed import LocalCluster

    # Neither do the processes of a study without a cluster have a limit of memory, or a page in the browser.
    defaults = {"threads_per_worker": 1, "memory_limit": 0, "dashboard_address": None}
    with _ignored_interrupts():
        return LocalCluster(**{**defaults, **given, "n_workers": workers})


@contextmanager
def _ignored_interrupts() -> Iterator[None]:
    """Let processes that are started now ignore Ctrl-C, since they are ended by the one that started them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _jobs(kind: str, given: dict[str, Any]) -> Any:
    import dask
    import dask_jobqueue

    cores = given.get("cores") or dask.config.get(f"jobqueue.{kind}.cores") or 1
    # By default dask-jobqueue makes fewer processes, with several threads each.
    defaults: dict[str, Any] = {"cores": cores, "processes": cores}
    if not dask.config.get(f"jobqueue.{kind}.scheduler-options"):
        # Several studies may have their schedulers on one machine.
        defaults["scheduler_options"] = {"dashboard_address": ":0"}
    return getattr(dask_jobqueue, CLUSTERS[kind])(**{**defaults, **given})
