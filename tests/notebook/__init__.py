"""Tests of what a person sees; a package, since Jupyter Notebook installs one of this name, too."""
