"""``factory-academy grade …``: the queue, its workers, and grading by hand."""

from __future__ import annotations

import typer

from factory_academy.cli.cluster.command import dispatch
from factory_academy.cli.grade_queue import drain, requeue, status
from factory_academy.cli.grade_regrade import regrade
from factory_academy.cli.grade_try import try_

app = typer.Typer(help="Look at the queue, try a notebook, grade again, grade on a cluster.", no_args_is_help=True)
app.command("status")(status)
app.command("drain")(drain)
app.command("requeue")(requeue)
app.command("dispatch")(dispatch)
app.command("regrade")(regrade)
app.command("try")(try_)
