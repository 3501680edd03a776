"""What stands between a session and an answer: tried one by one, and told in plain words."""

from chatwidget.doctor.checks import run_checks
from chatwidget.doctor.finding import Finding

__all__ = ["Finding", "run_checks"]
