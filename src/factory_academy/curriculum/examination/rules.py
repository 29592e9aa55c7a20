"""What makes a verdict the trainee's own word, and how to write the test instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How far a test cell holds.

    ``protected``: its verdict is formed by the test. ``rewrite``: it would be after the rewrite that the finding names.
    ``unprotected``: the trainee's code answers for itself; the cell runs, carries a badge and cannot certify.
    """

    PROTECTED = "protected"
    REWRITE = "rewrite"
    UNPROTECTED = "unprotected"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a trainee's code may give the verdict. ``words`` say what, ``rewrite`` what to do instead."""

    code: str
    standing: Standing
    words: str
    rewrite: str


_REWRITE, _UNPROTECTED = Standing.REWRITE, Standing.UNPROTECTED

RULES = {
    rule.code: rule
    for rule in (
        Rule("score", _REWRITE, "the cell ends in a value that the trainee's code gives, and that would be the score",
             "compute the number in the test, from data that their code returns; end a cell without a score with `;`"),
        Rule("bool", _REWRITE, "a bare answer of the trainee's code decides",
             "compare it with what you expect (`is True`), and try a case in which the right answer is another"),
        Rule("itself", _UNPROTECTED, "the trainee's code judges what the trainee's code made",
             "compute the verdict in the test: compare the data with what it should be"),
        Rule("equality", _REWRITE, "an object of the trainee's class says itself whether it is equal",
             "compare its data: attributes one by one, or `judge.call(\"dataclasses.asdict\", x)`"),
        Rule("connection", _REWRITE, "a live connection of the trainee's answers the question",
             "let their function return the rows, or write a file that the test opens itself with `judge.file`"),
        Rule("figure", _REWRITE, "a figure of the trainee's process says itself what it shows",
             "let their function return the data that is drawn, and compare that"),
        Rule("own-score", _REWRITE, "the trainee's estimator says its own score",
             "compute the metric in the test: `accuracy_score(y_hidden, model.predict(X_hidden))`"),
        Rule("seen-labels", _REWRITE, "cross-validation shows the trainee's estimator the labels of every fold",
             "fit on some rows, predict the others, and compare with labels that were never given away"),
        Rule("own-source", _REWRITE, "the trainee's process says what their source is",
             "look at `judge.sources()`: the text that was handed in"),
        Rule("runs-text", _UNPROTECTED, "it runs a text of the trainee's as code in the judge",
             "run it where their code runs, `judge.call(\"builtins.eval\", text)`, and compare what comes back"),
        Rule("symbolic", _REWRITE, "a symbolic expression of the trainee's decides how it is computed with",
             "compare numbers: let their function evaluate the expression at points that the test chooses"),
        Rule("empty", _REWRITE, "it holds of an answer that is empty or whose values are missing",
             "compare the whole (`assert got == want`, `numpy.testing.assert_array_equal`), or check `len(got)` first"),
        Rule("nothing", _UNPROTECTED, "it checks nothing: that nothing fails is no proof",
             "compare what their code returns with what it should"),
        Rule("given", _UNPROTECTED, "it uses helpers that run in the trainee's process, where they can be replaced",
             "move them to `grader/`, or write them so that they need no name of the trainee's"),
        Rule("unreadable", _UNPROTECTED, "it is not Python that can be read", "mend the cell"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a test breaks, at a line of the cell or of a grader module (``where``; line 0: the whole cell)."""

    rule: Rule
    line: int = 0
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where} line {self.line}: " if self.line else ""
        return f"{place}{self.rule.words}. Instead: {self.rule.rewrite}."


@dataclass(frozen=True, slots=True)
class Report:
    """What the examination says of one graded cell."""

    task_id: str
    findings: tuple[Finding, ...] = ()

    @property
    def standing(self) -> Standing:
        """The worst of its findings."""
        if any(finding.rule.standing is Standing.UNPROTECTED for finding in self.findings):
            return Standing.UNPROTECTED
        return Standing.REWRITE if self.findings else Standing.PROTECTED
