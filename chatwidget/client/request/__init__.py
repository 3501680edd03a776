"""What is asked: the table of parameters, and the body of a request. Pure."""
