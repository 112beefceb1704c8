"""Why a run ends before its outcome: not an error of the adapter's but the step that comes next. It is raised."""

from wit_world.exports.carrier import (
    Fault,
    FaultKind,
    Outcome_Rejected,
    Rejection,
    Step,
    Step_Again,
    Step_Done,
    Step_Stuck,
    Wait,
)


class Halt(Exception):
    """The step with which a run ends early."""

    def __init__(self, step: Step):
        super().__init__("the run halts")
        self.step = step

    def or_when(self, key: str) -> "Halt":
        """Wakes a waiting operation early when a push names this key. Changes nothing on a halt that is not a wait."""
        if isinstance(self.step, Step_Again):
            self.step.value.wake_on.append(key)
        return self


def again(after_seconds: int) -> Halt:
    """Repeats the last request after so many seconds; its new answer is what the next run sees."""
    return Halt(Step_Again(Wait(after_seconds, [])))


def rejected(code: str, text: str) -> Halt:
    """The carrier said no, by its own code and text."""
    return Halt(Step_Done(Outcome_Rejected(Rejection(code, text))))


def stuck(kind: FaultKind, message: str) -> Halt:
    """No true answer exists: a person must look."""
    return Halt(Step_Stuck(Fault(kind, message)))
