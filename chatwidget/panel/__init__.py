"""The panel: a chat with live controls on the state that the magic and the code share."""
