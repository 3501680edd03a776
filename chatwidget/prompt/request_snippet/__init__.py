"""What a question sends, written down to be run elsewhere, and read back.

It is written as the first line of a cell, as Python, for the vendor's own client, and as curl; the
same forms are read, and a JSON body. What is read is never run. A key is neither written nor read:
programs get it from the environment, by name.
"""

from chatwidget.prompt.request_snippet.magic_line import as_magic
from chatwidget.prompt.request_snippet.programs import as_curl, as_official, as_python
from chatwidget.prompt.request_snippet.reading import read_request, read_study
from chatwidget.prompt.request_snippet.sending import request_messages
from chatwidget.prompt.request_snippet.study_reading import StudySnippet

__all__ = [
    "StudySnippet",
    "as_curl",
    "as_magic",
    "as_official",
    "as_python",
    "read_request",
    "read_study",
    "request_messages",
]
