"""What stands between a session and an answer: tried one by one, and told in plain words."""

from chatwidget.notebook.doctor.examination import examine
from chatwidget.notebook.doctor.finding import Finding

__all__ = ["Finding", "examine"]
