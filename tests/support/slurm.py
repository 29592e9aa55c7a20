"""A real Slurm of one host: its own controller, node and munge, on loopback ports, for as long as a block lasts."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

_CONF = """\
ClusterName=academy
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge/sock
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmctldPort={ports[0]}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdSpoolDir={folder}/spool
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
MpiDefault=none
ReturnToService=2
KillWait=5
SchedulerParameters=sched_min_interval=200000,bf_interval=5
SlurmdParameters=config_overrides
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=8 RealMemory=64000
PartitionName=grading Nodes=node1 Default=YES MaxTime=8:00:00 DefMemPerCPU=512 State=UP
"""


@contextmanager
def slurm(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which Slurm's commands find this cluster."""
    for part in ("munge", "state", "spool"):
        (folder / part).mkdir(parents=True)
    folder.chmod(0o755)
    host = socket.gethostname().partition(".")[0]
    conf = folder / "slurm.conf"
    conf.write_text(_CONF.format(host=host, folder=folder, ports=(_free_port(), _free_port())))
    (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nConstrainDevices=no\n")
    environment = {**os.environ, "SLURM_CONF": str(conf), "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    munge = folder / "munge"
    (munge / "key").write_bytes(secrets.token_bytes(1024))
    (munge / "key").chmod(0o600)
    named = {"key-file": "key", "socket": "sock", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    _start("munged", "--force", *[f"--{option}={munge / name}" for option, name in named.items()], env=environment)
    try:
        _start("slurmctld", "-f", str(conf), "-i", env=environment)
        _start("slurmd", "-f", str(conf), "-N", "node1", env=environment)
        _wait_until_idle(environment, folder)
        yield environment
    finally:
        for pid_file in (folder / "slurmd.pid", folder / "slurmctld.pid", munge / "pid"):
            _stop(pid_file)


def jobs(environment: Mapping[str, str]) -> list[str]:
    """The names of all jobs that Slurm holds, waiting or running."""
    asked = subprocess.run(["squeue", "-h", "-o", "%j"], env=environment, capture_output=True, text=True, check=True)
    return asked.stdout.split()


def _start(*argv: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{argv[0]}: {done.stderr}"


def _wait_until_idle(environment: Mapping[str, str], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        said = subprocess.run(["sinfo", "-h", "-o", "%t"], env=environment, capture_output=True, text=True)
        if said.stdout.strip() == "idle":
            return
        time.sleep(0.2)
    raise AssertionError((folder / "slurmctld.log").read_text()[-3000:])


def _stop(pid_file: Path) -> None:
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    try:
        os.kill(pid, 15)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
            time.sleep(0.1)
    except ProcessLookupError:
        pass


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
