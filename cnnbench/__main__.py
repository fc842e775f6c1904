"""`python -m cnnbench` is `cnnbench`."""

from cnnbench.cli.main import program

program()
