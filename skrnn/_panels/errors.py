"""Errors of labels whose fix is code: others than Python's users need another one."""


class LabelsError(ValueError):
    """What is wrong with labels, and how to mend them in Python."""

    def __init__(self, problem: str, code: str) -> None:
        super().__init__(problem, code)  # of which unpickling makes it anew
        self.problem = problem

    def __str__(self) -> str:
        return " ".join(self.args)


class UnevenLabelsError(LabelsError):
    """Labels that no frequency has."""


class LocalTimesError(LabelsError):
    """Local times without their zone, whose clocks change."""


class DatesAsIdsError(LabelsError):
    """Ids of series that are dates, or parts of them."""
