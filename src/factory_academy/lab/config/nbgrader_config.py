"""nbgrader in a session: the exchange is the academy's portal, and work lies at <course>/<assignment> in the home."""

from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it

c.ExchangeFactory.list = "factory_academy.lab.exchange_list.AcademyList"
c.ExchangeFactory.fetch_assignment = "factory_academy.lab.exchange.AcademyFetchAssignment"
c.ExchangeFactory.submit = "factory_academy.lab.exchange.AcademySubmit"
c.ExchangeFactory.fetch_feedback = "factory_academy.lab.exchange.AcademyFetchFeedback"
c.ExchangeFactory.release_assignment = "factory_academy.lab.exchange.AcademyReleaseAssignment"
c.ExchangeFactory.release_feedback = "factory_academy.lab.exchange.AcademyReleaseFeedback"
c.ExchangeFactory.collect = "factory_academy.lab.exchange.AcademyCollect"
c.Exchange.assignment_dir = str(Path.home())
c.Exchange.path_includes_course = True
c.Exchange.timezone = "UTC"
c.Exchange.timestamp_format = "%Y-%m-%d %H:%M:%S %Z"
