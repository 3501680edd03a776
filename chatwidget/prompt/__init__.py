"""What goes into a question: flags, templates, attachments, summaries."""
