"""`python -m meshscope`."""

from meshscope.cli import main

main()
