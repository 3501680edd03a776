"""Who is asked and with which key."""
