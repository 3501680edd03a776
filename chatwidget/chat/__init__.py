"""The state under both faces: the session, its settings, its conversations."""
